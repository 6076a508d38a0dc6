package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Roster;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** A bridge to Redis that counts how often its hub reads each room's history. */
final class CountingBridge implements Bridge {

    private final RedisBridge bridge;
    private final Map<String, Integer> readings = new ConcurrentHashMap<>();

    CountingBridge(RedisBridge bridge) {
        this.bridge = bridge;
    }

    /** By room, since the last call. */
    Map<String, Integer> takeReadings() {
        Map<String, Integer> taken = Map.copyOf(readings);
        readings.clear();
        return taken;
    }

    @Override
    public void start(Context context) {
        bridge.start(context);
    }

    @Override
    public Broadcaster broadcaster() {
        Broadcaster broadcaster = bridge.broadcaster();
        return new Broadcaster() {
            @Override
            public CompletionStage<Position> publish(Message message) {
                return broadcaster.publish(message);
            }

            @Override
            public Subscription subscribe(String room) {
                return broadcaster.subscribe(room);
            }

            @Override
            public CompletionStage<HistorySlice> history(String room, Position after, int limit) {
                readings.merge(room, 1, Integer::sum);
                return broadcaster.history(room, after, limit);
            }
        };
    }

    @Override
    public Roster roster() {
        return bridge.roster();
    }

    @Override
    public Directory directory() {
        return bridge.directory();
    }

    @Override
    public void close() {
        bridge.close();
    }
}

package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Roster;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The local bridge, but a test decides when the top of a room is told; until then each join stands still there. */
final class HeldBridge implements Bridge {

    private final Bridge bridge = Bridge.local();
    private @Nullable Broadcaster broadcaster;
    private volatile CompletableFuture<@Nullable Void> gate = CompletableFuture.completedFuture(null);

    void hold() {
        gate = new CompletableFuture<>();
    }

    void letGo() {
        gate.complete(null);
    }

    @Override
    public void start(Context context) {
        bridge.start(context);
        broadcaster = new HeldBroadcaster(bridge.broadcaster());
    }

    @Override
    public Broadcaster broadcaster() {
        return Objects.requireNonNull(broadcaster, "not started");
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

    private final class HeldBroadcaster implements Broadcaster {

        private final Broadcaster broadcaster;

        HeldBroadcaster(Broadcaster broadcaster) {
            this.broadcaster = broadcaster;
        }

        @Override
        public CompletionStage<@Nullable Position> publish(Message message) {
            return broadcaster.publish(message);
        }

        @Override
        public Subscription subscribe(String room) {
            Subscription subscription = broadcaster.subscribe(room);
            return new Subscription() {
                @Override
                public CompletionStage<Position> top() {
                    return gate.thenCompose(open -> subscription.top());
                }

                @Override
                public void close() {
                    subscription.close();
                }
            };
        }

        @Override
        public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
            return broadcaster.history(room, after, limit);
        }
    }
}

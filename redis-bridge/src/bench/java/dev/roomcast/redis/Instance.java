package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.time.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A started bridge. */
final class Instance implements AutoCloseable {

    private static final int AT_ONCE = 2000;

    final RedisEngine engine;
    private final Time time = Time.system("bench");

    Instance(RedisServer redis, Delivery delivery) {
        Bridge.Context context = new Bridge.Context(delivery, time, room -> HistoryLimits.DEFAULT);
        engine = new RedisEngine(RedisBridge.builder(redis.uri()), context, Time.system("bench-redis"));
        engine.start(false);
    }

    /** Subscribes rooms, some at a time, since a question for the top has a deadline. */
    void enter(int rooms) throws Exception {
        for (int from = 0; from < rooms; from += AT_ONCE) {
            List<CompletableFuture<Position>> tops = new ArrayList<>();
            for (int i = from; i < Math.min(rooms, from + AT_ONCE); i++) {
                Subscription subscription = engine.broadcaster.subscribe(Arrivals.room(i));
                tops.add(subscription.top().toCompletableFuture());
            }
            CompletableFuture.allOf(tops.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
        }
    }

    /** A message may have arrived here long before its answer is read, and until then it counts: one more may be refused. */
    void awaitSpace() {
        Session session = engine.publisher.session();
        while (session != null && session.passing().isFull()) {
            LockSupport.parkNanos(100_000);
        }
    }

    @Override
    public void close() {
        engine.close();
        time.close();
    }
}

package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What many who are lost at once cost. */
class RedisRosterTest {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int USERS = 200;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    /** Each of them looked at the room when the first grace was over, found the next one, and waited for that again. */
    @Test
    void all_who_are_lost_in_a_room_wait_for_one_timer_and_one_look() throws Exception {
        RecordingDelivery delivery = new RecordingDelivery();
        ManualTime time = new ManualTime();
        try (RedisServer redis = RedisServer.start();
                RedisBridge bridge = RedisBridge.builder(redis.uri())
                        .timing(Instances.QUICK)
                        .clock(() -> Long.toString(time.millis()))
                        .build()) {
            bridge.start(new Bridge.Context(delivery, time, room -> HistoryLimits.DEFAULT));
            try (Subscription subscription = bridge.broadcaster().subscribe("r")) {
                done(subscription.top());
                for (int i = 0; i < USERS; i++) {
                    done(bridge.roster().join("r", "user " + i, "c" + i, null));
                }
                for (int i = 0; i < USERS; i++) {
                    done(bridge.roster().leave("r", "user " + i, "c" + i, Cause.LOST, GRACE));
                    time.advance(Duration.ofMillis(10));
                }
                assertEquals(1, time.pending());
                long before = calls(redis);
                for (int i = 0; i < 20 && !areGone(delivery); i++) {
                    time.advance(Duration.ofSeconds(1));
                    // A look is answered by a thread of the connection.
                    await().until(() -> time.pending() > 0 || areGone(delivery));
                }
                assertTrue(areGone(delivery));
                assertTrue(calls(redis) - before < USERS, "calls: " + (calls(redis) - before));
            }
        }
    }

    private static boolean areGone(RecordingDelivery delivery) {
        return delivery.changes("r").size() == 2 * USERS;
    }

    private static long calls(RedisServer redis) {
        return redis.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .map(line -> line.replaceAll(".*:calls=(\\d+),.*", "$1"))
                .mapToLong(Long::parseLong)
                .sum();
    }

    private static void done(CompletionStage<?> stage) throws Exception {
        stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}

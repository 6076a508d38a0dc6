package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.redis.Proxy.Way;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What many who are lost at once cost, and what becomes of one who is lost together with the link. */
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

    /** On return it was thrown out at once, whether or not the call had got through. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void who_is_lost_while_the_link_dies_has_its_whole_grace(Way dead) throws Exception {
        RecordingDelivery delivery = new RecordingDelivery();
        ManualTime time = new ManualTime();
        try (RedisServer redis = RedisServer.start();
                Proxy way = new Proxy(redis.port());
                RedisBridge bridge = RedisBridge.builder(way.uri())
                        .timing(Instances.QUICK)
                        .clock(() -> Long.toString(time.millis()))
                        .build()) {
            bridge.start(new Bridge.Context(delivery, time, room -> HistoryLimits.DEFAULT));
            try (Subscription subscription = bridge.broadcaster().subscribe("r")) {
                done(subscription.top());
                done(bridge.roster().join("r", "one", "c1", null));
                done(bridge.roster().join("r", "two", "c2", null));
                long before = way.swallowed();
                way.swallow(dead);
                CompletionStage<?> lost = bridge.roster().leave("r", "two", "c2", Cause.LOST, GRACE);
                await().until(() -> way.swallowed() > before);
                time.advance(Duration.ofSeconds(1));
                way.heal();
                way.cut();
                done(lost);
                await().until(() -> !delivery.isIsolated());
                done(bridge.roster().join("r", "three", "c3", null));
                time.advance(GRACE.minusMillis(1001));
                done(bridge.roster().join("r", "four", "c4", null));
                assertEquals(List.of("JOINED one", "JOINED two", "JOINED three", "JOINED four"), delivery.changes("r"));
                time.advance(Duration.ofMillis(1));
                await().until(() -> delivery.changes("r").contains("LEFT two LOST"));
            }
        }
    }

    /** The list of an instance's connections was made before, and sent after: who had come was thrown out, who had gone stayed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_comes_or_goes_while_the_list_is_being_sent_is_not_lost_in_it(boolean comes) throws Exception {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>();
        Thread sender = Thread.currentThread();
        try (RedisServer redis = RedisServer.start();
                RedisBridge bridge = RedisBridge.builder(redis.uri())
                        .timing(Instances.QUICK)
                        // Asked for each call, when that is complete but for the time.
                        .clock(() -> {
                            Runnable task = Thread.currentThread() == sender ? meanwhile.getAndSet(null) : null;
                            if (task != null) {
                                task.run();
                            }
                            return "";
                        })
                        .build()) {
            bridge.start(new Bridge.Context(new RecordingDelivery(), new ManualTime(), room -> HistoryLimits.DEFAULT));
            Roster roster = bridge.roster();
            done(roster.join("r", "one", "c1", null));
            done(roster.join("r", "two", "c2", null));
            meanwhile.set(() -> {
                if (comes) {
                    roster.join("r", "three", "c3", null);
                } else {
                    roster.leave("r", "two", "c2", Cause.LEAVE, Duration.ZERO);
                }
            });
            done(bridge.engine().roster.sync());
            assertNull(meanwhile.get());
            RosterSnapshot members = roster.read("r").toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertEquals(
                    comes ? List.of("one", "two", "three") : List.of("one"),
                    members.members().stream().map(Member::userId).toList());
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

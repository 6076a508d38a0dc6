package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisSentinels;
import dev.roomcast.testkit.RedisServer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real sentinels lead to the master, whichever it is. */
@Tag("faults")
class SentinelTest {

    private static final String PASSWORD = "right";

    private final RecordingDelivery here = new RecordingDelivery();
    private final RecordingDelivery there = new RecordingDelivery();
    private RedisServer first;
    private RedisServer second;
    private RedisSentinels sentinels;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        first = RedisServer.builder().password(PASSWORD).start();
        second = first.startReplica();
        sentinels = new RedisSentinels(first, PASSWORD);
    }

    @AfterEach
    void stop() {
        sentinels.close();
        second.close();
        first.close();
    }

    @Test
    void a_failover_moves_both_links_to_the_new_master() throws Exception {
        try (RedisBridge one = RedisBridge.connect(uri("main"));
                RedisBridge two = RedisBridge.connect(uri("main"))) {
            start(one, here);
            start(two, there);
            two.broadcaster().subscribe("lobby").top().toCompletableFuture().get(10, TimeUnit.SECONDS);
            get(publish(one, "before"));
            await().until(() -> heard("before"));
            // The first that the URI names does not answer any more either.
            sentinels.kill(0);
            first.kill();
            await().until(here::isIsolated);
            CompletionStage<Position> meanwhile = publish(one, "after");
            await().ignoreExceptions().atMost(30, TimeUnit.SECONDS).until(() -> sentinels.master() == second.port());
            await().ignoreExceptions()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() -> !here.isIsolated() && !there.isIsolated());
            // One that waited longer than its deadline was refused, and is repeated.
            if (meanwhile
                    .toCompletableFuture()
                    .handle((done, failure) -> failure != null)
                    .get(15, TimeUnit.SECONDS)) {
                get(publish(one, "after"));
            }
            await().until(() -> heard("after"));
            assertTrue(second.command("KEYS", "*").contains("roomcast:{lobby}:s"));

            // The old one comes back as a replica, and nobody is led to it.
            first.restart();
            await().ignoreExceptions()
                    .atMost(30, TimeUnit.SECONDS)
                    .until(() -> first.command("INFO", "replication").contains("role:slave"));
            get(publish(one, "last"));
            await().until(() -> heard("last"));
        }
    }

    @Test
    void a_master_that_no_sentinel_knows_is_named_with_the_cause() {
        RedisBridge bridge = RedisBridge.builder(uri("other")).failFast().build();
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(bridge, here));
        String said = refused.getMessage();
        assertTrue(
                said.startsWith("Redis at other of the sentinels at "
                        + sentinels.hosts().replace(",", ", ")),
                said);
        assertTrue(said.contains("masterId other"), said);
        assertTrue(!said.contains(PASSWORD), said);
    }

    @Test
    void a_sentinel_that_is_taken_for_a_redis_fails_the_start() {
        RedisBridge bridge = RedisBridge.connect("redis://127.0.0.1:" + sentinels.port(0));
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(bridge, here));
        assertTrue(refused.getMessage().contains("it is a sentinel"), refused.getMessage());
    }

    private String uri(String master) {
        return "redis-sentinel://:" + PASSWORD + "@" + sentinels.hosts() + "#" + master;
    }

    private boolean heard(String content) {
        return there.messages("lobby").stream()
                .anyMatch(message -> content.equals(message.content().text()));
    }

    private static void start(Bridge bridge, RecordingDelivery delivery) {
        bridge.start(new Bridge.Context(delivery, new ManualTime(), room -> HistoryLimits.DEFAULT));
    }

    private static CompletionStage<Position> publish(Bridge bridge, String content) {
        return bridge.broadcaster().publish(Message.chat(content).in("lobby", 1));
    }

    private static void get(CompletionStage<Position> published) throws Exception {
        assertTrue(published.toCompletableFuture().get(15, TimeUnit.SECONDS).offset() > 0);
    }
}

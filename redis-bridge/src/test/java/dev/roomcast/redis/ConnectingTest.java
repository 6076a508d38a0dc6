package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How a bridge finds its Redis, and what it says when it does not. */
class ConnectingTest {

    private final RecordingDelivery delivery = new RecordingDelivery();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void a_malformed_uri_is_refused_without_its_secret() {
        for (String uri : List.of(
                "redis://:s3cret@host:notaport",
                "redis://:s3cret@ho st",
                "http://:s3cret@host",
                "redis://:s3cret@ho_st:1",
                "redis://:s3:cret#word@host",
                "redis://:s3cret?word@host",
                "redis://:s3cret/word@host",
                "redis://:s3cret",
                "redis://s3cret#word@host",
                "redis://s3cret?word@host",
                "redis://s3cret:1#word@host",
                "redis://s3cret:1?word@host",
                "redis://host#s3cret",
                "rediss://s3cret:s3cret#@host",
                "redis-sentinel://:s3:cret#word@host",
                "redis-sentinel://s3cret#word@host",
                "")) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> RedisBridge.connect(uri), uri);
            assertFalse(refused.getMessage().contains("s3cret"));
            assertNull(refused.getCause());
        }
    }

    @Test
    void other_uris_are_not_taken_for_malformed() {
        for (String uri : List.of(
                "redis://[::1]:1/2",
                "redis://user:s3:cr%23et@host:1/2?timeout=5s&clientName=a@b",
                "rediss://host",
                "redis-sentinel://:s3cret@one,two:2/3#main")) {
            assertDoesNotThrow(() -> RedisBridge.connect(uri), uri);
        }
    }

    @Test
    void a_wrong_password_fails_the_start_without_telling_it() {
        try (RedisServer redis = RedisServer.builder().password("right").start()) {
            for (String who : List.of(":s3cret@", "nobody:s3cret@", "")) {
                RedisBridge bridge = RedisBridge.connect("redis://" + who + "127.0.0.1:" + redis.port());
                IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(bridge));
                String expected = "Redis at 127.0.0.1:" + redis.port() + " refuses user or password: ";
                assertTrue(refused.getMessage().startsWith(expected), refused.getMessage());
                assertFalse(refused.getMessage().contains("s3cret"), refused.getMessage());
                assertNull(refused.getCause());
                bridge.close();
            }
        }
    }

    @Test
    void a_right_password_is_let_in() throws Exception {
        try (RedisServer redis = RedisServer.builder().password("right").start();
                RedisBridge bridge = RedisBridge.connect(redis.uri())) {
            start(bridge);
            assertEquals(1, offset(publish(bridge, "a")));
        }
    }

    @Test
    void a_redis_that_is_absent_at_the_start_is_joined_when_it_comes() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RedisBridge bridge = RedisBridge.connect(redis.uri())) {
            redis.kill();
            start(bridge);
            assertTrue(delivery.isIsolated());
            CompletionStage<Position> early = publish(bridge, "a");
            assertFalse(early.toCompletableFuture().isDone());
            redis.restart();
            assertEquals(1, offset(early));
            await().until(() -> !delivery.isIsolated());
        }
    }

    @Test
    void who_wants_to_fail_fast_does_when_redis_is_absent_at_the_start() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            redis.kill();
            String uri = "redis://someone:s3cret@127.0.0.1:" + redis.port();
            RedisBridge bridge = RedisBridge.builder(uri).failFast().build();
            IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(bridge));
            String expected = "Redis at 127.0.0.1:" + redis.port() + " cannot be reached: Connection refused";
            assertTrue(refused.getMessage().startsWith(expected), refused.getMessage());
            assertFalse(refused.getMessage().contains("s3cret"), refused.getMessage());
            assertNull(refused.getCause());
            redis.restart();
            try (RedisBridge second =
                    RedisBridge.builder(redis.uri()).failFast().build()) {
                start(second);
                assertEquals(1, offset(publish(second, "a")));
            }
        }
    }

    @Test
    void it_works_over_tls_with_a_client_of_the_application_and_leaves_that_open() throws Exception {
        try (RedisServer redis = RedisServer.builder().tls().password("right").start();
                RedisClient client = RedisClient.create()) {
            client.setOptions(ClientOptions.builder()
                    .sslOptions(SslOptions.builder()
                            .trustManager(redis.certificate().toFile())
                            .build())
                    .build());
            RedisURI uri = RedisURI.create(redis.uri());
            try (RedisBridge bridge =
                    RedisBridge.builder(client, uri).prefix("other").build()) {
                start(bridge);
                assertEquals(1, offset(publish(bridge, "a")));
            }
            assertTrue(client.getOptions().isAutoReconnect());
            assertEquals("PONG", client.connect(uri).sync().ping());
            assertTrue(redis.command("KEYS", "*").lines().allMatch(key -> key.startsWith("other:{lobby}:")));
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    @Test
    void it_is_content_with_the_rights_that_its_readme_names() throws Exception {
        withRightsOfReadme(0);
    }

    @Test
    void it_is_content_with_the_rights_that_its_readme_names_in_another_database() throws Exception {
        withRightsOfReadme(1);
    }

    private void withRightsOfReadme(int database) throws Exception {
        String acl = Files.readString(Path.of("README.md"))
                .lines()
                .filter(line -> line.startsWith("ACL SETUSER roomcast "))
                .findFirst()
                .orElseThrow();
        try (RedisServer redis = RedisServer.start()) {
            redis.command(acl.split(" "));
            String uri = "redis://roomcast:password@127.0.0.1:" + redis.port() + "/" + database;
            String leases = "redis.call('SELECT', " + database + ") return redis.call('ZCARD', KEYS[1])";
            try (RedisBridge bridge = RedisBridge.connect(uri + "?clientName=chat");
                    RedisBridge other = RedisBridge.connect(uri)) {
                start(bridge);
                start(other);
                exercise(bridge, other);
                assertEquals("2", redis.command("EVAL", leases, "1", "roomcast:{*}:l"));
            }
            assertEquals("", redis.command("ACL", "LOG"), "nothing was refused");
        }
    }

    /** Calls what the bridge can do, script by script. */
    private void exercise(RedisBridge bridge, RedisBridge other) throws Exception {
        get(bridge.broadcaster().subscribe("lobby").top());
        assertEquals(1, offset(publish(bridge, "a")));
        assertEquals(
                2,
                offset(bridge.broadcaster()
                        .publish(Message.chat("b").in("lobby", 2).from("one").id("i1"))));
        get(bridge.broadcaster().publish(Message.chat("c").in("lobby", 3).asVolatile()));
        await().until(() -> delivery.messages("lobby").stream()
                .anyMatch(message -> message.content().text().equals("c")));
        assertEquals(
                2,
                get(other.broadcaster().history("lobby", null, 10)).messages().size());
        join(bridge, "lobby");
        get(other.roster().update("lobby", "one", null));
        get(other.roster().read("lobby"));
        await().until(() -> delivery.changes("lobby").contains("JOINED one"));
        get(bridge.roster().leave("lobby", "one", "c1", RosterChange.Cause.LEAVE, Duration.ZERO));
        assertTrue(get(bridge.directory().enter("one", "c1", 5, false)));
        // Right after it the instance may not listen yet.
        await().until(() -> get(other.directory().signal(new Signal.Recheck("one"))) >= 0);
        get(bridge.directory().leave("one", "c1"));
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void it_works_for_a_user_who_may_not_load_scripts() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            String rights = "~roomcast:* &roomcast:* +@read +@write +eval +evalsha +@pubsub +@connection +info +time";
            redis.command(("ACL SETUSER app on >pw " + rights).split(" "));
            try (RedisBridge bridge = RedisBridge.connect("redis://app:pw@127.0.0.1:" + redis.port())) {
                start(bridge);
                assertEquals(1, offset(publish(bridge, "a")));
                join(bridge, "lobby");
            }
        }
    }

    /** Each call of an unknown script would be sent again as a whole, behind those that came after it. */
    @Test
    void a_redis_that_was_restarted_knows_the_scripts_before_anything_calls_them() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RedisBridge bridge = RedisBridge.connect(redis.uri())) {
            start(bridge);
            for (int i = 0; i < 20; i++) {
                join(bridge, "room-" + i);
            }
            redis.restartEmpty();
            await().until(() -> redis.command("ZCARD", "roomcast:{*}:l").equals("1"));
            for (int i = 0; i < 40; i++) {
                join(bridge, "room-" + i);
            }
            offset(publish(bridge, "a"));
            String commands = redis.command("INFO", "commandstats");
            assertTrue(commands.contains("cmdstat_evalsha:"), commands);
            assertTrue(commands.contains("cmdstat_eval:calls=1,"), "the probe of the new connection: " + commands);
        }
    }

    @Test
    void closing_ends_every_thread_and_refuses_what_waits() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            RedisBridge bridge = RedisBridge.connect(redis.uri());
            start(bridge);
            offset(publish(bridge, "a"));
            redis.freeze();
            CompletionStage<Position> waits = publish(bridge, "b");
            bridge.close();
            bridge.close();
            assertThrows(Exception.class, () -> waits.toCompletableFuture().get(10, TimeUnit.SECONDS));
            assertThrows(
                    Exception.class,
                    () -> publish(bridge, "c").toCompletableFuture().get(10, TimeUnit.SECONDS));
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .noneMatch(name -> name.contains("lettuce") || name.contains("roomcast-redis-")));
            redis.thaw();
        }
    }

    private void start(Bridge bridge) {
        bridge.start(new Bridge.Context(delivery, new ManualTime(), room -> HistoryLimits.DEFAULT));
    }

    private static void join(Bridge bridge, String room) throws Exception {
        bridge.roster().join(room, "one", "c1", null).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static CompletionStage<Position> publish(Bridge bridge, String content) {
        return bridge.broadcaster().publish(Message.chat(content).in("lobby", 1));
    }

    private static long offset(CompletionStage<Position> published) throws Exception {
        return published.toCompletableFuture().get(10, TimeUnit.SECONDS).offset();
    }
}

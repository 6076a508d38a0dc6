package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.ConfiguredRedis;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Redis that answers and cannot serve: said once, in its own words, and before anyone is told "connected". */
class ServingTest {

    private static final String ALL = "+@read +@write +@scripting +@pubsub +@connection +info +time";

    private final RecordingDelivery delivery = new RecordingDelivery();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void rights_that_are_missing_fail_the_start() {
        try (RedisServer redis = RedisServer.start();
                LogLines log = new LogLines()) {
            refuses(redis, "~other:* &roomcast:* " + ALL, "keys");
            refuses(redis, "~roomcast:* &other:* " + ALL, "channel");
            refuses(redis, "~roomcast:* &roomcast:i:* " + ALL, "channel");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -@scripting", "eval");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -evalsha", "evalsha");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -zadd", "ZADD: ");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -time", "TIME: ");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -del", "DEL: ");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -publish", "PUBLISH: ");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -subscribe", "subscribe");
            refuses(redis, "~roomcast:* &roomcast:* " + ALL + " -info", "info");
            assertEquals(List.of(), log.containing("Connected"));
            assertEquals("", redis.command("KEYS", "*"), "the probe leaves nothing behind");
        }
    }

    @Test
    void a_database_that_is_not_there_fails_the_start() {
        try (RedisServer redis = RedisServer.start()) {
            String said = refusal(RedisBridge.connect(redis.uri() + "/99"));
            assertTrue(said.endsWith(" cannot be used: ERR DB index is out of range"), said);
        }
    }

    @Test
    void a_certificate_that_is_not_trusted_fails_the_start() {
        try (RedisServer redis = RedisServer.builder().tls().start()) {
            String said = refusal(RedisBridge.connect(redis.uri()));
            assertTrue(said.contains(" cannot be used: TLS: "), said);
            assertTrue(said.contains("certification path"), said);
        }
    }

    @Test
    void a_port_of_something_else_fails_the_start() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerAsTheWeb(web), "web");
            server.setDaemon(true);
            server.start();
            String where = "127.0.0.1:" + web.getLocalPort();
            String said = refusal(RedisBridge.connect("redis://" + where));
            assertTrue(said.contains("it does not speak Redis's protocol: Invalid first byte"), said);
            said = refusal(RedisBridge.connect("rediss://" + where));
            assertTrue(said.contains("it does not speak TLS"), said);
        }
    }

    private static void answerAsTheWeb(ServerSocket web) {
        while (!web.isClosed()) {
            try {
                Socket client = web.accept();
                // The bridge has two connections, and neither waits for the other.
                Thread conversation = new Thread(() -> answerAsTheWeb(client), "web-client");
                conversation.setDaemon(true);
                conversation.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answerAsTheWeb(Socket client) {
        try (client) {
            if (client.getInputStream().read() >= 0) {
                client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().flush();
                client.shutdownOutput();
                client.getInputStream().readAllBytes();
            }
        } catch (IOException gone) {
            // It has had its answer, or does not want one.
        }
    }

    /** Redis waits for the end of the line that it takes the greeting of TLS for; so nothing but time tells. */
    @Tag("faults")
    @Test
    void tls_and_none_meet_with_a_cause() {
        try (RedisServer redis = RedisServer.builder().tls().start()) {
            for (String uri :
                    List.of("rediss://127.0.0.1:" + redis.port(), redis.uri().replace("rediss:", "redis:"))) {
                String said = refusal(RedisBridge.builder(uri).failFast().build());
                assertTrue(said.matches("Redis at \\S+ cannot be (used|reached): .+"), said);
            }
        }
    }

    @Test
    void a_cluster_of_several_masters_fails_the_start_and_one_of_a_single_master_does_not() {
        try (ConfiguredRedis redis = new ConfiguredRedis("--cluster-enabled", "yes");
                ConfiguredRedis other = new ConfiguredRedis("--cluster-enabled", "yes")) {
            redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await().until(() -> redis.command("CLUSTER", "INFO").contains("cluster_state:ok"));
            try (RedisBridge bridge = RedisBridge.connect("redis://127.0.0.1:" + redis.port())) {
                start(bridge);
                await().until(() -> !delivery.isIsolated());
            }
            redis.command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
            await().until(() -> redis.command("CLUSTER", "NODES").lines().count() == 2
                    && !redis.command("CLUSTER", "NODES").contains("handshake"));
            redis.command("CLUSTER", "DELSLOTSRANGE", "0", "99");
            other.command("CLUSTER", "ADDSLOTSRANGE", "0", "99");
            await().until(() -> redis.command("CLUSTER", "INFO").contains("cluster_size:2"));
            String said = refusal(RedisBridge.connect("redis://127.0.0.1:" + redis.port()));
            assertTrue(said.contains("a Redis Cluster of 2 masters"), said);
        }
    }

    /** It said "connected" and "lost" every three seconds, for as long as it was a replica. */
    @Tag("faults")
    @Test
    void a_replica_is_waited_for_and_said_once() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = primary.startReplica();
                LogLines log = new LogLines();
                RedisBridge bridge = RedisBridge.connect(replica.uri())) {
            start(bridge);
            assertTrue(delivery.isIsolated());
            // Longer than the pause after which a replica was tried again.
            await().during(4, TimeUnit.SECONDS).atMost(6, TimeUnit.SECONDS).until(delivery::isIsolated);
            assertEquals(List.of(), log.containing("Connected"));
            assertEquals(1, log.warnings().size(), log.warnings().toString());
            assertTrue(log.warnings().get(0).contains("it is a replica that takes no writes"));
            replica.promote();
            await().until(() -> !delivery.isIsolated());
            assertEquals(1, publish(bridge));
        }
    }

    @Test
    void rights_that_are_taken_later_isolate_the_instance_and_are_said_once() throws Exception {
        try (RedisServer redis = RedisServer.start();
                LogLines log = new LogLines()) {
            redis.command(("ACL SETUSER app on >pw ~roomcast:* &roomcast:* " + ALL).split(" "));
            try (RedisBridge bridge = RedisBridge.connect("redis://app:pw@127.0.0.1:" + redis.port())) {
                start(bridge);
                assertEquals(1, publish(bridge));
                redis.command("ACL SETUSER app -evalsha".split(" "));
                bridge.roster().join("lobby", "one", "c1", null);
                await().atMost(20, TimeUnit.SECONDS).until(delivery::isIsolated);
                await().during(2, TimeUnit.SECONDS).until(delivery::isIsolated);
                assertEquals(2, log.warnings().size(), log.warnings().toString());
                assertEquals(1, log.containing("NOPERM").size(), log.warnings().toString());
                redis.command("ACL SETUSER app +evalsha".split(" "));
                await().until(() -> !delivery.isIsolated());
                assertEquals(2, publish(bridge));
            }
        }
    }

    /** Only the ones whose room it is are concerned: to give up the links would harm all others. */
    @Tag("faults")
    @Test
    void rights_that_are_missing_for_a_room_alone_are_said_and_cost_no_link() throws Exception {
        try (RedisServer redis = RedisServer.start();
                LogLines log = new LogLines()) {
            redis.command(
                    ("ACL SETUSER app on >pw ~roomcast:{\\*}:* ~roomcast:{lobby}:* &roomcast:* " + ALL).split(" "));
            try (RedisBridge bridge = RedisBridge.connect("redis://app:pw@127.0.0.1:" + redis.port())) {
                start(bridge);
                bridge.roster().join("other", "one", "c1", null);
                await().until(() -> log.warnings().size() == 1);
                assertTrue(
                        log.warnings().get(0).contains("refuses a command: NOPERM"),
                        log.warnings().toString());
                await().during(4, TimeUnit.SECONDS).atMost(6, TimeUnit.SECONDS).until(() -> !delivery.isIsolated());
                assertEquals(1, log.warnings().size(), log.warnings().toString());
                assertEquals(1, publish(bridge));
            }
        }
    }

    @Tag("faults")
    @Test
    void each_cause_of_an_absence_is_said_once() throws Exception {
        try (RedisServer redis = RedisServer.start();
                LogLines log = new LogLines();
                RedisBridge bridge = RedisBridge.connect("redis://app:pw@127.0.0.1:" + redis.port())) {
            redis.command("ACL SETUSER app on >pw ~* &* +@all".split(" "));
            start(bridge);
            redis.kill();
            await().until(() -> log.containing("Connection refused").size() == 1);
            redis.restart();
            redis.command("ACL SETUSER app on >pw ~* &* +@all".split(" "));
            await().until(() -> !delivery.isIsolated());
            redis.command("ACL SETUSER app off".split(" "));
            redis.command("CLIENT", "KILL", "USER", "app");
            await().until(() -> log.containing("WRONGPASS").size() == 1);
            await().during(2, TimeUnit.SECONDS).until(delivery::isIsolated);
            assertEquals(
                    1,
                    log.containing("Connection refused").size(),
                    log.warnings().toString());
            assertEquals(1, log.containing("WRONGPASS").size(), log.warnings().toString());
        }
    }

    /** The interrupted thread got a hub that said "connected", and had no Redis. */
    @Test
    void a_start_that_is_interrupted_is_isolated_until_redis_is_there() throws Exception {
        try (RedisServer redis = RedisServer.start();
                RedisBridge bridge = RedisBridge.connect(redis.uri())) {
            redis.freeze();
            Thread.currentThread().interrupt();
            start(bridge);
            assertTrue(Thread.interrupted(), "it stays set");
            assertTrue(delivery.isIsolated());
            redis.thaw();
            await().until(() -> !delivery.isIsolated());
            assertEquals(1, publish(bridge));
        }
    }

    @Test
    void a_start_that_is_interrupted_fails_if_it_is_to_fail_fast() {
        try (RedisServer redis = RedisServer.start()) {
            redis.freeze();
            RedisBridge bridge = RedisBridge.builder(redis.uri()).failFast().build();
            Thread.currentThread().interrupt();
            String said = refusal(bridge);
            assertTrue(Thread.interrupted(), "it stays set");
            assertTrue(said.endsWith(" cannot be reached: interrupted while waiting for it"), said);
            redis.thaw();
        }
    }

    private void refuses(RedisServer redis, String rights, String word) {
        redis.command("ACL", "DELUSER", "app");
        redis.command(("ACL SETUSER app on >s3cret resetchannels " + rights).split(" "));
        String said = refusal(RedisBridge.connect("redis://app:s3cret@127.0.0.1:" + redis.port()));
        assertTrue(said.contains(" cannot be used: ") && said.contains(word), rights + " → " + said);
        assertFalse(said.contains("s3cret"), said);
    }

    private String refusal(RedisBridge bridge) {
        try {
            return assertThrows(IllegalStateException.class, () -> start(bridge))
                    .getMessage();
        } finally {
            bridge.close();
        }
    }

    private void start(Bridge bridge) {
        bridge.start(new Bridge.Context(delivery, new ManualTime(), room -> HistoryLimits.DEFAULT));
    }

    private static long publish(Bridge bridge) throws Exception {
        return bridge.broadcaster()
                .publish(Message.chat("a").in("lobby", 1))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .offset();
    }
}

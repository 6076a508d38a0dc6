package dev.roomcast.redis;

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
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.resource.Transports;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each form of URI that Lettuce knows works, or is refused when the bridge is made. */
class RedisUriTest {

    private final RecordingDelivery delivery = new RecordingDelivery();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void nothing_that_a_uri_says_is_lost_in_the_copy() {
        RedisCredentialsProvider provider = RedisCredentialsProvider.from(() -> RedisCredentials.just("app", "s3cret"));
        RedisURI sentinel = RedisURI.Builder.redis("one", 1)
                .withPassword("s3cret")
                .withTimeout(Duration.ofMinutes(3))
                .build();
        RedisURI uri = RedisURI.builder()
                .withSentinel(sentinel)
                .withSentinel("two", 2)
                .withSentinelMasterId("main")
                .withDatabase(3)
                .withClientName("chat")
                .withLibraryName("library")
                .withLibraryVersion("1.2")
                .withAuthentication(provider)
                .withSsl(true)
                .withVerifyPeer(false)
                .build();
        RedisAddress copy = RedisAddress.of(uri).within(Duration.ofSeconds(2));
        assertEquals(uri.getSentinels(), copy.getSentinels());
        assertEquals(
                uri.getSentinels().get(0).getCredentialsProvider(),
                copy.getSentinels().get(0).getCredentialsProvider());
        assertEquals("main", copy.getSentinelMasterId());
        assertEquals(3, copy.getDatabase());
        assertEquals("chat", copy.getClientName());
        assertEquals("library", copy.getLibraryName());
        assertEquals("1.2", copy.getLibraryVersion());
        assertEquals(provider, copy.getCredentialsProvider());
        assertTrue(copy.isSsl());
        assertFalse(copy.isVerifyPeer());
        assertEquals(Duration.ofSeconds(2), copy.getTimeout());
        assertEquals(Duration.ofSeconds(2), copy.getSentinels().get(0).getTimeout());
        assertEquals("main of the sentinels at one:1, two:2", copy.toString());
        // The application's own stays as it was.
        assertEquals(Duration.ofMinutes(1), uri.getTimeout());
        assertEquals(Duration.ofMinutes(1), uri.getSentinels().get(0).getTimeout());
    }

    @Test
    void a_database_a_user_and_names_hold_and_a_timeout_does_not() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            redis.command("ACL SETUSER app on >pw ~* &* +@all".split(" "));
            String uri = "redis://app:pw@127.0.0.1:" + redis.port() + "/2?clientName=chat&timeout=1ns";
            try (RedisBridge bridge = RedisBridge.connect(uri)) {
                works(bridge);
                List<String> clients = redis.command("CLIENT", "LIST")
                        .lines()
                        .filter(line -> line.contains("user=app"))
                        .toList();
                assertEquals(2, clients.size(), clients.toString());
                assertTrue(clients.stream().allMatch(line -> line.contains("name=chat")), clients.toString());
                assertTrue(redis.command("INFO", "keyspace").contains("db2:"));
                assertFalse(redis.command("INFO", "keyspace").contains("db0:"));
            }
        }
    }

    @Test
    void a_provider_is_asked_for_credentials_at_each_connect() throws Exception {
        try (RedisServer redis = RedisServer.builder().password("right").start();
                RedisClient client = RedisClient.create()) {
            AtomicInteger asked = new AtomicInteger();
            RedisURI uri = RedisURI.builder()
                    .withHost("127.0.0.1")
                    .withPort(redis.port())
                    .withAuthentication(RedisCredentialsProvider.from(() -> {
                        asked.incrementAndGet();
                        return RedisCredentials.just(null, "right");
                    }))
                    .build();
            try (RedisBridge bridge = RedisBridge.builder(client, uri).build()) {
                works(bridge);
                assertTrue(asked.get() >= 2, asked.toString());
            }
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    @Test
    void a_client_certificate_of_the_applications_client_is_shown() throws Exception {
        try (RedisServer redis = RedisServer.builder().tls().start();
                RedisClient client = RedisClient.create()) {
            redis.command("CONFIG", "SET", "tls-auth-clients", "yes");
            RedisURI uri = RedisURI.create(redis.uri());
            SslOptions trusting = SslOptions.builder()
                    .trustManager(redis.certificate().toFile())
                    .build();
            client.setOptions(ClientOptions.builder().sslOptions(trusting).build());
            try (RedisBridge bridge = RedisBridge.builder(client, uri).build()) {
                IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(bridge));
                assertTrue(refused.getMessage().contains("cannot be used: TLS: "), refused.getMessage());
            }
            SslOptions known = trusting.mutate()
                    .keyManager(
                            redis.certificate().toFile(),
                            redis.certificate().resolveSibling("redis.key").toFile(),
                            new char[0])
                    .build();
            client.setOptions(ClientOptions.builder().sslOptions(known).build());
            try (RedisBridge bridge = RedisBridge.builder(client, uri).build()) {
                works(bridge);
            }
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    @Test
    void the_certificate_need_not_be_trusted_if_the_uri_says_so() throws Exception {
        try (RedisServer redis = RedisServer.builder().tls().start();
                RedisBridge bridge = RedisBridge.connect(redis.uri() + "?verifyPeer=NONE")) {
            works(bridge);
        }
    }

    /** On a machine without Netty's native transport it is refused at once: it would be tried for ever, in vain. */
    @Test
    void a_unix_socket_works_with_the_native_transport_and_is_refused_without() throws Exception {
        if (!Transports.NativeTransports.isDomainSocketSupported()) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> RedisBridge.connect("redis-socket:///tmp/redis.sock"));
            assertTrue(refused.getMessage().contains("netty-transport-native-epoll"), refused.getMessage());
            return;
        }
        try (ConfiguredRedis redis = new ConfiguredRedis("--unixsocket", "redis.sock");
                RedisBridge bridge =
                        RedisBridge.connect("redis-socket://" + redis.file("redis.sock") + "?database=1")) {
            works(bridge);
            assertTrue(redis.command("INFO", "keyspace").contains("db1:"));
        }
    }

    @Test
    void seeds_of_a_cluster_are_refused_when_the_bridge_is_made() {
        for (String uri : List.of(
                "redis://:s3cret@one,two",
                "redis://:s3cret@one:1,two:2",
                "rediss://:s3cret@one:1,two/1",
                "redis://:s3cret@one,two?timeout=5s")) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> RedisBridge.connect(uri), uri);
            assertTrue(refused.getMessage().contains("Redis Cluster"), refused.getMessage());
            assertFalse(refused.getMessage().contains("s3cret"));
        }
    }

    @Test
    void a_uri_that_leads_nowhere_is_refused_when_the_bridge_is_made() {
        try (RedisClient client = RedisClient.create()) {
            RedisURI noMaster =
                    RedisURI.builder().withSentinel("one").withSentinel("two").build();
            for (RedisURI uri : List.of(new RedisURI(), noMaster)) {
                assertThrows(IllegalArgumentException.class, () -> RedisBridge.builder(client, uri));
            }
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
        assertThrows(IllegalArgumentException.class, () -> RedisBridge.connect("redis-sentinel://one,two"));
    }

    private void works(RedisBridge bridge) throws Exception {
        start(bridge);
        assertEquals(
                1,
                bridge.broadcaster()
                        .publish(Message.chat("a").in("lobby", 1))
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .offset());
    }

    private void start(Bridge bridge) {
        bridge.start(new Bridge.Context(delivery, new ManualTime(), room -> HistoryLimits.DEFAULT));
    }
}

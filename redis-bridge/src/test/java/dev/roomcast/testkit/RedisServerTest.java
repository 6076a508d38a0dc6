package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.RedisServer.Persistence;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SslOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisServerTest {

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void it_runs_and_leaves_neither_process_nor_file_behind() {
        RedisServer redis = RedisServer.start();
        long pid = Long.parseLong(redis.command("INFO", "server").replaceAll("(?s).*process_id:(\\d+).*", "$1"));
        assertEquals("PONG", redis.command("PING"));
        assertTrue(ProcessHandle.of(pid).isPresent());
        redis.close();
        redis.close();
        assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        assertFalse(Files.exists(redis.certificate().getParent()));
        assertThrows(UncheckedIOException.class, () -> redis.command("PING"));
    }

    @Test
    void without_persistence_it_forgets_when_it_is_killed() {
        try (RedisServer redis = RedisServer.start()) {
            redis.command("SET", "a", "1");
            int port = redis.port();
            redis.restart();
            assertEquals(port, redis.port());
            assertEquals("", redis.command("GET", "a"));
        }
    }

    @Test
    void with_persistence_it_remembers_unless_it_is_to_start_empty() {
        try (RedisServer redis =
                RedisServer.builder().persistence(Persistence.ALWAYS).start()) {
            redis.command("SET", "a", "1");
            redis.kill();
            redis.restart();
            assertEquals("1", redis.command("GET", "a"));
            assertEquals("appendfsync\nalways", redis.command("CONFIG", "GET", "appendfsync"));
            redis.restartEmpty();
            assertEquals("", redis.command("GET", "a"));
        }
        try (RedisServer redis =
                RedisServer.builder().persistence(Persistence.EVERY_SECOND).start()) {
            assertEquals("appendfsync\neverysec", redis.command("CONFIG", "GET", "appendfsync"));
        }
    }

    @Test
    void a_frozen_one_accepts_connections_and_answers_nothing() throws IOException {
        try (RedisServer redis = RedisServer.start()) {
            redis.freeze();
            try (RedisCommand waiting = new RedisCommand(redis.port(), 200)) {
                assertThrows(IOException.class, () -> waiting.ask("PING"));
            }
            redis.thaw();
            assertEquals("PONG", redis.command("PING"));
            redis.freeze();
        }
    }

    @Test
    void it_asks_for_its_password() {
        try (RedisServer redis = RedisServer.builder().password("s3cret").start()) {
            assertEquals("PONG", redis.command("PING"));
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> RedisCommand.run(redis.port(), "", "PING"));
            assertTrue(refused.getMessage().contains("NOAUTH"));
        }
    }

    @Test
    void it_speaks_tls() {
        try (RedisServer redis = RedisServer.builder().tls().password("s3cret").start()) {
            try (RedisClient client = RedisClient.create(redis.uri())) {
                client.setOptions(ClientOptions.builder()
                        .sslOptions(SslOptions.builder()
                                .trustManager(redis.certificate().toFile())
                                .build())
                        .build());
                assertEquals("PONG", client.connect().sync().ping());
                client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            }
        }
    }

    @Test
    void a_replica_follows_until_it_is_promoted() {
        try (RedisServer redis = RedisServer.builder().password("s3cret").start();
                RedisServer replica = redis.startReplica()) {
            redis.command("SET", "a", "1");
            redis.command("WAIT", "1", "5000");
            assertEquals("1", replica.command("GET", "a"));
            assertThrows(IllegalStateException.class, () -> replica.command("SET", "a", "2"));
            redis.kill();
            replica.promote();
            assertEquals("OK", replica.command("SET", "a", "2"));
        }
    }
}

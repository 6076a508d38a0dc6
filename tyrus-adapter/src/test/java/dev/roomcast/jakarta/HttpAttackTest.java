package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.jakarta.behaviour.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client does before it is upgraded delays no other, costs little, and ends. */
@Timeout(60)
class HttpAttackTest {

    private static final String FILE = "GET /roomcast/roomcast.js HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final int PIPELINED = 400;

    private final Rooms rooms = Rooms.builder().build();
    private final List<RawClient> attackers = new ArrayList<>();
    private final LogWatch log = LogWatch.start();
    private RoomServer server = null;

    private RoomServer start(int idleSeconds) throws IOException {
        server = RoomServer.builder()
                .port(0)
                .resources("web")
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .idleSeconds(idleSeconds)
                .start();
        return server;
    }

    @AfterEach
    void close() {
        attackers.forEach(RawClient::vanish);
        rooms.close();
        server.close();
        log.close();
    }

    private RawClient attacker() {
        RawClient attacker = RawClient.dialNarrow(server.port());
        attackers.add(attacker);
        return attacker;
    }

    private void pipelineUnread() {
        attacker().sendBytes(FILE.repeat(PIPELINED).getBytes(StandardCharsets.US_ASCII));
    }

    private void othersAreServed() {
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            try (RawClient page = RawClient.dial(server.port());
                    RawClient member = RawClient.dial(server.port())) {
                assertTrue(page.exchange(FILE).startsWith("HTTP/1.1 200"));
                member.upgrade("room=lobby&user=ann").nextContaining("user_joined");
            }
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(taken.toSeconds() < 20, () -> "20 pages and 20 handshakes took " + taken);
    }

    /** Each of four workers waited for one of them, and there are four. */
    @Test
    void files_that_are_not_read_delay_nobody() throws IOException {
        start(30);
        for (int i = 0; i < 40; i++) {
            pipelineUnread();
        }
        othersAreServed();
    }

    @Test
    void a_client_that_does_not_take_its_answers_is_ended() throws IOException {
        start(1);
        pipelineUnread();
        await().atMost(Duration.ofSeconds(30)).until(() -> attackers.get(0).isCut());
    }

    @Test
    void pipelined_requests_are_answered_one_after_the_other() throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port())) {
            client.sendBytes(
                    "HEAD /app.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(PIPELINED).getBytes(StandardCharsets.US_ASCII));
            client.sendBytes("HEAD /absent.js HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < PIPELINED; i++) {
                assertTrue(client.exchange("").startsWith("HTTP/1.1 200"));
            }
            assertTrue(client.exchange("").startsWith("HTTP/1.1 404"));
        }
    }

    /** Bytes that come do not prolong it. */
    @Test
    void a_request_that_never_ends_is_ended() throws IOException {
        start(1);
        RawClient slow = attacker();
        slow.sendBytes("GET /rooms?user=a HTTP/1.1\r\nHost: x\r\nA: ".getBytes(StandardCharsets.US_ASCII));
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> isEnded(slow));
        othersAreServed();
    }

    private static boolean isEnded(RawClient client) {
        try {
            client.sendBytes(new byte[] {'a'});
            return false;
        } catch (AssertionError ended) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_500, 4_000})
    void a_path_of_many_segments_is_not_found_and_nothing_is_logged(int segments) throws IOException {
        start(30);
        String path = "/a".repeat(segments);
        for (String asked : List.of(path, path + ".js", path + "/")) {
            try (RawClient client = RawClient.dial(server.port());
                    RawClient upgrading = RawClient.dial(server.port())) {
                String answer = client.exchange("GET " + asked + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
                String refused = upgrading.request("GET " + asked + " HTTP/1.1");
                assertTrue(refused.startsWith("HTTP/1.1 404"), refused);
            }
        }
        log.assertEmpty();
    }

    @Test
    void a_path_that_is_too_long_is_414() throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port());
                RawClient endless = RawClient.dial(server.port())) {
            String answer = client.exchange("GET " + "/a".repeat(5_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 414"), answer);
            assertTrue(answer.contains("Connection: close"), answer);
            assertTrue(endless.exchange("GET /" + "a".repeat(100_000)).startsWith("HTTP/1.1 414"));
        }
        log.assertEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: y",
                "Transfer-Encoding: chunked\r\nContent-Length: 3",
                "Transfer-Encoding: identity",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
                "A: b\0",
                "A: b\rB: c",
                "A : b",
                "Content-Length: 3"
            })
    void an_upgrade_with_headers_that_are_none_is_400(String header) throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.request("GET /rooms?user=a HTTP/1.1", header);
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
            assertTrue(answer.toLowerCase(Locale.ROOT).contains("connection: close"), answer);
        }
        assertEquals(0, rooms.stats().connections());
        log.assertEmpty();
    }

    @Test
    void an_upgrade_of_http_1_0_or_without_a_connection_that_upgrades_is_400() throws IOException {
        start(30);
        String rest = "\r\nHost: x\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        for (String head : List.of(
                "GET /rooms?user=a HTTP/1.0" + rest + "Connection: Upgrade\r\n\r\n",
                "GET /rooms?user=a HTTP/1.1" + rest + "Connection: keep-alive\r\n\r\n",
                "GET /rooms?user=a HTTP/1.1" + rest + "\r\n")) {
            try (RawClient client = RawClient.dial(server.port())) {
                assertTrue(client.exchange(head).startsWith("HTTP/1.1 400"), head);
            }
        }
        try (RawClient client = RawClient.dial(server.port())) {
            String listed = "GET /rooms?user=a HTTP/1.1" + rest.replace("websocket\r\n", "foo, WebSocket\r\n")
                    + "Connection: keep-alive, upgrade\r\n\r\n";
            assertTrue(client.exchange(listed).startsWith("HTTP/1.1 101"));
        }
    }

    @Test
    void what_a_client_says_with_its_handshake_is_heard() throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port())) {
            byte[] message = RawClient.frame(
                    RawClient.FIN | RawClient.TEXT, "{\"content\":\"early\"}".getBytes(StandardCharsets.UTF_8));
            String answer = client.request(
                    "GET /rooms?room=lobby&user=ann HTTP/1.1",
                    "A: b\r\n\r\n" + new String(message, StandardCharsets.ISO_8859_1));
            assertTrue(answer.startsWith("HTTP/1.1 101"), answer);
            assertFalse(answer.contains("early"));
            client.nextContaining("user_joined");
        }
    }

    @Test
    void every_status_has_its_phrase() throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.exchange("GET /rooms?user=a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 426 Upgrade Required\r\n"), answer);
        }
    }

    @Test
    void a_body_ends_the_connection_and_its_bytes_are_no_request() throws IOException {
        start(30);
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.exchange(
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + FILE.length() + "\r\n\r\n" + FILE);
            assertTrue(answer.startsWith("HTTP/1.1 405"), answer);
            assertTrue(answer.contains("Connection: close"), answer);
            assertEquals(1006, client.expectClose());
        }
    }
}

package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.behaviour.PlainClient;
import dev.roomcast.jakarta.behaviour.RawClient;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets into a stock Tomcat, and what a stranger may do there. */
class TomcatDoorTest {

    @TempDir
    Path base;

    private Rooms rooms;
    private TomcatHost host;

    private void start(boolean filtered, RoomsBuilder settings) throws LifecycleException {
        start(filtered, settings, null);
    }

    private void start(boolean filtered, RoomsBuilder settings, String relaxed) throws LifecycleException {
        rooms = settings.build();
        host = TomcatHost.start(base, rooms, filtered, (Connector connector) -> {
            if (relaxed != null) {
                connector.setProperty("relaxedQueryChars", relaxed);
            }
        });
    }

    @AfterEach
    void stop() throws LifecycleException {
        host.close();
    }

    private static String handshake(String query, String upgrade) {
        return "GET /rooms?" + query + " HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n" + upgrade
                + "\r\nOrigin: http://evil.example\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    }

    /** The filter looked at the first header as a whole, and let the others through to the container. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: foo, websocket",
                "Upgrade: WebSocket,foo",
                "Upgrade: foo\r\nUpgrade: websocket",
                "upgrade:\twebsocket ",
                "Upgrade: foo\r\nUpgrade: bar , WEBSOCKET"
            })
    void whatever_may_be_upgraded_is_judged_by_the_filter(String upgrade) throws Exception {
        start(true, Rooms.builder());
        try (RawClient client = RawClient.dial(host.port())) {
            String answer = client.exchange(handshake("room=lobby&user=eve", upgrade));
            assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
        }
        assertEquals(1, rooms.stats().handshakesRefused());
    }

    /** The container's decoding let the one in as U+FFFD, and answered the other with 500. */
    @ParameterizedTest
    @ValueSource(strings = {"user=%ff", "user=%c3", "user=%ed%a0%80", "us%er=a"})
    void a_malformed_query_is_a_bad_request(String query) throws Exception {
        start(true, Rooms.builder());
        try (RawClient client = RawClient.dial(host.port())) {
            String answer = client.request("GET /rooms?room=lobby&" + query + " HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void without_the_filter_it_does_not_come_in_either() throws Exception {
        start(false, Rooms.builder());
        try (RawClient client = RawClient.dial(host.port())) {
            String answer = client.request("GET /rooms?room=lobby&user=%ff HTTP/1.1");
            // 400 or 500: the status is the container's.
            assertFalse(answer.startsWith("HTTP/1.1 101"), answer);
        }
        try (RawClient client = RawClient.connect(host.port(), "room=lobby&user=zo%C3%AB+%26+co")) {
            client.nextContaining("user_joined");
            assertEquals("zo\u00eb & co", rooms.connections().iterator().next().userId());
        }
    }

    @Test
    void what_browsers_do_not_escape_is_a_bad_request_unless_the_connector_takes_it() throws Exception {
        start(true, Rooms.builder());
        try (RawClient client = RawClient.dial(host.port())) {
            String answer = client.request("GET /rooms?room=lobby&user=auth0|5f7c HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    /** Tomcat's own upgrade fails there, before it has answered. */
    @Test
    void with_relaxed_characters_and_without_the_filter_there_is_no_101() throws Exception {
        start(false, Rooms.builder(), "|");
        try (RawClient client = RawClient.dial(host.port())) {
            String answer = client.request("GET /rooms?room=lobby&user=auth0|5f7c HTTP/1.1");
            assertFalse(answer.startsWith("HTTP/1.1 101"), answer);
        }
    }

    @Test
    void with_relaxed_characters_of_the_query_it_arrives_as_it_is() throws Exception {
        start(true, Rooms.builder(), "|{}^\\`");
        try (RawClient client = RawClient.connect(host.port(), "room={a}^\\`&user=auth0|5f7c")) {
            assertTrue(client.nextContaining("welcome").contains("auth0|5f7c"));
        }
    }

    @Test
    void a_stranger_may_send_little_and_one_that_is_known_more() throws Exception {
        Authenticator tokens = Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token)));
        start(true, Rooms.builder().authenticator(tokens));
        RawClient stranger = RawClient.connect(host.port(), "room=lobby");
        stranger.send(RawClient.TEXT, new byte[6_000]).send(RawClient.CONTINUATION, new byte[6_000]);
        assertEquals(1008, stranger.expectClose());
        // A single frame that never ends.
        RawClient second = RawClient.connect(host.port(), "room=lobby");
        second.sendBytes(RawClient.header(RawClient.FIN | RawClient.TEXT, 60_000))
                .sendBytes(new byte[30_000]);
        assertEquals(1008, second.expectClose());
        assertEquals(2, rooms.stats().hits(Limit.LOGIN_BYTES));
        try (RawClient ann = RawClient.connect(host.port(), "room=lobby")) {
            ann.sendText("{\"type\":\"auth\",\"token\":\"ann\"}");
            ann.nextContaining("user_joined");
            ann.sendInFragments("{\"content\":\"" + "x".repeat(60_000) + "\"}", 7);
            ann.nextContaining("xxxx");
        }
    }

    @Test
    void pongs_that_nobody_asked_for_have_a_rate() throws Exception {
        start(true, Rooms.builder());
        RawClient client = RawClient.connect(host.port(), "room=lobby&user=ann");
        client.nextContaining("user_joined");
        for (int i = 0; i < 12; i++) {
            client.send(RawClient.FIN | RawClient.PONG, new byte[0]);
        }
        assertEquals(4429, client.expectClose());
    }

    /** A foreign page spent the allowance of its visitors' address. */
    @Test
    void a_foreign_page_spends_no_allowance() throws Exception {
        start(true, Rooms.builder().handshakes(new Rate(0.001, 1)));
        for (int i = 0; i < 3; i++) {
            assertEquals(403, PlainClient.refusal(host.port(), "room=lobby&user=eve", "Origin", "http://evil.example"));
        }
        PlainClient.join(host.port(), "lobby", "ann").close();
        await().untilAsserted(() -> assertEquals(0, rooms.stats().connections()));
    }
}

package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.transport.Handshake;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request says reaches the hub, and a broken one is answered. */
class HandshakeTest {

    private final Site site = Site.open();

    @AfterEach
    void close() {
        site.close();
    }

    private Handshake seen() {
        // The hub shows a connection only after its welcome.
        await().until(() -> !site.rooms().connections().isEmpty());
        return site.rooms().connections().iterator().next().handshake();
    }

    @Test
    void parameters_headers_and_address_reach_the_hub() {
        try (RawClient client = RawClient.dial(site.port())) {
            client.request(
                    "GET /rooms?room=a%20b&user=ann&tag=1&tag=2&empty=&bare HTTP/1.1",
                    "User-Agent: Thing/1.0 (X11; one, two)",
                    "Cookie: a=1; b=2",
                    "X-Forwarded-For: 192.0.2.1, 192.0.2.2",
                    "Authorization: Bearer secret");
            client.nextContaining("welcome");
            Handshake handshake = seen();
            assertEquals(Optional.of("a b"), handshake.parameter("room"));
            assertEquals(Optional.of("ann"), handshake.parameter("user"));
            assertEquals(Optional.of("1"), handshake.parameter("tag"));
            assertEquals(Optional.of(""), handshake.parameter("empty"));
            assertEquals(Optional.of(""), handshake.parameter("bare"));
            assertEquals(Optional.empty(), handshake.parameter("absent"));
            assertEquals(Optional.of("Thing/1.0 (X11; one, two)"), handshake.header("user-agent"));
            assertEquals(Optional.of("a=1; b=2"), handshake.header("Cookie"));
            assertEquals(List.of("192.0.2.1, 192.0.2.2"), handshake.headerValues("x-forwarded-for"));
            assertEquals(Optional.of("Bearer secret"), handshake.header("authorization"));
            assertEquals(Optional.of("127.0.0.1:" + site.port()), handshake.header("host"));
            assertEquals(Optional.of("127.0.0.1"), handshake.remoteAddress());
            assertEquals(Optional.empty(), handshake.principal());
            assertFalse(handshake.isSecure());
        }
    }

    @Test
    void a_client_that_speaks_roomcast_is_agreed_with_and_the_hub_knows() {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.request(
                    "GET /rooms?room=lobby&user=ann HTTP/1.1", "Sec-WebSocket-Protocol: other, roomcast.v1");
            assertTrue(answer.toLowerCase(Locale.ROOT).contains("sec-websocket-protocol: roomcast.v1\r\n"), answer);
            client.nextContaining("welcome");
            assertEquals(Handshake.ROOMCAST_V1, seen().subprotocol());
        }
    }

    @Test
    void a_client_that_speaks_something_else_or_nothing_gets_plain_messages() {
        for (String header : List.of("Sec-WebSocket-Protocol: other", "X-Nothing: 1")) {
            try (RawClient client = RawClient.dial(site.port())) {
                String answer = client.request("GET /rooms?room=lobby&user=ann HTTP/1.1", header);
                assertFalse(answer.toLowerCase(Locale.ROOT).contains("sec-websocket-protocol"), answer);
                client.nextContaining("welcome");
                assertEquals("", seen().subprotocol());
            }
            site.awaitNoConnections();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"user=%zz", "user=%f", "user=%ff", "user=%c3", "user=%ed%a0%80", "us%er=1"})
    void a_malformed_query_is_a_bad_request(String query) {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.request("GET /rooms?" + query + " HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    /** Answered with 101, and then ended without a code, for ever. */
    @Test
    void what_browsers_do_not_escape_arrives_as_it_is() {
        try (RawClient client = RawClient.connect(site.port(), "room={a}^\\`&user=auth0|5f7c")) {
            client.nextContaining("user_joined");
            assertEquals(Optional.of("auth0|5f7c"), seen().parameter("user"));
            assertEquals(Optional.of("{a}^\\`"), seen().parameter("room"));
            assertEquals(
                    "auth0|5f7c", site.rooms().connections().iterator().next().userId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "<", ">", "'", "[", "]", "!", "$", ";", "(", ")", ",", ":", "@", "/", "?", "~"})
    void every_other_character_does_too_or_is_a_bad_request(String character) {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.request("GET /rooms?room=lobby&x=" + character + " HTTP/1.1");
            if (answer.startsWith("HTTP/1.1 101")) {
                assertEquals(4400, client.expectClose(), "there is no user");
            } else {
                assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0001", "\u0007", "\u007f", "\u00e4", "\u00ff"})
    void what_must_be_escaped_is_a_bad_request(String character) {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.request("GET /rooms?user=a" + character + " HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    @Test
    void another_path_is_not_found() {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.request("GET /elsewhere HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
        }
    }

    @Test
    void another_version_of_the_protocol_is_told_which_one_is_spoken() {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.exchange(
                    "GET /rooms?user=a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 426"), answer);
            assertTrue(answer.contains("Sec-WebSocket-Version: 13"), answer);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key:",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            })
    void a_handshake_that_lacks_something_is_refused(String headers) {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.exchange("GET /rooms?user=a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\n" + headers + "\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 4"), answer);
        }
    }

    @Test
    void a_name_that_is_too_long_is_refused_for_good() {
        try (RawClient client = RawClient.dial(site.port())) {
            client.upgrade("room=lobby&user=" + "u".repeat(256));
            assertEquals(4400, client.expectClose());
        }
    }

    @Test
    void a_request_without_upgrade_is_not_found() {
        try (RawClient client = RawClient.dial(site.port())) {
            String answer = client.exchange("GET /rooms?user=a HTTP/1.1\r\nHost: x\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
        }
    }
}

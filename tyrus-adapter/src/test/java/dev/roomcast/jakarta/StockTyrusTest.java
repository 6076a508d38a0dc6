package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.Limit;
import dev.roomcast.Observer;
import dev.roomcast.Overflow;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.behaviour.PlainClient;
import dev.roomcast.jakarta.behaviour.RawClient;
import dev.roomcast.transport.Handshake;
import jakarta.websocket.server.ServerEndpointConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoint in Tyrus's own server, which somebody else has set up and in which there is no {@link Link}. */
class StockTyrusTest {

    private final Queue<Integer> closes = new ConcurrentLinkedQueue<>();
    private final Rooms rooms = Rooms.builder()
            .rate(new Rate(1_000_000, 1_000_000))
            .overflow(Overflow.DISCONNECT)
            .limit(Limit.GRACE, 50)
            .limit(Limit.CLOSE_DEADLINE, 200)
            .observer(new Observer() {
                @Override
                public void onClose(Connection connection, int code, @Nullable CloseCode ours) {
                    closes.add(code);
                }
            })
            .build();
    private ServerEndpointConfig endpoint;
    private TyrusServerContainer server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        // It knows no host but 0.0.0.0.
        server = (TyrusServerContainer) ServerContainerFactory.createServerContainer(Map.of());
        endpoint = RoomEndpoint.at("/rooms", rooms);
        server.addEndpoint(endpoint);
        server.start("/", 0);
        port = server.getPort();
    }

    @AfterEach
    void stop() {
        rooms.close();
        server.stop();
    }

    @Test
    void clients_talk() {
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann");
                PlainClient ben = PlainClient.join(port, "lobby", "ben")) {
            ann.say("hello");
            assertEquals("hello", ben.next("chat").get("content").asText());
            assertTrue(
                    RoomEndpoint.writing(endpoint).contains("through Tyrus's writer: 2"),
                    RoomEndpoint.writing(endpoint));
            assertEquals(
                    Optional.of("127.0.0.1"),
                    rooms.connections().iterator().next().handshake().remoteAddress());
        }
        await().untilAsserted(() -> assertEquals(0, rooms.stats().connections()));
        assertEquals(2, closes.stream().filter(code -> code == 1000).count());
    }

    @Test
    void a_client_that_speaks_roomcast_is_agreed_with() {
        try (RawClient client = RawClient.dial(port)) {
            String answer =
                    client.request("GET /rooms?room=lobby&user=ann HTTP/1.1", "Sec-WebSocket-Protocol: roomcast.v1");
            assertTrue(answer.toLowerCase(Locale.ROOT).contains("sec-websocket-protocol: roomcast.v1"), answer);
            client.nextContaining("user_joined");
            assertEquals(
                    Handshake.ROOMCAST_V1,
                    rooms.connections().iterator().next().handshake().subprotocol());
        }
    }

    @Test
    void with_ready_made_frames_turned_off_clients_talk_all_the_same() throws Exception {
        server.stop();
        System.setProperty(Outlets.SWITCH, "false");
        try {
            start();
        } finally {
            System.clearProperty(Outlets.SWITCH);
        }
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann")) {
            ann.say("hello");
            assertEquals("hello", ann.next("chat").get("content").asText());
            assertTrue(RoomEndpoint.writing(endpoint).contains("asynchronous send: 1"), RoomEndpoint.writing(endpoint));
        }
    }

    @Test
    void a_foreign_page_is_refused_with_403() {
        assertEquals(403, PlainClient.refusal(port, "room=lobby&user=eve", "Origin", "http://evil.example"));
        try (RawClient sandboxed = RawClient.dial(port)) {
            String answer = sandboxed.request("GET /rooms?room=lobby&user=eve HTTP/1.1", "Origin: null");
            assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
        }
        PlainClient.connect(port, "room=lobby&user=ann", "Origin", "http://127.0.0.1:" + port)
                .close();
    }

    @Test
    void one_that_vanishes_ends_with_1006() {
        RawClient client = RawClient.connect(port, "room=lobby&user=gone");
        client.nextContaining("user_joined");
        client.vanish();
        await().untilAsserted(() -> assertEquals(0, rooms.stats().connections()));
        assertEquals(1006, closes.peek());
    }

    @Test
    void one_that_goes_to_another_page_ends_with_1001() {
        RawClient client = RawClient.connect(port, "room=lobby&user=gone");
        client.nextContaining("user_joined");
        client.send(RawClient.FIN | RawClient.CLOSE, new byte[] {0x03, (byte) 0xe9});
        await().untilAsserted(() -> assertEquals(0, rooms.stats().connections()));
        assertEquals(1001, closes.peek());
    }

    @Test
    void one_that_does_not_read_is_cut() {
        RawClient deaf = RawClient.dialNarrow(port).upgrade("room=lobby&user=deaf");
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann")) {
            String large = "x".repeat(60_000);
            for (int i = 0; i < 500 && rooms.stats().closed(CloseCode.TOO_SLOW) == 0; i++) {
                ann.say(large);
                ann.next("chat");
            }
            assertEquals(1, rooms.stats().closed(CloseCode.TOO_SLOW));
            await().atMost(Duration.ofSeconds(10)).until(deaf::isCut);
            await().untilAsserted(() -> assertEquals(1, rooms.stats().connections()));
        }
    }

    @Test
    void too_large_a_message_is_1009_and_binary_is_only_an_error() {
        RawClient client = RawClient.connect(port, "room=lobby&user=large");
        client.send(RawClient.FIN | RawClient.BINARY, new byte[60_000]);
        assertTrue(client.nextContaining("\"error\"").contains("bad_request"));
        client.sendText("x".repeat(65_537));
        assertEquals(1009, client.expectClose());

        RawClient second = RawClient.connect(port, "room=lobby&user=large");
        second.sendInFragments("x".repeat(70_000), 3);
        assertEquals(1009, second.expectClose());

        RawClient third = RawClient.connect(port, "room=lobby&user=large");
        third.send(RawClient.FIN | RawClient.BINARY, new byte[100_000]);
        assertEquals(1009, third.expectClose());
        assertEquals(3, rooms.stats().hits(Limit.MESSAGE_BYTES));
    }

    /** Tyrus would have upgraded, and failed. */
    @ParameterizedTest
    @ValueSource(strings = {"user=%zz", "user=%ff", "user=auth0|5f7c", "user=a&x=`"})
    void a_query_that_cannot_work_is_refused_with_400(String query) {
        try (RawClient client = RawClient.dial(port)) {
            String answer = client.request("GET /rooms?" + query + " HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    @Test
    void a_stranger_may_not_make_the_server_hold_a_large_message() throws Exception {
        server.stop();
        try (Rooms guarded = Rooms.builder()
                .authenticator(Authenticator.token(token -> new CompletableFuture<>()))
                .build()) {
            server = (TyrusServerContainer) ServerContainerFactory.createServerContainer(Map.of());
            server.addEndpoint(RoomEndpoint.at("/rooms", guarded));
            server.start("/", 0);
            RawClient stranger = RawClient.connect(server.getPort(), "room=lobby");
            stranger.send(RawClient.TEXT, new byte[6_000]).send(RawClient.CONTINUATION, new byte[6_000]);
            assertEquals(1008, stranger.expectClose());
            assertEquals(1, guarded.stats().hits(Limit.LOGIN_BYTES));
        }
    }

    /** Tyrus collects a frame by itself; this is how its host bounds that. */
    @Test
    void with_a_bound_of_tyrus_a_frame_that_never_ends_does_not_cost_4_mib() throws Exception {
        server.stop();
        server = (TyrusServerContainer)
                ServerContainerFactory.createServerContainer(Map.of("org.glassfish.tyrus.incomingBufferSize", 70_000));
        server.addEndpoint(RoomEndpoint.at("/rooms", rooms));
        server.start("/", 0);
        RawClient client = RawClient.connect(server.getPort(), "room=lobby&user=ann");
        client.sendText("{\"content\":\"" + "x".repeat(60_000) + "\"}");
        client.nextContaining("xxxx");
        client.sendBytes(RawClient.header(RawClient.FIN | RawClient.TEXT, 4_000_000))
                .sendBytes(new byte[80_000]);
        assertEquals(1011, client.expectClose());
    }

    @Test
    void empty_fragments_have_a_rate_there_too() {
        RawClient client = RawClient.connect(port, "room=lobby&user=ann");
        client.nextContaining("user_joined");
        client.send(RawClient.TEXT, new byte[0]);
        for (int i = 0; i < 10; i++) {
            client.send(RawClient.CONTINUATION, new byte[0]);
        }
        assertEquals(4429, client.expectClose());
    }

    @Test
    void a_closing_hub_lets_nobody_in() {
        rooms.close();
        try (RawClient late = RawClient.dial(port)) {
            late.request("GET /rooms?room=lobby&user=late HTTP/1.1");
            assertEquals(4503, late.expectClose());
        }
    }

    @Test
    void a_drain_closes_with_1001_and_lets_nobody_in() {
        PlainClient ann = PlainClient.join(port, "lobby", "ann");
        CompletableFuture<Void> drain =
                CompletableFuture.runAsync(() -> rooms.close(Duration.ofSeconds(2)), task -> new Thread(task).start());
        ann.expect("reconnect");
        try (RawClient late = RawClient.dial(port)) {
            late.request("GET /rooms?room=lobby&user=late HTTP/1.1");
            assertEquals(4503, late.expectClose());
        }
        assertEquals(1001, ann.expectClose());
        drain.join();
    }
}

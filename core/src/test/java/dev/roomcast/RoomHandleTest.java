package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoomHandleTest {

    private final ManualTime time = new ManualTime();
    private final Rooms rooms = Rooms.builder().time(time).build();
    private final Room lobby = rooms.room("lobby");

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void a_message_stands_in_the_order_without_anyone_there() {
        assertTrue(lobby.broadcast("news", 1));
        assertEquals(2, get(lobby.publish(Message.of("news", 2))).offset());
        assertEquals(2, get(lobby.history(null, 10)).messages().size());
    }

    @Test
    void a_type_of_the_protocol_cannot_be_broadcast() {
        for (String type : new String[] {"joined", "user_left", "ping", "auth", "rc.anything"}) {
            assertThrows(IllegalArgumentException.class, () -> lobby.broadcast(type, 1), type);
        }
    }

    /** A message taken from history brought its old position along; sent as volatile it turned the room's order back. */
    @Test
    void a_message_from_history_is_said_anew() throws Exception {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        assertTrue(rooms.room("elsewhere").broadcast("chat", "old"));
        Message old = get(rooms.room("elsewhere").history(null, 1)).messages().get(0);
        client.says("first");
        assertTrue(lobby.broadcast(old.asVolatile()));
        client.says("second");
        assertTrue(lobby.broadcast(old));
        assertThat(client).received("first", "old", "second", "old");
        List<Long> offsets = client.frames("chat").stream()
                .map(frame -> frame.number("offset"))
                .toList();
        assertEquals(List.of(1L, -1L, 2L, 3L), offsets);
    }

    @Test
    void a_connection_joins_and_leaves_as_the_host_wants() throws Exception {
        FakeClient client = FakeClient.connect(rooms, "one");
        Connection connection = rooms.connections().iterator().next();
        assertTrue(get(lobby.join(connection)));
        assertTrue(get(lobby.join(connection)), "it is there");
        assertEquals("lobby", client.last("joined").text("room"));
        assertTrue(get(lobby.leave(connection)));
        assertFalse(get(lobby.leave(connection)));
        client.closes();
        assertFalse(get(lobby.join(connection)), "it has ended");
    }

    /** The stage of a join that waited, or was told of, when the hub ended never completed. */
    @Test
    void who_waits_for_a_join_when_the_hub_ends_is_told() throws Exception {
        HeldBridge bridge = new HeldBridge();
        Rooms closing = Rooms.builder().bridge(bridge).build();
        FakeClient.connect(closing, "one").last("welcome");
        Connection connection = closing.connections().iterator().next();
        bridge.hold();
        CompletionStage<Boolean> pending = closing.room("a").join(connection);
        CompletionStage<Boolean> waiting = closing.room("b").join(connection);
        CompletionStage<Boolean> leaving = closing.room("b").leave(connection);
        closing.close();
        assertFalse(get(waiting));
        assertFalse(get(leaving));
        bridge.letGo();
        assertFalse(get(pending));
        assertFalse(get(closing.room("c").join(connection)));
    }

    /** It joined as a user without a name, and heard everything that was said. */
    @Test
    void a_connection_that_has_not_said_who_it_is_joins_no_room() throws Exception {
        Hub guarded = new Hub(Rooms.builder()
                .time(time)
                .authenticator(Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token)))));
        Handshake handshake = Handshake.builder().parameter("user", "whoever").build();
        LiveConnection connection = (LiveConnection) guarded.accept(handshake, new NullTransport());
        Room vip = guarded.room("vip");
        assertFalse(get(vip.join(connection)));
        assertEquals(List.of(), get(vip.members()));
        connection.text("{\"type\":\"auth\",\"token\":\"one\"}");
        assertTrue(get(vip.join(connection)));
        assertEquals(1, get(vip.members()).size());
        connection.closed(1000);
        guarded.close();
    }

    @Test
    void metadata_is_an_object_or_nothing() throws Exception {
        FakeClient.connect(rooms, "one", "lobby");
        assertTrue(get(lobby.update("one", Map.of("a", 1))));
        assertTrue(get(lobby.update("one", null)));
        assertFalse(get(lobby.update("nobody", null)));
        assertThrows(IllegalArgumentException.class, () -> lobby.update("one", "text"));
        assertThrows(IllegalArgumentException.class, () -> lobby.update("one", List.of()));
    }

    @Test
    void a_room_has_a_usable_name() {
        for (String name : new String[] {"", " ", "a\nb", "x".repeat(256)}) {
            assertThrows(IllegalArgumentException.class, () -> rooms.room(name));
        }
        assertEquals("x".repeat(255), rooms.room("x".repeat(255)).name());
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}

package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.Limit;
import dev.roomcast.MessageHandler;
import dev.roomcast.Rooms;
import dev.roomcast.StagedBridge;
import dev.roomcast.User;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a host does with all connections of a user, or with everyone's. */
class UserOperationsTest {

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final Rooms rooms = Rooms.builder().time(time).bridge(bridge).build();
    private final User one = rooms.user("one");

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void an_event_reaches_all_connections_of_a_user_in_whatever_room_they_are() {
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        FakeClient second = FakeClient.connect(rooms, "one");
        FakeClient other = FakeClient.connect(rooms, "two", "lobby");
        assertEquals(1, get(one.send("invoice", Map.of("id", 7))));
        for (FakeClient client : List.of(first, second)) {
            assertEquals(
                    "{\"type\":\"invoice\",\"content\":{\"id\":7},\"timestamp\":" + time.millis() + "}",
                    client.last("invoice").json());
        }
        assertTrue(other.frames("invoice").isEmpty());
        assertEquals("one", one.id());
    }

    @Test
    void a_user_who_is_not_connected_is_reached_nowhere() {
        assertEquals(0, get(one.send("invoice", 7)));
        assertEquals(0, get(one.disconnect(CloseCode.FORBIDDEN, "out")));
        assertEquals(0, get(one.recheck()));
        assertEquals(0, get(rooms.broadcast("news", 7)));
    }

    @Test
    void a_disconnect_closes_all_connections_of_a_user() {
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        FakeClient second = FakeClient.connect(rooms, "one");
        FakeClient other = FakeClient.connect(rooms, "two", "lobby");
        assertEquals(1, get(one.disconnect(CloseCode.FORBIDDEN, "out")));
        assertThat(first).wasClosed(CloseCode.FORBIDDEN);
        assertThat(second).wasClosed(CloseCode.FORBIDDEN);
        assertThat(other).isOpen();
        assertEquals(0, get(one.send("invoice", 7)));
    }

    @Test
    void everyone_is_told_by_a_broadcast() {
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        FakeClient other = FakeClient.connect(rooms, "two");
        assertEquals(1, get(rooms.broadcast("news", "x")));
        assertEquals("x", first.last("news").text("content"));
        assertEquals("x", other.last("news").text("content"));
    }

    @Test
    void what_belongs_to_the_protocol_cannot_be_sent() {
        assertThrows(IllegalArgumentException.class, () -> one.send("user_left", 1));
        assertThrows(IllegalArgumentException.class, () -> rooms.broadcast("rc.x", 1));
        assertThrows(IllegalArgumentException.class, () -> rooms.user(""));
    }

    @Test
    void connections_here_are_served_while_the_others_cannot_be_asked() {
        FakeClient first = FakeClient.connect(rooms, "one");
        bridge.failsAfterwards("directory signal");
        CompletionStage<Integer> sent = one.send("invoice", 7);
        first.last("invoice");
        assertThrows(CompletionException.class, () -> sent.toCompletableFuture().join());
        assertTrue(
                one.disconnect(CloseCode.FORBIDDEN, "out").toCompletableFuture().isCompletedExceptionally());
        assertThat(first).wasClosed(CloseCode.FORBIDDEN);
    }

    @Test
    void a_closed_hub_is_unavailable() {
        rooms.close();
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> one.send("invoice", 7).toCompletableFuture().join());
        BridgeException why = assertInstanceOf(BridgeException.class, failure.getCause());
        assertEquals(BridgeException.Reason.UNAVAILABLE, why.reason());
    }

    /** The other instances are asked whether a user has too many connections; until they have answered nobody is let in. */
    @Test
    void nothing_comes_before_the_welcome_and_what_is_said_meanwhile_waits() {
        bridge.holdsAnswers("directory enter");
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        first.says("hello");
        get(one.send("invoice", 7));
        assertTrue(first.frames().isEmpty());
        assertTrue(rooms.connections().isEmpty());
        bridge.letsGo("directory enter");
        first.last("chat");
        assertEquals("welcome", first.frames().get(0).type());
        assertTrue(first.frames("invoice").isEmpty());
    }

    @Test
    void a_connection_that_ends_before_it_is_let_in_leaves_nothing() {
        bridge.holdsAnswers("directory enter");
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        FakeClient second = FakeClient.connect(rooms, "one", "lobby");
        assertEquals(1, get(one.disconnect(CloseCode.FORBIDDEN, "out")));
        assertThat(first).wasClosed(CloseCode.FORBIDDEN);
        second.vanishes();
        bridge.letsGo("directory enter");
        await().until(() -> bridge.asked("directory leave") >= 2);
        assertEquals(0, rooms.stats().connections());
        assertEquals(0, get(one.send("invoice", 7)));
    }

    /** It had made way for another while Redis was still asked about it, and then stayed in the index for ever. */
    @Test
    void a_connection_that_makes_way_before_it_is_let_in_is_taken_out_after_that() {
        StagedBridge staged = new StagedBridge();
        try (Rooms one = Rooms.builder()
                .bridge(staged)
                .limit(Limit.CONNECTIONS_PER_USER, 1)
                .evictOldestConnection()
                .build()) {
            staged.holdsAnswers("directory enter");
            FakeClient first = FakeClient.connect(one, "one");
            FakeClient second = FakeClient.connect(one, "one");
            assertThat(first).wasClosed(CloseCode.CONNECTION_LIMIT);
            assertEquals(0, staged.asked("directory leave"));
            staged.letsGo("directory enter");
            second.last("welcome");
            await().until(() -> staged.asked("directory leave") >= 1);
            assertThat(second).isOpen();
        }
    }

    @Test
    void where_the_others_cannot_be_asked_each_instance_goes_by_its_own_count() {
        bridge.failsAfterwards("directory enter");
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        first.last("joined");
        assertThat(first).isOpen();
    }

    /** A handler answers its sender's other devices, too. */
    @Test
    void a_handler_sends_to_its_users_other_connections() {
        Rooms[] hub = new Rooms[1];
        MessageHandler handler = (sender, room, message, delivery) ->
                hub[0].user(sender.userId()).send("seen", message.content());
        try (Rooms handling = Rooms.builder().handler(handler).build()) {
            hub[0] = handling;
            FakeClient phone = FakeClient.connect(handling, "one", "lobby");
            FakeClient laptop = FakeClient.connect(handling, "one", "lobby");
            laptop.last("joined");
            phone.last("joined");
            phone.says("x");
            assertEquals("x", laptop.last("seen").text("content"));
            assertEquals(
                    2,
                    handling.connections().stream().filter(Connection::isOpen).count());
        }
    }

    private static int get(CompletionStage<Integer> stage) {
        return stage.toCompletableFuture().join();
    }
}

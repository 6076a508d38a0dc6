package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.StagedBridge;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that are gone for everyone: a bridge says so, or begins a new epoch without a word. */
class GapTest {

    private final StagedBridge bridge = new StagedBridge();
    private final Rooms rooms = Rooms.builder()
            .time(new ManualTime())
            .bridge(bridge)
            .heartbeat(Duration.ofDays(1))
            .rate(new Rate(1e6, 1_000_000))
            .limit(Limit.OUTBOX_BYTES, 5_000)
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .build();
    private final FakeClient plain = connect("plain", "");
    private final FakeClient lines = connect("lines", Handshake.ROOMCAST_V1);

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void all_members_are_told_both_places_once_and_then_follows_the_next_of_the_new_epoch() {
        String epoch = say(3);
        lost(epoch, 3, "f", 7);
        deliver("f", 7);
        deliver("f", 8);
        deliver("f", 9);
        for (FakeClient client : List.of(plain, lines)) {
            assertGap(client, epoch, 3, "f", 7);
            assertOffsets(client, 1, 2, 3, 8, 9);
        }
    }

    @Test
    void a_gap_within_one_epoch_is_told_the_same_way() {
        String epoch = say(3);
        lost(epoch, 3, epoch, 10);
        deliver(epoch, 5);
        deliver(epoch, 11);
        for (FakeClient client : List.of(plain, lines)) {
            assertGap(client, epoch, 3, epoch, 10);
            assertOffsets(client, 1, 2, 3, 11);
        }
    }

    @Test
    void an_epoch_that_changes_without_a_word_of_the_bridge_is_a_gap_too() {
        String epoch = say(3);
        deliver("f", 1);
        deliver("f", 2);
        for (FakeClient client : List.of(plain, lines)) {
            assertGap(client, epoch, 3, "f", 0);
            assertOffsets(client, 1, 2, 3, 1, 2);
        }
    }

    @Test
    void the_old_epoch_that_comes_back_is_a_new_one_again() {
        String epoch = say(3);
        deliver("f", 1);
        deliver(epoch, 4);
        assertEquals(2, gaps(plain).size());
        assertEquals(epoch, gaps(plain).get(1).text("epoch"));
        assertEquals(3, gaps(plain).get(1).number("offset"));
    }

    @Test
    void who_is_behind_hears_of_it_when_it_is_brought_up_or_is_closed_as_it_understands() {
        plain.stopsReading();
        lines.stopsReading();
        FakeClient fast = connect("fast", "");
        String epoch = say(1);
        String padding = "x".repeat(500);
        for (int i = 2; i <= 30; i++) {
            fast.says(padding);
        }
        fast.await("30", client -> client.frames("chat").size() == 30);
        assertTrue(rooms.stats().hits(Limit.OUTBOX_BYTES) > 1);
        lost(epoch, 30, "f", 4);
        assertEquals(1, gaps(fast).size());
        assertEquals(0, gaps(lines).size());
        deliver("f", 5);
        plain.readsAgain();
        lines.readsAgain();
        assertThat(plain).wasClosed(CloseCode.TOO_SLOW);
        lines.last("gap");
        deliver("f", 6);
        lines.await(
                "offset 6",
                client -> client.frames("chat").stream()
                        .anyMatch(frame -> frame.text("epoch").equals("f")));
        assertEquals(1, gaps(lines).size());
        Received gap = gaps(lines).get(0);
        long seen = lastBefore(lines, gap);
        assertGap(lines, epoch, seen, "f", 5);
        assertEquals(6, lines.last("chat").number("offset"));
        assertThat(lines).isOpen();
    }

    @Test
    void who_comes_back_from_before_a_gap_is_not_recovered() {
        String epoch = say(3);
        lost(epoch, 3, "f", 7);
        FakeClient back = FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", "back")
                        .parameter("room", "r")
                        .parameter("epoch", epoch)
                        .parameter("offset", "2")
                        .build());
        Received joined = back.last("joined");
        assertEquals("f", joined.text("epoch"));
        assertEquals(7, joined.number("offset"));
        assertTrue(!joined.is("recovered"));
        deliver("f", 8);
        assertOffsets(back, 8);
    }

    /** The newest message that a client was sent before a frame. */
    private static long lastBefore(FakeClient client, Received frame) {
        List<Received> frames = client.frames();
        return frames.subList(0, frames.indexOf(frame)).stream()
                .filter(each -> each.type().equals("chat"))
                .mapToLong(each -> each.number("offset"))
                .max()
                .orElse(0);
    }

    private FakeClient connect(String user, String protocol) {
        Handshake.Builder handshake =
                Handshake.builder().parameter("user", user).parameter("room", "r");
        if (!protocol.isEmpty()) {
            handshake.subprotocol(protocol);
        }
        FakeClient client = FakeClient.connect(rooms, handshake.build());
        client.last("user_joined");
        return client;
    }

    /** Tells the epoch. */
    private String say(int messages) {
        for (int i = 0; i < messages; i++) {
            rooms.room("r").broadcast(Message.chat(i));
        }
        return rooms.room("r")
                .history(null, 1)
                .toCompletableFuture()
                .join()
                .top()
                .epoch();
    }

    private void lost(String epoch, long after, String now, long upTo) {
        bridge.loses("r", new Position(epoch, after), new Position(now, upTo));
    }

    private void deliver(String epoch, long offset) {
        bridge.delivery().append(Message.chat("x").in("r", 1).at(new Position(epoch, offset)));
        bridge.delivery().release("r");
    }

    private static List<Received> gaps(FakeClient client) {
        return client.frames("gap");
    }

    private static void assertGap(FakeClient client, String epoch, long after, String now, long upTo) {
        String expected = "{\"type\":\"gap\",\"room\":\"r\",\"lost\":{\"epoch\":\"" + epoch + "\",\"after\":" + after
                + "},\"epoch\":\"" + now + "\",\"offset\":" + upTo + "}";
        assertEquals(
                List.of(expected), gaps(client).stream().map(Received::json).toList());
    }

    private static void assertOffsets(FakeClient client, long... offsets) {
        assertEquals(
                java.util.Arrays.stream(offsets).boxed().toList(),
                client.frames("chat").stream()
                        .map(frame -> frame.number("offset"))
                        .toList());
    }
}

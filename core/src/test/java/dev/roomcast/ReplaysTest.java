package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readings of history: how many, what if one fails or comes too late, and what becomes of those who wait for it. */
class ReplaysTest {

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .time(time)
            .rate(new Rate(1e6, 1_000_000))
            .heartbeat(Duration.ofDays(1))
            .history(new HistoryLimits(100_000, Duration.ofMinutes(5), 64 << 20))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .limit(Limit.OUTBOX_BYTES, 50_000)
            .build();
    private final FakeClient host = FakeClient.connect(rooms, "host", "r");
    private String epoch = "";
    private int said;

    @BeforeEach
    void begin() {
        say(10);
        epoch = host.last("chat").text("epoch");
    }

    @AfterEach
    void close() {
        bridge.letsGo("history");
        rooms.close();
    }

    @Test
    void those_who_ask_during_a_reading_share_it_and_those_who_ask_later_need_none() {
        bridge.holdsAnswers("history");
        List<FakeClient> back = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            back.add(comesBack(5 + i % 5));
            say(1);
        }
        assertEquals(1, bridge.asked("history"));
        bridge.letsGo("history");
        back.forEach(client -> client.last("chat"));
        assertEquals(1, bridge.asked("history"), "the first reading began at the oldest place that was asked for");
        FakeClient older = comesBack(1);
        receives(older, 2, said);
        FakeClient later = comesBack(3);
        say(1);
        receives(later, 4, said);
        assertEquals(2, bridge.asked("history"));
        for (int i = 0; i < 50; i++) {
            receives(back.get(i), 6 + i % 5, said);
        }
    }

    /** Each who had been away for longer than all before it caused a reading of its own: in a storm of many, one after the other. */
    @Test
    void the_second_reading_serves_all_who_come_from_further_back_than_the_first() {
        for (long from = 9; from >= 0; from--) {
            receives(comesBack(from), from + 1, said);
        }
        assertEquals(2, bridge.asked("history"));
    }

    @Test
    void what_was_read_is_forgotten_two_seconds_after_its_last_use() {
        receives(comesBack(5), 6, said);
        time.advance(Duration.ofMillis(1_900));
        receives(comesBack(6), 7, said);
        assertEquals(1, bridge.asked("history"));
        time.advance(Duration.ofMillis(1_900));
        assertEquals(1, bridge.asked("history"));
        receives(comesBack(6), 7, said);
        assertEquals(1, bridge.asked("history"));
        time.advance(Duration.ofSeconds(5));
        host.says("that the lane has seen the timer");
        said++;
        time.advance(Duration.ofSeconds(5));
        await().untilAsserted(() -> assertEquals(0, timersOfReplays()));
        receives(comesBack(6), 7, said);
        assertEquals(2, bridge.asked("history"));
    }

    @Test
    void a_reading_that_fails_recovers_nobody_and_the_next_one_is_made_all_the_same() {
        bridge.failsAfterwards("history");
        FakeClient unlucky = comesBack(5);
        assertFalse(unlucky.last("joined").is("recovered"));
        bridge.letsGo("history");
        receives(comesBack(5), 6, said);
        say(1);
        receives(unlucky, said, said);
    }

    @Test
    void what_is_said_during_a_reading_stands_behind_it_once() {
        bridge.holdsCalls("history");
        FakeClient back = comesBack(5);
        say(5);
        bridge.letsGo("history");
        say(2);
        receives(back, 6, said);
    }

    /** The reading is older than what the lane had already when it asked: a hole, and nobody must jump over it. */
    @Test
    void a_reading_that_ends_before_the_lane_stood_recovers_nobody() {
        bridge.holdsAnswers("history");
        FakeClient first = comesBack(5);
        bridge.delivery().append(foreign(said + 1));
        bridge.delivery().append(foreign(said + 3));
        bridge.delivery().release("r");
        bridge.letsGo("history");
        assertFalse(first.last("joined").is("recovered"));
        assertEquals(List.of(), first.frames("chat"));
    }

    /** Beyond a number of messages nothing was put aside any more, and what was said then was missing without a word. */
    @Test
    void more_than_is_put_aside_during_a_reading_makes_it_worthless() {
        bridge.holdsAnswers("history");
        FakeClient back = comesBack(5);
        // 5 MB, of which 4 are put aside.
        String large = "x".repeat(60_000);
        for (int i = 0; i < 85; i++) {
            host.says(large);
            said++;
        }
        awaitAll();
        host.forget();
        bridge.letsGo("history");
        assertFalse(back.last("joined").is("recovered"));
        say(1);
        receives(back, said, said);
    }

    /** The old epoch's reading was taken for all there is, and whoever waited for it was not told of the gap. */
    @Test
    void messages_that_are_lost_during_a_reading_make_it_worthless() {
        FakeClient slow = slow();
        bridge.holdsAnswers("history");
        slow.readsAgain();
        await().until(() -> bridge.held("history") == 1);
        FakeClient back = comesBack(5);
        bridge.loses("r", new Position(epoch, said), new Position("other", 7));
        bridge.letsGo("history");
        assertFalse(back.last("joined").is("recovered"));
        assertEquals("other", back.last("joined").text("epoch"));
        assertThat(slow).wasClosed(CloseCode.TOO_SLOW);
    }

    /** The same within one epoch, as when the end of a history was trimmed. */
    @Test
    void messages_of_one_epoch_that_are_lost_during_a_reading_make_it_worthless() {
        bridge.holdsAnswers("history");
        FakeClient back = comesBack(5);
        bridge.delivery().lost("r", new Position(epoch, said), new Position(epoch, said + 5));
        bridge.delivery().release("r");
        bridge.letsGo("history");
        assertFalse(back.last("joined").is("recovered"));
        assertEquals(said + 5, back.last("joined").number("offset"));
    }

    /** The lane went back, as behind a backend that had lost its newest: what was read reached beyond it and was believed. */
    @Test
    void messages_that_are_lost_backwards_during_a_reading_make_it_worthless() {
        bridge.holdsAnswers("history");
        FakeClient back = comesBack(5);
        bridge.delivery().lost("r", new Position(epoch, said), new Position(epoch, said - 3));
        bridge.delivery().release("r");
        bridge.letsGo("history");
        assertFalse(back.last("joined").is("recovered"));
        assertEquals(List.of(), back.frames("chat"));
    }

    /**
     * One who comes from another instance may know the new epoch before this one does. It was told a gap for what it had, and
     * one more when the room went there.
     */
    @Test
    void one_who_comes_from_an_epoch_that_the_room_has_yet_to_hear_of_is_brought_up_when_it_has() {
        roomStandsAt(new Position("before", 3));
        FakeClient back = comesBack(5);
        assertTrue(back.last("joined").is("recovered"));
        assertEquals(epoch, back.last("joined").text("epoch"));
        assertEquals(5, back.last("joined").number("offset"));
        bridge.delivery().lost("r", new Position("before", 3), new Position(epoch, said));
        bridge.delivery().release("r");
        time.advance(Duration.ofSeconds(1));
        receives(back, 6, said);
        assertEquals(List.of(), back.frames("gap"));
    }

    /** The same when it moves there while they are being read: what was read is of its epoch by then. */
    @Test
    void a_reading_of_the_new_epoch_holds_when_the_room_moves_there_meanwhile() {
        roomStandsAt(new Position("before", 3));
        bridge.holdsAnswers("history");
        FakeClient back = comesBack(5);
        await().until(() -> bridge.held("history") == 1);
        bridge.delivery().lost("r", new Position("before", 3), new Position(epoch, said));
        bridge.delivery().release("r");
        bridge.letsGo("history");
        receives(back, 6, said);
        assertTrue(back.last("joined").is("recovered"));
        assertEquals(List.of(), back.frames("gap"));
    }

    /** The same for one who comes from the old epoch: one gap in the place of two. */
    @Test
    void one_who_comes_from_the_old_epoch_when_the_new_one_can_be_read_is_told_one_gap() {
        roomStandsAt(new Position("before", 3));
        FakeClient back = comesBack("before", 2);
        assertTrue(back.last("joined").is("recovered"));
        bridge.delivery().lost("r", new Position("before", 3), new Position(epoch, said));
        bridge.delivery().release("r");
        time.advance(Duration.ofSeconds(1));
        assertEquals(epoch, back.last("gap").text("epoch"));
        say(1);
        receives(back, said, said);
        assertEquals(1, back.frames("gap").size());
    }

    /** A bridge that never moves its room there: nobody waits for ever. */
    @Test
    void one_who_comes_from_an_epoch_of_which_the_room_never_hears_is_told_a_gap() {
        roomStandsAt(new Position("before", 3));
        FakeClient back = comesBack(5);
        assertTrue(back.last("joined").is("recovered"));
        time.advance(Duration.ofSeconds(1));
        assertEquals("before", back.last("gap").text("epoch"));
    }

    private void roomStandsAt(Position position) {
        bridge.delivery().lost("r", new Position(epoch, said), position);
        bridge.delivery().release("r");
        host.last("gap");
    }

    @Test
    void a_long_history_is_read_in_pieces_of_1024_messages() {
        say(5_000);
        receives(comesBack(0), 1, said);
        assertEquals(5, bridge.asked("history"));
    }

    /** Each reading left a timer behind that started itself anew for as long as anything was read at all. */
    @Test
    void however_much_is_read_one_timer_looks_whether_it_is_still_needed() {
        int before = time.pending();
        say(5_000);
        receives(comesBack(0), 1, said);
        time.advance(Duration.ofSeconds(1));
        receives(comesBack(0), 1, said);
        assertTrue(bridge.asked("history") > 8);
        assertTrue(time.pending() <= before + 2, "" + time.pending());
    }

    @Test
    void of_two_epochs_among_those_who_ask_at_once_the_rooms_own_is_served() {
        bridge.holdsAnswers("history");
        FakeClient first = comesBack(5);
        FakeClient stranger = comesBack("other", 3);
        FakeClient second = comesBack(2);
        bridge.letsGo("history");
        receives(first, 6, said);
        receives(second, 3, said);
        assertFalse(stranger.last("joined").is("recovered"));
        assertEquals(2, bridge.asked("history"));
    }

    @Test
    void one_that_leaves_during_a_reading_is_nowhere() {
        bridge.holdsAnswers("history");
        FakeClient back = comesBack(5);
        back.closes();
        bridge.letsGo("history");
        say(1);
        await().untilAsserted(() -> assertEquals(1, rooms.stats().memberships()));
        assertEquals(List.of(), back.frames("joined"));
    }

    /** Told the room's newest place, it took for old, or for lost, what it was still being brought up with. */
    @Test
    void one_that_is_behind_and_joins_once_more_is_told_where_it_is() {
        FakeClient slow = slow();
        slow.sends("{\"type\":\"join\",\"room\":\"r\"}");
        await().until(() -> bridge.asked("join") == 3);
        slow.forget();
        slow.readsAgain();
        slow.last("joined");
        slow.await(
                "offset " + said,
                client -> client.frames("chat").stream().anyMatch(frame -> frame.number("offset") == said));
        List<Received> frames = slow.frames();
        long at = -1;
        for (Received frame : frames) {
            if (frame.type().equals("joined")) {
                at = frame.number("offset");
            } else if (frame.type().equals("chat") && at >= 0) {
                assertEquals(at + 1, frame.number("offset"));
                at++;
            }
        }
        assertEquals(said, at);
    }

    /** A member whose room traffic was dropped: at offset 11 of some 200. */
    private FakeClient slow() {
        FakeClient slow = FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", "slow")
                        .parameter("room", "r")
                        .build());
        slow.last("user_joined");
        slow.stopsReading();
        String padding = "x".repeat(1_000);
        for (int i = 0; i < 200; i++) {
            host.says(padding);
            said++;
        }
        awaitAll();
        assertTrue(rooms.stats().hits(Limit.OUTBOX_BYTES) > 0);
        return slow;
    }

    private long timersOfReplays() {
        return time.pending() - 2L;
    }

    private Message foreign(long offset) {
        return Message.chat("foreign").in("r", 1).at(new Position(epoch, offset));
    }

    private void say(int messages) {
        for (int i = 0; i < messages; i++) {
            host.says(++said);
        }
        awaitAll();
    }

    private void awaitAll() {
        host.await("offset " + said, client -> client.last("chat").number("offset") == said);
    }

    private FakeClient comesBack(long offset) {
        return comesBack(epoch, offset);
    }

    private FakeClient comesBack(String from, long offset) {
        return FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", "ann")
                        .parameter("room", "r")
                        .parameter("epoch", from)
                        .parameter("offset", Long.toString(offset))
                        .build());
    }

    private static void receives(FakeClient client, long from, long to) {
        List<Long> expected = LongStream.rangeClosed(from, to).boxed().toList();
        client.await("offsets " + from + " to " + to, all -> all.frames("chat").size() >= expected.size());
        assertEquals(
                expected,
                client.frames("chat").stream()
                        .map(frame -> frame.number("offset"))
                        .toList());
    }
}

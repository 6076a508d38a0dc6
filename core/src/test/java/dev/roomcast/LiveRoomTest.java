package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.LiveConnection.Entry;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveRoomTest {

    private static final Pattern SAID = Pattern.compile("\"content\":\"([^\"]*)\"");

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()).limit(Limit.LANE_MESSAGES, 2));
    private final LiveRoom room = hub.rooms.hold("r");

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_message_reaches_each_member_once_as_the_very_same_frame() {
        Seat one = arrive("e", 0);
        Seat two = arrive("e", 0);
        say("e", 1);
        assertEquals(List.of("e1"), one.said());
        assertTrue(one.newest() == two.newest());
    }

    @Test
    void what_waits_together_is_written_together() {
        Seat one = arrive("e", 0);
        int before = one.writes;
        room.append(new LaneEntry.Said(message("e", 1)));
        room.append(new LaneEntry.Said(message("e", 2)));
        drain();
        assertEquals(before + 1, one.writes);
        assertEquals(List.of("e1", "e2"), one.said());
    }

    @Test
    void an_offset_that_was_delivered_before_is_not_delivered_again() {
        Seat one = arrive("e", 0);
        say("e", 1);
        say("e", 3);
        say("e", 2);
        say("e", 3);
        say("e", 4);
        assertEquals(List.of("e1", "e3", "e4"), one.said());
    }

    @Test
    void a_newcomer_ahead_of_the_lane_skips_up_to_where_it_stands() {
        Seat one = arrive("e", 0);
        Seat ahead = arrive("e", 2);
        assertEquals("2", ahead.joinedAt());
        say("e", 1);
        say("e", 2);
        say("e", 3);
        assertEquals(List.of("e1", "e2", "e3"), one.said());
        assertEquals(List.of("e3"), ahead.said());
    }

    @Test
    void a_newcomer_behind_the_lane_is_told_where_the_lane_stands() {
        arrive("e", 0);
        say("e", 1);
        say("e", 2);
        Seat late = arrive("e", 0);
        assertEquals("2", late.joinedAt());
        say("e", 3);
        assertEquals(List.of("e3"), late.said());
    }

    @Test
    void a_new_epoch_begins_anew_for_everyone() {
        Seat one = arrive("e", 0);
        Seat two = arrive("e", 5);
        say("e", 7);
        say("f", 1);
        // One that excludes somebody is handed out member by member.
        room.append(new LaneEntry.Said(message("f", 2).excluding(new Exclusion("another", "another"))));
        drain();
        assertEquals(List.of("e7", "f1", "f2"), one.said());
        assertEquals(List.of("e7", "f1", "f2"), two.said());
    }

    @Test
    void one_connection_is_left_out() {
        Seat one = arrive("e", 0);
        Seat two = arrive("e", 0);
        Message message = message("e", 1).excluding(new Exclusion(one.member.connection.id(), "whoever"));
        room.append(new LaneEntry.Said(message));
        drain();
        assertEquals(List.of(), one.said());
        assertEquals(List.of("e1"), two.said());
    }

    @Test
    void a_volatile_message_moves_no_position() {
        Seat one = arrive("e", 0);
        say("e", 1);
        room.append(new LaneEntry.Said(Message.chat("v").asVolatile().in("r", 1)));
        drain();
        say("e", 2);
        assertEquals(List.of("e1", "v", "e2"), one.said());
    }

    @Test
    void who_has_departed_gets_nothing_more() {
        Seat one = arrive("e", 0);
        room.append(new LaneEntry.Departed(one.member, Cause.LEAVE, true));
        drain();
        assertTrue(one.newest().text().contains("\"left\""));
        say("e", 1);
        assertEquals(List.of(), one.said());
    }

    /**
     * A connection that ended between entering its list of rooms and arriving in the lane was in the room for ever: its
     * departure stood in the lane before its arrival.
     */
    @Test
    void an_arrival_that_comes_behind_its_departure_lets_nobody_in() {
        arrive("e", 0);
        Seat gone = new Seat(hub, room);
        room.append(new LaneEntry.Departed(gone.member, Cause.LEAVE, false));
        CompletableFuture<Entry> outcome = new CompletableFuture<>();
        room.append(new LaneEntry.Arrived(gone.member, new Position("e", 0), null, 0, null, outcome, Entry.ENTERED));
        drain();
        say("e", 1);
        assertEquals(Entry.ENDED, outcome.join());
        assertEquals(0, gone.writes);
    }

    @Test
    void a_departure_while_the_roster_is_read_ends_the_arrival() {
        Seat early = new Seat(hub, room);
        CompletableFuture<Entry> outcome = new CompletableFuture<>();
        room.append(new LaneEntry.Arrived(early.member, new Position("e", 0), null, 99, null, outcome, Entry.ENTERED));
        drain();
        assertFalse(outcome.isDone(), "it waits for revision 99");
        room.append(new LaneEntry.Departed(early.member, Cause.LEAVE, false));
        drain();
        assertEquals(Entry.ENDED, outcome.join());
    }

    /** The answer stood behind the departure, and a client that had been told that it is out heard of a room it is not in. */
    @Test
    void a_question_that_comes_behind_the_departure_is_not_answered() {
        Seat one = arrive("e", 0);
        room.append(new LaneEntry.Departed(one.member, Cause.LEAVE, true));
        room.append(new LaneEntry.Asked(one.member, new CompletableFuture<>()));
        drain();
        assertTrue(one.newest().text().contains("\"left\""));
    }

    /**
     * Without a history the order begins anew as soon as nobody is interested: what was said between the room being held and
     * being subscribed to stood in an epoch that was over, and the first member was told that one, and then of a gap.
     */
    @Test
    void an_epoch_that_ended_before_the_room_was_subscribed_to_is_forgotten() {
        Hub brief =
                new Hub(Rooms.builder().time(new ManualTime()).history(new HistoryLimits(0, Duration.ofSeconds(1), 0)));
        try {
            LiveRoom held = brief.rooms.hold("r");
            Position over = publish(brief, "nobody hears it");
            Position top = held.subscription().top().toCompletableFuture().join();
            assertFalse(top.comparableTo(over));
            Seat one = new Seat(brief, held);
            held.append(
                    new LaneEntry.Arrived(one.member, top, null, 0, null, new CompletableFuture<>(), Entry.ENTERED));
            brief.turns.drain(held);
            publish(brief, "first");
            assertTrue(
                    one.frames.get(0).text().contains(top.epoch()),
                    one.frames.get(0).text());
            assertEquals(List.of("first"), one.said());
            assertTrue(one.frames.stream().noneMatch(frame -> frame.text().contains("\"gap\"")));
        } finally {
            brief.close();
        }
    }

    /** An arrival stood in the lane before it, and the position that it had brought was forgotten with what was older. */
    @Test
    void nobody_has_the_subscription_before_its_entry_stands_in_the_lane() throws Exception {
        AtomicBoolean seen = new AtomicBoolean();
        Thread first = new Thread(room::subscription);
        Thread second = new Thread(() -> {
            room.subscription();
            seen.set(true);
        });
        synchronized (room.lane) {
            first.start();
            await().until(() -> first.getState() == Thread.State.BLOCKED);
            second.start();
            await().until(() -> seen.get() || second.getState() == Thread.State.BLOCKED);
            assertFalse(seen.get());
        }
        first.join();
        second.join();
        assertEquals(1, room.lane.size());
    }

    /** Position 0 names no message; the batch it stood in was lost, with whoever came and went in it. */
    @Test
    void a_position_that_cannot_be_costs_nobody_else_anything() {
        Seat one = arrive("e", 0);
        Seat leaves = arrive("e", 0);
        room.append(new LaneEntry.Said(message("f", 0)));
        room.append(new LaneEntry.Departed(leaves.member, Cause.LEAVE, true));
        drain();
        say("f", 1);
        assertTrue(one.said().contains("f1"), one.said().toString());
        assertTrue(leaves.newest().text().contains("\"left\""));
    }

    @Test
    void a_room_has_space_until_its_lane_is_full() {
        assertTrue(room.hasSpace());
        room.append(new LaneEntry.Said(message("e", 1)));
        room.append(new LaneEntry.Said(message("e", 2)));
        assertFalse(room.hasSpace());
        drain();
        assertTrue(room.hasSpace());
    }

    /** A transport must not throw; should one do so nevertheless, the members behind it are not to suffer. */
    @Test
    void one_whose_transport_breaks_its_promises_costs_the_others_nothing() {
        Seat broken = arrive("e", 0);
        Seat other = arrive("e", 0);
        broken.throwsAlways = true;
        broken.member.connection.close(CloseCode.NORMAL, "");
        say("e", 1);
        assertEquals(List.of("e1"), other.said());
    }

    private Seat arrive(String epoch, long offset) {
        Seat seat = new Seat(hub, room);
        room.append(new LaneEntry.Arrived(
                seat.member, new Position(epoch, offset), null, 0, null, new CompletableFuture<>(), Entry.ENTERED));
        drain();
        return seat;
    }

    private void say(String epoch, long offset) {
        room.append(new LaneEntry.Said(message(epoch, offset)));
        drain();
    }

    private void drain() {
        hub.turns.drain(room);
    }

    private static Position publish(Hub hub, String text) {
        return hub.publish(Message.chat(text).in("r", 1)).toCompletableFuture().join();
    }

    private static Message message(String epoch, long offset) {
        return Message.chat(epoch + offset).in("r", 1).at(new Position(epoch, offset));
    }

    /** A member, and what was written to it. */
    private static final class Seat implements Transport {

        private final Membership member;
        private final List<TextFrame> frames = new ArrayList<>();
        private int writes;
        private boolean throwsAlways;

        Seat(Hub hub, LiveRoom room) {
            member = new Membership(new LiveConnection(hub, Handshake.builder().build(), this), room);
        }

        TextFrame newest() {
            return frames.get(frames.size() - 1);
        }

        List<String> said() {
            return frames.stream()
                    .map(frame -> SAID.matcher(frame.text()))
                    .filter(Matcher::find)
                    .map(matcher -> matcher.group(1))
                    .toList();
        }

        String joinedAt() {
            return frames.get(0).text().replaceAll(".*\"offset\":(\\d+).*", "$1");
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            check();
            writes++;
            frames.addAll(batch.frames());
            completion.done(null);
        }

        @Override
        public void ping(Completion completion) {
            check();
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {
            check();
        }

        @Override
        public void abort() {
            check();
        }

        private void check() {
            if (throwsAlways) {
                throw new IllegalStateException("on purpose");
            }
        }
    }
}

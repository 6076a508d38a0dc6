package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an outbox does when more waits than may. */
class OverflowTest {

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()));
    private final LiveRoom room = new LiveRoom("r", hub);
    private final Batches batches = new Batches();
    private final Wire wire = new Wire();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void resync_drops_what_waits_of_rooms_and_keeps_the_answers() {
        Outbox outbox = busy(Overflow.RESYNC);
        Membership member = member();
        outbox.offer(member, batches.next("1".repeat(40)));
        outbox.answer(TextFrame.of("answer"));
        outbox.offer(member, batches.next("2".repeat(40)));
        assertFalse(outbox.offer(member, batches.next("3".repeat(40))));
        assertEquals(List.of("dropped 3", "overflowed OUTBOX_BYTES"), wire.told);
        wire.complete();
        assertEquals(List.of("first", "answer"), wire.written);
    }

    @Test
    void resync_tells_who_is_behind_of_which_position_when_all_else_is_written() {
        Outbox outbox = busy(Overflow.RESYNC);
        Membership member = member();
        Membership other = member();
        batches.next("seen");
        outbox.offer(member, batches.next("2".repeat(50)));
        outbox.offer(other, batches.next("3".repeat(50)));
        outbox.offer(member, batches.next("4"));
        assertEquals(List.of(), wire.behind);
        wire.complete();
        assertEquals(List.of(member, other), wire.behind);
        assertEquals(new Position(Batches.EPOCH, 1), outbox.behind(member));
        assertEquals(new Position(Batches.EPOCH, 2), outbox.behind(other));
    }

    @Test
    void who_is_behind_gets_nothing_newer_until_the_last_page_is_there() {
        Outbox outbox = behind();
        Membership member = wire.behind.get(0);
        assertFalse(outbox.offer(member, batches.next("newer")));
        assertFalse(outbox.offer(member, Batches.ofVolatile("cursor")));
        outbox.replay(member, List.of(batches.next("page 1")), new Position(Batches.EPOCH, 7), false);
        assertEquals(new Position(Batches.EPOCH, 7), outbox.behind(member));
        assertFalse(outbox.offer(member, batches.next("newer")));
        wire.complete();
        assertEquals(List.of(member, member), wire.behind, "told again when the page is written");
        outbox.replay(member, List.of(batches.next("page 2")), new Position(Batches.EPOCH, 9), true);
        assertNull(outbox.behind(member));
        assertTrue(outbox.offer(member, batches.next("live")));
        wire.complete();
        wire.complete();
        assertEquals(List.of("first", "page 1", "page 2", "live"), wire.written);
    }

    @Test
    void a_page_that_finds_no_space_is_asked_for_again() {
        Outbox outbox = behind();
        Membership member = wire.behind.get(0);
        Position before = outbox.behind(member);
        Membership other = member();
        outbox.offer(other, batches.next("x"));
        outbox.offer(other, batches.next("y".repeat(60)));
        wire.behind.clear();
        outbox.replay(member, List.of(batches.next("z".repeat(60))), new Position(Batches.EPOCH, 9), true);
        assertEquals(before, outbox.behind(member));
        wire.complete();
        wire.complete();
        assertEquals(List.of(member), wire.behind);
    }

    @Test
    void a_dropped_frame_of_the_roster_is_remembered_until_it_is_asked_for() {
        Outbox outbox = busy(Overflow.RESYNC);
        Membership member = member();
        outbox.offer(member, Batches.presence("p".repeat(60)));
        outbox.offer(member, Batches.presence("q".repeat(60)));
        wire.complete();
        assertEquals(List.of(member), wire.behind);
        assertNull(outbox.behind(member));
        assertTrue(outbox.missedRoster(member));
        assertFalse(outbox.missedRoster(member));
    }

    @Test
    void drop_oldest_keeps_the_newest_and_says_what_is_lost_before_it() {
        Outbox outbox = busy(Overflow.DROP_OLDEST);
        Membership member = member();
        outbox.offer(member, batches.next("1".repeat(40)));
        outbox.offer(member, batches.next("2".repeat(40)));
        assertTrue(outbox.offer(member, batches.next("3".repeat(40))));
        assertTrue(outbox.offer(member, batches.next("4".repeat(40))));
        wire.complete();
        String gap =
                "{\"type\":\"gap\",\"room\":\"r\",\"lost\":{\"epoch\":\"e\",\"after\":0},\"epoch\":\"e\",\"offset\":2}";
        assertEquals(List.of("first", gap + "," + "3".repeat(40) + "," + "4".repeat(40)), wire.written);
        assertEquals(
                2, wire.told.stream().filter(told -> told.equals("dropped 1")).count());
    }

    @Test
    void a_message_that_is_larger_than_the_whole_bound_is_lost_alone() {
        Outbox outbox = busy(Overflow.DROP_OLDEST);
        Membership member = member();
        assertFalse(outbox.offer(member, batches.next("x".repeat(101))));
        assertTrue(outbox.offer(member, batches.next("small")));
        wire.complete();
        assertTrue(wire.written.get(1).endsWith("\"offset\":1},small"), wire.written.get(1));
    }

    @Test
    void the_newest_of_a_key_takes_the_place_of_one_that_waits_and_goes_behind_the_others() {
        Outbox outbox = busy(Overflow.RESYNC);
        Membership member = member();
        outbox.offer(member, Batches.ofKey("a", "a1"));
        outbox.offer(member, Batches.ofKey("b", "b1"));
        outbox.offer(member, batches.next("message"));
        outbox.offer(member, Batches.ofKey("a", "a2"));
        wire.complete();
        assertEquals(List.of("first", "message,b1,a2"), wire.written);
        assertEquals(List.of(), wire.told);
    }

    @Test
    void a_keyed_one_that_finds_no_space_is_dropped_and_costs_nobody_anything() {
        Outbox outbox = busy(Overflow.DISCONNECT);
        Membership member = member();
        outbox.offer(member, batches.next("x".repeat(90)));
        assertFalse(outbox.offer(member, Batches.ofKey("a", "a".repeat(30))));
        assertEquals(List.of("dropped 1", "overflowed OUTBOX_BYTES"), wire.told);
        wire.complete();
        assertEquals(List.of("first", "x".repeat(90)), wire.written);
    }

    @Test
    void lines_carry_what_waits_in_one_frame() {
        Outbox outbox = outbox(Overflow.RESYNC, WireFormat.LINES);
        Membership member = member();
        outbox.offer(member, batches.next("first", "second"));
        outbox.offer(member, batches.next("third"));
        outbox.answer(TextFrame.of("answer"));
        wire.complete();
        assertEquals(List.of("first\nsecond", "third\nanswer"), wire.written);
    }

    /**
     * A page that waited was dropped for what another room had to say, and the member went on from behind it: what stood on
     * it was missing without a word.
     */
    @Test
    void who_loses_a_page_that_waits_is_behind_from_where_the_page_began() {
        Outbox outbox = behind();
        Membership member = wire.behind.get(0);
        Membership other = member();
        RoomBatch page = batches.next("page of 60 bytes ".repeat(4));
        outbox.offer(other, batches.next("in flight"));
        outbox.replay(member, List.of(page), new Position(Batches.EPOCH, page.last()), false);
        outbox.offer(other, batches.next("z".repeat(60)));
        assertEquals(new Position(Batches.EPOCH, page.after()), outbox.behind(member));
    }

    @Test
    void who_loses_the_last_page_is_behind_again() {
        Outbox outbox = behind();
        Membership member = wire.behind.get(0);
        RoomBatch page = batches.next("page of 60 bytes ".repeat(4));
        outbox.offer(member(), batches.next("in flight"));
        outbox.replay(member, List.of(page), new Position(Batches.EPOCH, page.last()), true);
        assertNull(outbox.behind(member));
        outbox.offer(member, batches.next("z".repeat(60)));
        assertEquals(new Position(Batches.EPOCH, page.after()), outbox.behind(member));
    }

    /** An outbox with a write in flight and a bound of 100 bytes behind it. */
    private Outbox busy(Overflow overflow) {
        Outbox outbox = outbox(overflow, WireFormat.PLAIN);
        outbox.answer(TextFrame.of("first"));
        return outbox;
    }

    /** One that has dropped what waited for a member, and is idle again. */
    private Outbox behind() {
        Outbox outbox = busy(Overflow.RESYNC);
        Membership member = member();
        outbox.offer(member, batches.next("x".repeat(60)));
        outbox.offer(member, batches.next("y".repeat(60)));
        wire.complete();
        assertEquals(List.of(member), wire.behind);
        return outbox;
    }

    private Outbox outbox(Overflow overflow, WireFormat format) {
        Settings settings =
                new Settings(Rooms.builder().limit(Limit.OUTBOX_BYTES, 100).overflow(overflow));
        return new Outbox(
                wire,
                wire,
                format,
                settings,
                new WriteDeadlines(new ManualTime(), Duration.ofDays(1)),
                Budgets.ample());
    }

    private Membership member() {
        LiveConnection connection = new LiveConnection(hub, Handshake.builder().build(), new NullTransport());
        return new Membership(connection, room);
    }

    /** Holds each write until told. */
    private static final class Wire implements Transport, Outbox.Owner {

        private final List<String> written = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private final List<Membership> behind = new ArrayList<>();
        private @Nullable Completion held;

        void complete() {
            Completion completion = held;
            held = null;
            if (completion != null) {
                completion.done(null);
            }
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            written.add(batch.frames().stream().map(TextFrame::text).collect(Collectors.joining(",")));
            held = completion;
        }

        @Override
        public void ping(Completion completion) {
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {}

        @Override
        public void overflowed(Limit limit) {
            told.add("overflowed " + limit);
        }

        @Override
        public void tooSlow(Limit limit) {
            told.add("slow " + limit);
        }

        @Override
        public void writeFailed(Throwable failure) {
            told.add("failed " + failure);
        }

        @Override
        public void dropped(int frames) {
            told.add("dropped " + frames);
        }

        @Override
        public void drained(List<Membership> members) {
            behind.addAll(members);
        }
    }
}

package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private final ManualTime time = new ManualTime();
    private final Wire wire = new Wire();
    private final Told told = new Told();
    private final Settings settings = new Settings(Rooms.builder()
            .limit(Limit.OUTBOX_BYTES, 100)
            .limit(Limit.OUTBOX_FRAMES, 20)
            .limit(Limit.CONTROL_BYTES, 50)
            .overflow(Overflow.DISCONNECT));
    private final Batches batches = new Batches();
    private final Membership member = new Membership(null, null);
    private final WriteDeadlines deadlines = new WriteDeadlines(time, settings.duration(Limit.WRITE_DEADLINE));
    private final Outbox outbox = new Outbox(wire, told, WireFormat.PLAIN, settings, deadlines, Budgets.ample());

    @Test
    void an_idle_outbox_writes_at_once_and_hands_on_the_very_batch() {
        RoomBatch batch = batches.next("a", "b");
        outbox.offer(member, batch);
        assertEquals(List.of("a,b"), wire.written());
        assertTrue(wire.last == batch.in(WireFormat.PLAIN));
    }

    @Test
    void a_busy_outbox_waits_and_then_writes_all_that_waits_in_one_go() {
        wire.holds = true;
        offer("a");
        offer("b");
        outbox.answer(frame("answer"));
        offer("c");
        assertEquals(List.of("a"), wire.written());
        wire.complete(null);
        assertEquals(List.of("a", "b,answer,c"), wire.written());
    }

    @Test
    void a_write_carries_no_more_than_it_should() {
        Settings wide = new Settings(Rooms.builder());
        Outbox roomy = new Outbox(wire, told, WireFormat.PLAIN, wide, deadlines, Budgets.ample());
        wire.holds = true;
        roomy.offer(member, batches.next(List.of(frame("x"))));
        for (int i = 0; i < 9; i++) {
            TextFrame large = frame("y".repeat(10_000));
            roomy.offer(member, batches.next(List.of(large)));
        }
        wire.complete(null);
        assertEquals(7, wire.lastBatch.size());
        wire.complete(null);
        assertEquals(2, wire.lastBatch.size());
    }

    @Test
    void too_many_bytes_are_told_once_and_no_more_is_taken() {
        wire.holds = true;
        offer("x".repeat(60));
        offer("y".repeat(41));
        offer("z");
        assertEquals(List.of("slow OUTBOX_BYTES", "dropped 1", "dropped 1"), told.sorted());
        wire.complete(null);
        offer("z");
        outbox.offer(member, Batches.ofVolatile("z"));
        assertEquals(1, wire.written().size());
    }

    @Test
    void too_many_frames_are_told() {
        wire.holds = true;
        for (int i = 0; i < 21; i++) {
            offer("x");
        }
        assertEquals(List.of(), told.events);
        offer("x");
        assertEquals(List.of("slow OUTBOX_FRAMES", "dropped 1"), told.sorted());
    }

    @Test
    void answers_have_a_bound_of_their_own_and_are_not_dropped_for_room_traffic() {
        wire.holds = true;
        offer("x".repeat(99));
        assertTrue(outbox.answer(frame("y".repeat(50))));
        assertFalse(outbox.answer(frame("z")));
        assertEquals(List.of("slow CONTROL_BYTES"), told.events);
        wire.complete(null);
        assertEquals("y".repeat(50), wire.written().get(1));
    }

    @Test
    void a_volatile_frame_goes_out_only_when_nothing_waits() {
        outbox.offer(member, Batches.ofVolatile("a"));
        wire.holds = true;
        offer("b");
        outbox.offer(member, Batches.ofVolatile("c"));
        wire.complete(null);
        outbox.offer(member, Batches.ofVolatile("d"));
        assertEquals(List.of("a", "b", "d"), wire.written());
        assertEquals(List.of("dropped 1"), told.events);
    }

    @Test
    void a_ping_goes_between_two_writes_and_never_beside_one() {
        outbox.ping();
        wire.holds = true;
        offer("a");
        outbox.ping();
        outbox.ping();
        offer("b");
        assertEquals(List.of("ping", "a"), wire.operations);
        wire.complete(null);
        assertEquals(List.of("ping", "a", "ping"), wire.operations);
        wire.complete(null);
        assertEquals(List.of("ping", "a", "ping", "b"), wire.operations);
    }

    /** A large write that was over still counted while the ping behind it was in flight: who kept up was too slow. */
    @Test
    void a_ping_in_flight_takes_no_room_from_what_waits() {
        wire.holds = true;
        offer("x".repeat(90));
        outbox.ping();
        wire.complete(null);
        offer("y".repeat(90));
        assertEquals(List.of(), told.events);
        wire.complete(null);
        assertEquals("y".repeat(90), wire.written().get(1));
    }

    @Test
    void a_transport_that_throws_from_close_throws_at_nobody() {
        wire.closeThrows = true;
        outbox.finish(1000, "", false);
        assertEquals(List.of("close 1000 "), wire.operations);
    }

    @Test
    void a_farewell_comes_after_all_that_waits() {
        wire.holds = true;
        offer("a");
        offer("b");
        outbox.finish(1001, "bye", false);
        offer("too late");
        assertFalse(outbox.answer(frame("too late")));
        wire.holds = false;
        wire.complete(null);
        assertEquals(List.of("a", "b", "close 1001 bye"), wire.operations);
    }

    @Test
    void a_farewell_that_discards_waits_only_for_the_write_in_flight() {
        wire.holds = true;
        offer("a");
        offer("b");
        outbox.finish(4008, "slow", true);
        assertEquals(List.of("a"), wire.operations);
        wire.complete(null);
        assertEquals(List.of("a", "close 4008 slow"), wire.operations);
        assertEquals(List.of("dropped 1"), told.events);
    }

    @Test
    void an_idle_outbox_says_farewell_at_once_and_only_once() {
        outbox.finish(1000, "", false);
        outbox.finish(1001, "", false);
        assertEquals(List.of("close 1000 "), wire.operations);
    }

    @Test
    void a_failed_write_is_told_and_nothing_is_written_any_more() {
        wire.holds = true;
        offer("a");
        offer("b");
        wire.complete(new IllegalStateException("broken"));
        offer("c");
        assertEquals(List.of("a"), wire.operations);
        assertEquals(List.of("failed broken", "dropped 1"), told.events);
    }

    @Test
    void a_write_that_fails_inline_or_throws_is_told_just_the_same() {
        wire.fails = true;
        offer("a");
        assertEquals(List.of("failed inline"), told.events);
        Told other = new Told();
        Wire throwing = new Wire();
        throwing.throwsUp = true;
        new Outbox(throwing, other, WireFormat.PLAIN, settings, deadlines, Budgets.ample())
                .offer(member, batches.next("a"));
        assertEquals(List.of("failed thrown"), other.events);
    }

    @Test
    void a_write_that_takes_too_long_is_told_at_most_a_quarter_after_the_deadline() {
        wire.holds = true;
        offer("a");
        time.advance(Duration.ofMillis(9_999));
        assertEquals(List.of(), told.events);
        time.advance(Duration.ofMillis(2_501));
        assertEquals(List.of("slow WRITE_DEADLINE"), told.events);
    }

    @Test
    void writes_that_end_in_time_cost_no_timer_in_the_end() {
        wire.holds = true;
        for (int i = 0; i < 10; i++) {
            offer("a");
            time.advance(Duration.ofSeconds(4));
            wire.complete(null);
        }
        time.advance(Duration.ofSeconds(10));
        assertEquals(List.of(), told.events);
        assertEquals(0, time.pending());
    }

    /** Whoever looked for what a slow client had cost saw less than was lost. */
    @Test
    void what_is_refused_since_it_closes_or_has_ended_counts_as_dropped() {
        wire.holds = true;
        offer("a");
        outbox.finish(1000, "", false);
        outbox.offer(member, batches.next("b", "c"));
        assertEquals(List.of("dropped 2"), told.events);
        outbox.kill();
        outbox.offer(member, Batches.presence("p"));
        outbox.offer(member, Batches.ofKey("k", "k"));
        outbox.offer(member, Batches.ofVolatile("v"));
        assertEquals(List.of("dropped 2", "dropped 1", "dropped 1", "dropped 1"), told.events);
    }

    @Test
    void a_killed_outbox_ignores_what_comes_late() {
        wire.holds = true;
        offer("a");
        offer("b");
        outbox.kill();
        wire.complete(null);
        outbox.ping();
        outbox.finish(1000, "", false);
        assertEquals(List.of("a"), wire.operations);
        assertEquals(List.of(), told.events);
    }

    @Test
    void a_hundred_thousand_inline_completions_do_not_grow_the_stack() {
        Settings wide = new Settings(Rooms.builder().limit(Limit.OUTBOX_FRAMES, 200_000));
        Outbox roomy = new Outbox(wire, told, WireFormat.PLAIN, wide, deadlines, Budgets.ample());
        wire.holds = true;
        roomy.offer(member, batches.next(List.of(frame("x"))));
        for (int i = 0; i < 100_000; i++) {
            roomy.ping();
            roomy.offer(member, batches.next(List.of(frame("y"))));
        }
        wire.holds = false;
        wire.complete(null);
        assertEquals(100_001, String.join(",", wire.written()).split(",").length);
        assertEquals(List.of(), told.events);
    }

    @Test
    void whatever_happens_what_was_taken_goes_out_once_and_in_order() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Outbox roomy = new Outbox(
                wire,
                told,
                WireFormat.PLAIN,
                new Settings(Rooms.builder().limit(Limit.OUTBOX_FRAMES, 100_000)),
                deadlines,
                Budgets.ample());
        List<String> taken = new ArrayList<>();
        for (int step = 0; step < 100_000; step++) {
            wire.holds = random.nextBoolean();
            switch (random.nextInt(5)) {
                case 0 -> roomy.ping();
                case 1, 2 -> {
                    taken.add("r" + step);
                    roomy.offer(member, batches.next(List.of(frame("r" + step))));
                }
                case 3 -> {
                    taken.add("a" + step);
                    roomy.answer(frame("a" + step));
                }
                default -> wire.complete(null);
            }
        }
        wire.holds = false;
        wire.complete(null);
        List<String> out = wire.written().stream()
                .flatMap(batch -> List.of(batch.split(",")).stream())
                .toList();
        assertEquals(taken, out, "seed " + seed);
        assertEquals(0, wire.overlaps, "seed " + seed);
    }

    private void offer(String text) {
        outbox.offer(member, batches.next(text));
    }

    private static TextFrame frame(String text) {
        return TextFrame.of(text);
    }

    /** A transport under the test's control. */
    private static final class Wire implements Transport {

        private final List<String> operations = new ArrayList<>();
        private final Deque<Completion> held = new ArrayDeque<>();
        private List<TextFrame> lastBatch = List.of();
        private @Nullable FrameBatch last;
        private boolean holds;
        private boolean fails;
        private boolean throwsUp;
        private boolean closeThrows;
        private int overlaps;

        List<String> written() {
            return operations.stream()
                    .filter(operation -> !operation.equals("ping") && !operation.startsWith("close"))
                    .toList();
        }

        void complete(@Nullable Throwable failure) {
            Completion completion = held.poll();
            if (completion != null) {
                completion.done(failure);
            }
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            last = batch;
            lastBatch = batch.frames();
            operate(batch.frames().stream().map(TextFrame::text).collect(Collectors.joining(",")), completion);
        }

        @Override
        public void ping(Completion completion) {
            operate("ping", completion);
        }

        @Override
        public void close(int code, String reason) {
            operations.add("close " + code + " " + reason);
            if (closeThrows) {
                throw new IllegalStateException("thrown");
            }
        }

        @Override
        public void abort() {
            operations.add("abort");
        }

        private void operate(String operation, Completion completion) {
            overlaps += held.isEmpty() ? 0 : 1;
            operations.add(operation);
            if (throwsUp) {
                throw new IllegalStateException("thrown");
            }
            if (holds) {
                held.add(completion);
            } else {
                completion.done(fails ? new IllegalStateException("inline") : null);
            }
        }
    }

    /** What the owner was told. */
    private static final class Told implements Outbox.Owner {

        private final List<String> events = new ArrayList<>();

        List<String> sorted() {
            return events.stream().sorted((a, b) -> b.compareTo(a)).toList();
        }

        @Override
        public void overflowed(Limit limit) {
            events.add("overflowed " + limit);
        }

        @Override
        public void drained(List<Membership> behind) {
            events.add("drained " + behind.size());
        }

        @Override
        public void tooSlow(Limit limit) {
            events.add("slow " + limit);
        }

        @Override
        public void writeFailed(Throwable failure) {
            events.add("failed " + failure.getMessage());
        }

        @Override
        public void dropped(int frames) {
            events.add("dropped " + frames);
        }
    }

    @Test
    void frames_of_a_list_stay_together() {
        wire.holds = true;
        offer("a");
        outbox.offer(
                member,
                batches.next(IntStream.range(0, 5).mapToObj(i -> frame("f" + i)).toList()));
        wire.complete(null);
        assertEquals("f0,f1,f2,f3,f4", wire.written().get(1));
    }
}

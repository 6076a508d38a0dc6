package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WriteDeadlinesTest {

    private static final Duration DEADLINE = Duration.ofSeconds(8);

    private final ManualTime time = new ManualTime();
    private final Settings settings = new Settings(Rooms.builder().limit(Limit.WRITE_DEADLINE, DEADLINE.toMillis()));
    private final WriteDeadlines deadlines = new WriteDeadlines(time, DEADLINE);

    @Test
    void one_timer_serves_all_and_ends_when_nothing_is_in_flight() {
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Writer writer = new Writer();
            writer.writes();
            writers.add(writer);
        }
        assertEquals(1, time.pending());
        time.advance(DEADLINE.dividedBy(4));
        assertEquals(1, time.pending());
        writers.forEach(Writer::completes);
        time.advance(DEADLINE.dividedBy(4));
        assertEquals(0, time.pending());
        time.advance(DEADLINE.multipliedBy(2));
        writers.forEach(writer -> assertEquals(List.of(), writer.told));
    }

    @Test
    void a_late_write_is_found_at_most_a_quarter_after_its_deadline_and_told_once() {
        new Writer().writes();
        time.advance(Duration.ofMillis(1));
        Writer late = new Writer();
        late.writes();
        time.advance(DEADLINE.minusMillis(1));
        assertEquals(List.of(), late.told);
        time.advance(DEADLINE.dividedBy(4));
        assertEquals(List.of(Limit.WRITE_DEADLINE), late.told);
        time.advance(DEADLINE.multipliedBy(3));
        assertEquals(List.of(Limit.WRITE_DEADLINE), late.told);
        assertEquals(0, time.pending());
    }

    @Test
    void the_deadline_is_that_of_each_write_and_not_of_all_together() {
        Writer writer = new Writer();
        for (int i = 0; i < 10; i++) {
            writer.writes();
            time.advance(DEADLINE.minusMillis(1));
            writer.completes();
        }
        assertEquals(List.of(), writer.told);
        writer.writes();
        time.advance(DEADLINE.plus(DEADLINE.dividedBy(4)));
        assertEquals(List.of(Limit.WRITE_DEADLINE), writer.told);
    }

    @Test
    void who_was_late_once_is_watched_again() {
        Writer writer = new Writer();
        writer.writes();
        time.advance(DEADLINE.multipliedBy(2));
        writer.completes();
        writer.writes();
        time.advance(DEADLINE.multipliedBy(2));
        assertEquals(List.of(Limit.WRITE_DEADLINE, Limit.WRITE_DEADLINE), writer.told);
    }

    @Test
    void who_was_forgotten_in_between_is_watched_again() {
        Writer writer = new Writer();
        writer.writes();
        writer.completes();
        time.advance(DEADLINE);
        assertEquals(0, time.pending());
        writer.writes();
        time.advance(DEADLINE.multipliedBy(2));
        assertEquals(List.of(Limit.WRITE_DEADLINE), writer.told);
    }

    /** The timer died with the first that threw, and no late write was ever found again. */
    @Test
    void one_that_throws_keeps_nobody_else_from_being_found() {
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Writer writer = new Writer();
            writer.throwsWhenTold = i % 2 == 0;
            writer.writes();
            writers.add(writer);
        }
        time.advance(DEADLINE.multipliedBy(2));
        writers.forEach(writer -> assertEquals(List.of(Limit.WRITE_DEADLINE), writer.told));
        Writer later = new Writer();
        later.writes();
        time.advance(DEADLINE.multipliedBy(2));
        assertEquals(List.of(Limit.WRITE_DEADLINE), later.told);
    }

    @Test
    void a_ping_that_does_not_go_out_is_late_like_any_write() {
        Writer writer = new Writer();
        writer.outbox.ping();
        time.advance(DEADLINE.multipliedBy(2));
        assertEquals(List.of(Limit.WRITE_DEADLINE), writer.told);
    }

    /** An outbox whose writes stay in flight until the test completes them. */
    private final class Writer implements Transport, Outbox.Owner {

        private final Outbox outbox = new Outbox(this, this, WireFormat.PLAIN, settings, deadlines, Budgets.ample());
        private final List<Limit> told = new ArrayList<>();
        private @Nullable Completion held;
        private boolean throwsWhenTold;

        void writes() {
            outbox.offer(new Membership(null, null), Batches.ofVolatile("x"));
        }

        void completes() {
            Completion completion = held;
            held = null;
            if (completion != null) {
                completion.done(null);
            }
        }

        @Override
        public void write(FrameBatch frames, Completion completion) {
            held = completion;
        }

        @Override
        public void ping(Completion completion) {
            held = completion;
        }

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {}

        @Override
        public void overflowed(Limit limit) {}

        @Override
        public void drained(List<Membership> behind) {}

        @Override
        public void tooSlow(Limit limit) {
            told.add(limit);
            if (throwsWhenTold) {
                throw new OutOfMemoryError("on purpose");
            }
        }

        @Override
        public void writeFailed(Throwable failure) {}

        @Override
        public void dropped(int frames) {}
    }
}

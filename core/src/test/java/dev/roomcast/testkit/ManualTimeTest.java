package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final List<String> ran = new ArrayList<>();

    @Test
    void it_stands_still_until_it_is_turned() {
        assertEquals(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli(), time.millis());
        assertEquals(0, time.nanos());
        time.advance(Duration.ofNanos(1_999_999));
        assertEquals(Instant.parse("2026-01-01T00:00:00.001Z").toEpochMilli(), time.millis());
        assertEquals(1_999_999, time.nanos());
        assertEquals(7, new ManualTime(7).millis());
    }

    @Test
    void a_timer_runs_when_its_moment_has_come_and_only_once() {
        time.after(SECOND, () -> ran.add("a"));
        time.advance(SECOND.minusNanos(1));
        assertEquals(List.of(), ran);
        assertEquals(1, time.pending());
        time.advance(Duration.ofNanos(1));
        assertEquals(List.of("a"), ran);
        assertEquals(0, time.pending());
        time.advance(SECOND);
        assertEquals(List.of("a"), ran);
    }

    @Test
    void nothing_runs_before_the_clock_is_turned() {
        time.after(Duration.ZERO, () -> ran.add("zero"));
        time.after(Duration.ofSeconds(-1), () -> ran.add("less"));
        assertEquals(List.of(), ran);
        time.advance(Duration.ZERO);
        assertEquals(List.of("zero", "less"), ran);
    }

    @Test
    void timers_run_in_the_order_in_which_they_are_due_each_at_its_moment() {
        time.after(Duration.ofSeconds(3), () -> ran.add("c at " + time.nanos()));
        time.after(Duration.ofSeconds(1), () -> ran.add("a at " + time.nanos()));
        time.after(Duration.ofSeconds(3), () -> ran.add("d at " + time.nanos()));
        time.after(Duration.ofSeconds(2), () -> ran.add("b at " + time.nanos()));
        time.advance(Duration.ofSeconds(4));
        assertEquals(List.of("a at 1000000000", "b at 2000000000", "c at 3000000000", "d at 3000000000"), ran);
        assertEquals(4_000_000_000L, time.nanos());
    }

    @Test
    void what_a_timer_schedules_runs_on_the_same_way() {
        time.after(SECOND, () -> time.after(SECOND, () -> time.after(SECOND, () -> ran.add("at " + time.nanos()))));
        time.advance(Duration.ofSeconds(2));
        assertEquals(List.of(), ran);
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("at 3000000000"), ran);
    }

    @Test
    void a_timer_may_turn_the_clock_itself() {
        time.after(SECOND, () -> time.advance(Duration.ofSeconds(5)));
        time.after(Duration.ofSeconds(2), () -> ran.add("b at " + time.nanos()));
        time.advance(SECOND);
        assertEquals(List.of("b at 2000000000"), ran);
        assertEquals(6_000_000_000L, time.nanos());
    }

    @Test
    void a_cancelled_timer_never_runs() {
        Time.Timer timer = time.after(SECOND, () -> ran.add("a"));
        time.after(SECOND, () -> ran.add("b"));
        timer.cancel();
        timer.cancel();
        assertEquals(1, time.pending());
        time.advance(SECOND);
        timer.cancel();
        assertEquals(List.of("b"), ran);
    }

    @Test
    void a_timer_may_cancel_one_that_is_due_with_it() {
        List<Time.Timer> timers = new ArrayList<>();
        time.after(SECOND, () -> timers.get(0).cancel());
        timers.add(time.after(SECOND, () -> ran.add("b")));
        time.advance(SECOND);
        assertEquals(List.of(), ran);
    }

    /** Unlike the machine's clock, which logs it: a test should fail where its code fails. */
    @Test
    void a_timer_that_fails_fails_the_test_and_the_others_stay() {
        time.after(SECOND, () -> {
            throw new IllegalStateException("on purpose");
        });
        time.after(SECOND, () -> ran.add("b"));
        assertThrows(IllegalStateException.class, () -> time.advance(SECOND));
        time.advance(Duration.ZERO);
        assertEquals(List.of("b"), ran);
    }

    @Test
    void a_delay_may_be_of_any_length() {
        time.advance(Duration.ofDays(1));
        time.after(Duration.ofSeconds(Long.MAX_VALUE), () -> ran.add("never"));
        time.after(Duration.ofSeconds(Long.MIN_VALUE), () -> ran.add("at once"));
        time.advance(Duration.ofDays(365L * 200));
        assertEquals(List.of("at once"), ran);
        assertEquals(1, time.pending());
    }

    @Test
    void after_closing_nothing_runs_any_more() {
        time.after(SECOND, () -> ran.add("waited"));
        time.close();
        time.close();
        time.after(SECOND, () -> ran.add("late")).cancel();
        time.after(SECOND, () -> ran.add("late"));
        assertEquals(0, time.pending());
        time.advance(Duration.ofSeconds(9));
        assertEquals(List.of(), ran);
    }

    @Test
    void a_timer_may_close_the_clock() {
        time.after(SECOND, time::close);
        time.after(SECOND, () -> ran.add("b"));
        time.advance(SECOND);
        assertEquals(List.of(), ran);
    }
}

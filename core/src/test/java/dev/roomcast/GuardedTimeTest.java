package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A timer that could not be set is not lost: a heartbeat would never come again. */
class GuardedTimeTest {

    private final ManualTime manual = new ManualTime();
    private final List<String> done = new ArrayList<>();
    private boolean broken;
    private final Time time = new GuardedTime(new Broken());

    @Test
    void what_could_not_be_set_is_set_with_the_next_that_can_be_and_comes_in_time() {
        broken = true;
        time.after(Duration.ofSeconds(10), () -> done.add("a"));
        Time.Timer cancelled = time.after(Duration.ofSeconds(10), () -> done.add("b"));
        manual.advance(Duration.ofSeconds(4));
        broken = false;
        cancelled.cancel();
        time.after(Duration.ofSeconds(7), () -> done.add("c"));
        manual.advance(Duration.ofSeconds(6));
        assertEquals(List.of("a"), done);
        manual.advance(Duration.ofSeconds(1));
        assertEquals(List.of("a", "c"), done);
    }

    @Test
    void a_timer_that_is_taken_back_does_not_come() {
        time.after(Duration.ofSeconds(1), () -> done.add("a")).cancel();
        assertEquals(0, time.pending());
        manual.advance(Duration.ofSeconds(2));
        assertEquals(List.of(), done);
    }

    private final class Broken implements Time {

        @Override
        public long millis() {
            return manual.millis();
        }

        @Override
        public long nanos() {
            return manual.nanos();
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            if (broken) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return manual.after(delay, task);
        }

        @Override
        public int pending() {
            return manual.pending();
        }

        @Override
        public void close() {
            manual.close();
        }
    }
}

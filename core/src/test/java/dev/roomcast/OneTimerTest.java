package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneTimerTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final OneTimer timer = new OneTimer(time);
    private final List<String> ran = new ArrayList<>();

    @Test
    void starting_it_anew_takes_the_old_task_back() {
        timer.start(SECOND, () -> ran.add("a"));
        timer.start(SECOND.multipliedBy(2), () -> ran.add("b"));
        assertEquals(1, time.pending());
        time.advance(SECOND.multipliedBy(3));
        assertEquals(List.of("b"), ran);
    }

    @Test
    void the_first_start_counts_where_once_is_asked_for() {
        timer.startOnce(SECOND.multipliedBy(2), () -> ran.add("a"));
        timer.startOnce(SECOND, () -> ran.add("b"));
        time.advance(SECOND.multipliedBy(3));
        assertEquals(List.of("a"), ran);
    }

    @Test
    void after_a_stop_it_can_start_again_and_after_the_end_it_cannot() {
        timer.start(SECOND, () -> ran.add("a"));
        timer.stop();
        timer.stop();
        assertEquals(0, time.pending());
        timer.startOnce(SECOND, () -> ran.add("b"));
        time.advance(SECOND);
        assertEquals(List.of("b"), ran);
        timer.end();
        timer.start(SECOND, () -> ran.add("c"));
        timer.startOnce(SECOND, () -> ran.add("d"));
        assertEquals(0, time.pending());
    }
}

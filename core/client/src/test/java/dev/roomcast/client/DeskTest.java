package dev.roomcast.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Where the application is told: on an executor that may be full. */
class DeskTest {

    private final ManualTime time = new ManualTime();
    private final List<Integer> told = new ArrayList<>();
    private boolean full;

    private final Executor executor = task -> {
        if (full) {
            throw new RejectedExecutionException("full");
        }
        task.run();
    };

    private final Desk desk = new Desk(executor, time, "");

    /** The client was told nothing for ever after. */
    @Test
    void an_executor_that_is_full_for_the_moment_is_asked_again() {
        full = true;
        desk.execute(() -> told.add(1));
        desk.execute(() -> told.add(2));
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of(), told);
        full = false;
        time.advance(Duration.ofMillis(100));
        assertEquals(List.of(1, 2), told);
        desk.execute(() -> told.add(3));
        assertEquals(List.of(1, 2, 3), told);
        assertEquals(0, time.pending());
    }

    @Test
    void one_that_stays_full_is_not_asked_any_more_after_the_end() {
        full = true;
        desk.execute(() -> told.add(1));
        desk.finish();
        time.advance(Duration.ofSeconds(1));
        assertEquals(0, time.pending());
    }

    @Test
    void what_fails_harms_nothing_behind_it() {
        desk.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        desk.execute(() -> told.add(1));
        assertEquals(List.of(1), told);
    }
}

package dev.roomcast.time;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemTimeTest {

    private static final Duration NOW = Duration.ZERO;
    private static final Duration HOUR = Duration.ofHours(1);

    private final Time time = Time.system("the-timer");
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        time.close();
    }

    @Test
    void its_clocks_are_the_machines() {
        long millis = System.currentTimeMillis();
        long nanos = System.nanoTime();
        assertTrue(time.nanos() - nanos >= 0);
        assertTrue(Math.abs(time.millis() - millis) < 60_000);
    }

    @Test
    void a_task_runs_once_on_the_timers_own_daemon_thread() throws InterruptedException {
        time.after(
                NOW,
                () -> ran.add(Thread.currentThread().getName() + " "
                        + Thread.currentThread().isDaemon()));
        assertEquals("the-timer true", ran.poll(10, SECONDS));
        await().until(() -> time.pending() == 0);
        assertTrue(ran.isEmpty());
    }

    @Test
    void a_task_does_not_run_early() throws InterruptedException {
        long start = System.nanoTime();
        BlockingQueue<Long> at = new LinkedBlockingQueue<>();
        time.after(Duration.ofMillis(30), () -> at.add(System.nanoTime()));
        Long end = at.poll(10, SECONDS);
        assertNotNull(end);
        assertTrue(end - start >= 30_000_000, () -> "after " + (end - start) + " ns");
    }

    @Test
    void a_delay_below_zero_is_none() throws InterruptedException {
        time.after(Duration.ofSeconds(-1), () -> ran.add("ran"));
        assertEquals("ran", ran.poll(10, SECONDS));
    }

    @Test
    void tasks_that_are_due_together_run_in_the_order_in_which_they_are_due() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        time.after(NOW, () -> awaitQuietly(gate));
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        time.after(Duration.ofMillis(5), () -> order.add(100));
        for (int i = 0; i < 100; i++) {
            int task = i;
            time.after(Duration.ofMillis(-1), () -> order.add(task));
        }
        time.after(Duration.ofMillis(20), () -> ran.add("last"));
        gate.countDown();
        assertEquals("last", ran.poll(10, SECONDS));
        assertEquals(101, order.size());
        assertEquals(order.stream().sorted().toList(), order);
    }

    @Test
    void a_cancelled_task_is_gone_at_once() throws InterruptedException {
        Time.Timer cancelled = time.after(HOUR, () -> ran.add("cancelled"));
        Time.Timer other = time.after(HOUR, () -> ran.add("other"));
        assertEquals(2, time.pending());
        cancelled.cancel();
        cancelled.cancel();
        assertEquals(1, time.pending());
        other.cancel();
        assertEquals(0, time.pending());
    }

    @Test
    void cancelling_what_has_run_changes_nothing() throws InterruptedException {
        Time.Timer timer = time.after(NOW, () -> ran.add("ran"));
        assertEquals("ran", ran.poll(10, SECONDS));
        timer.cancel();
        time.after(NOW, () -> ran.add("next"));
        assertEquals("next", ran.poll(10, SECONDS));
    }

    @Test
    void a_task_that_fails_harms_no_other() throws InterruptedException {
        time.after(NOW, () -> {
            throw new IllegalStateException("on purpose");
        });
        time.after(NOW, () -> {
            throw new AssertionError("on purpose");
        });
        time.after(NOW, () -> ran.add("ran"));
        assertEquals("ran", ran.poll(10, SECONDS));
    }

    /** A token that is good until the year 9999 once was an ArithmeticException: nanoseconds end after 292 years. */
    @Test
    void a_delay_may_be_of_any_length() {
        for (Duration delay : new Duration[] {Duration.ofDays(365L * 8000), Duration.ofSeconds(Long.MAX_VALUE)}) {
            time.after(delay, () -> ran.add("never")).cancel();
        }
        time.after(Duration.ofSeconds(Long.MIN_VALUE), () -> ran.add("at once"));
        await().until(() -> ran.contains("at once"));
        assertFalse(ran.contains("never"));
    }

    @Test
    void after_closing_nothing_starts_any_more() {
        time.after(HOUR, () -> ran.add("waited"));
        time.close();
        time.close();
        assertEquals(0, time.pending());
        time.after(NOW, () -> ran.add("late")).cancel();
        time.after(NOW, () -> ran.add("late"));
        assertEquals(0, time.pending());
        assertTrue(ran.isEmpty());
    }

    @Test
    void its_thread_starts_with_the_first_timer_and_ends_with_it() throws InterruptedException {
        String name = "only-here-" + System.nanoTime();
        Time own = Time.system(name);
        assertNull(thread(name));
        own.after(NOW, () -> ran.add("ran"));
        assertEquals("ran", ran.poll(10, SECONDS));
        assertNotNull(thread(name));
        own.close();
        await().until(() -> thread(name) == null);
    }

    private static Thread thread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            assertTrue(gate.await(10, SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

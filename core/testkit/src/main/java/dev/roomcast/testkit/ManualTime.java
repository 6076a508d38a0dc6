package dev.roomcast.testkit;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still until a test turns it. Timers run on the thread that calls {@link #advance}, in the order in
 * which they are due, each at its own moment. Safe for use by any thread.
 */
public final class ManualTime implements Time {

    /** A task and when it is due. */
    private record Due(long at, long sequence, Runnable task) {}

    // Guarded by this.
    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::sequence));
    private long nanos;
    private long sequence;
    private boolean closed;

    private final long startMillis;

    /** A clock that starts at 2026-01-01T00:00Z. */
    public ManualTime() {
        this(1_767_225_600_000L);
    }

    /**
     * A clock that starts at a given time.
     *
     * @param startMillis milliseconds since 1970-01-01T00:00Z
     */
    public ManualTime(long startMillis) {
        this.startMillis = startMillis;
    }

    /**
     * Turns the clock, and runs what becomes due on the way, including what that schedules.
     *
     * @param duration how far; not negative
     */
    public void advance(Duration duration) {
        long target;
        synchronized (this) {
            target = nanos + duration.toNanos();
        }
        for (Due due = next(target); due != null; due = next(target)) {
            due.task.run();
        }
        synchronized (this) {
            nanos = Math.max(nanos, target);
        }
    }

    @Override
    public synchronized long millis() {
        return startMillis + nanos / 1_000_000;
    }

    @Override
    public synchronized long nanos() {
        return nanos;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        synchronized (this) {
            // Saturates, as the machine's clock does: what is due in more than 292 years is never due.
            long wait = Math.max(0, TimeUnit.NANOSECONDS.convert(delay));
            Due due = new Due(wait > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : nanos + wait, sequence++, task);
            if (!closed) {
                waiting.add(due);
            }
            return () -> cancel(due);
        }
    }

    @Override
    public synchronized int pending() {
        return waiting.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
    }

    private synchronized void cancel(Due due) {
        waiting.remove(due);
    }

    private synchronized @Nullable Due next(long target) {
        Due due = waiting.peek();
        if (due == null || due.at > target) {
            return null;
        }
        nanos = Math.max(nanos, due.at);
        return waiting.poll();
    }
}

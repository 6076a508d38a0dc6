package dev.roomcast.time;

import java.time.Duration;

/**
 * Clocks and timers of a hub. Everything in Roomcast that waits, waits on this: a test replaces it by a clock that it
 * turns by hand and never sleeps.
 *
 * <p>All methods may be called from any thread and never block. After {@link #close()} no task starts any more and
 * {@link #after} returns timers that never fire.
 */
public interface Time extends AutoCloseable {

    /** A task that waits for its moment. */
    @FunctionalInterface
    interface Timer {
        /** Takes the task back. Without effect when it has run, is running, or was cancelled before. */
        void cancel();
    }

    /**
     * Wall-clock time, for people and for the wire. It may jump.
     *
     * @return milliseconds since 1970-01-01T00:00Z
     */
    long millis();

    /**
     * Monotonic time, for measuring spans. Only differences have a meaning.
     *
     * @return nanoseconds since an arbitrary origin
     */
    long nanos();

    /**
     * Runs a task once, later, on the timer thread. Tasks that are due together run in the order in which they are
     * due. A task must be short and must not block, since all timers of the hub share the thread; one that throws is
     * logged and harms no other.
     *
     * @param delay how long to wait, however long; zero or negative means as soon as possible
     * @param task what to run
     * @return a handle that takes the task back
     */
    Timer after(Duration delay, Runnable task);

    /**
     * Timers that are waiting.
     *
     * @return their number; cancelled and finished ones do not count
     */
    int pending();

    /** Drops every waiting task and ends the timer thread, if this object owns one. Idempotent. */
    @Override
    void close();

    /**
     * The real clock, with one daemon thread of its own that starts with the first timer.
     *
     * @param threadName name of that thread
     * @return a new instance, to be closed by who asked for it
     */
    static Time system(String threadName) {
        return new SystemTime(threadName);
    }
}

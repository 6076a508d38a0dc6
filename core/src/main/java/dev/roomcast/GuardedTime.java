package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The clock as the hub sees it: a timer that cannot be had is logged, and set again with the next one that can be. Timers are
 * set in the middle of what must not be left half done, the end of a connection for one; and those that come again and again
 * (heartbeat, deadlines of writes) would never come again if one of them were lost.
 */
final class GuardedTime implements Time {

    private final Time time;

    /** Could not be set; bounded as all timers are, by what they are set for. */
    private final Queue<SetAgain> unset = new ConcurrentLinkedQueue<>();

    GuardedTime(Time time) {
        this.time = time;
    }

    @Override
    public long millis() {
        return time.millis();
    }

    @Override
    public long nanos() {
        return time.nanos();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        SetAgain missed = new SetAgain(task, time.nanos(), delay);
        if (!set(missed)) {
            unset.add(missed);
        } else if (!unset.isEmpty()) {
            for (SetAgain next = unset.poll(); next != null; next = unset.poll()) {
                if (!set(next)) {
                    unset.add(next);
                    break;
                }
            }
        }
        return missed;
    }

    private boolean set(SetAgain timer) {
        boolean[] done = new boolean[1];
        Workers.guarded(() -> {
            timer.set(time.after(timer.left(time.nanos()), timer));
            done[0] = true;
        });
        return done[0];
    }

    /** A timer that may have to be set more than once. */
    private static final class SetAgain implements Timer, Runnable {

        private final Runnable task;
        private final long since;
        private final Duration delay;

        // Both guarded by this.
        private boolean cancelled;
        private @Nullable Timer timer;

        SetAgain(Runnable task, long since, Duration delay) {
            this.task = task;
            this.since = since;
            this.delay = delay;
        }

        Duration left(long now) {
            return delay.minusNanos(now - since);
        }

        synchronized void set(@Nullable Timer running) {
            timer = running;
            if (cancelled && running != null) {
                running.cancel();
            }
        }

        @Override
        public void run() {
            synchronized (this) {
                if (cancelled) {
                    return;
                }
            }
            task.run();
        }

        @Override
        public synchronized void cancel() {
            cancelled = true;
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    @Override
    public int pending() {
        return time.pending();
    }

    @Override
    public void close() {
        Workers.guarded(time::close);
    }
}

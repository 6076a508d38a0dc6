package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** At most one task that waits: starting it anew takes the old one back, and after the end nothing starts. Thread-safe. */
final class OneTimer {

    private final Time time;

    // Guarded by this.
    private Time.@Nullable Timer waiting;
    private boolean ended;

    OneTimer(Time time) {
        this.time = time;
    }

    /** Runs a task later, in the place of the one that waits. */
    synchronized void start(Duration delay, Runnable task) {
        stop();
        if (!ended) {
            waiting = time.after(delay, task);
        }
    }

    /** Runs a task later, unless one was started before. */
    synchronized void startOnce(Duration delay, Runnable task) {
        if (waiting == null) {
            start(delay, task);
        }
    }

    /** Takes back what waits. */
    synchronized void stop() {
        if (waiting != null) {
            waiting.cancel();
            waiting = null;
        }
    }

    /** Takes back what waits, and lets nothing start any more. */
    synchronized void end() {
        stop();
        ended = true;
    }
}

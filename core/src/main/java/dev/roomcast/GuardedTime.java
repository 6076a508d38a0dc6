package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;

/**
 * The clock as the hub sees it: a timer that cannot be had is logged, and never fires. Timers are set in the middle of what
 * must not be left half done, the end of a connection for one; what a lost one would have done (cut a connection that does
 * not close, ping) is the smaller loss.
 */
final class GuardedTime implements Time {

    private static final Timer NEVER = () -> {};

    private final Time time;

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
        Timer[] timer = {NEVER};
        Workers.guarded(() -> timer[0] = time.after(delay, task));
        return timer[0] == null ? NEVER : timer[0];
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

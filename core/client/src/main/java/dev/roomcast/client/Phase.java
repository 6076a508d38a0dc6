package dev.roomcast.client;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a session is with its connection, one object for each time it gets there. What happens is a call of one of these
 * methods, under the session's lock; a phase that has no use for it ignores it. Its timers end with it.
 */
abstract class Phase {

    static final int NORMAL = 1000;
    static final String BY_APPLICATION = "closed by the application";

    final Session session;
    private final Set<Time.Timer> timers = new HashSet<>();

    Phase(Session session) {
        this.session = session;
    }

    abstract ClientState shown();

    void enter() {}

    /** A token is there, or could not be had. */
    void token(@Nullable String token, @Nullable Throwable failure) {}

    void opened() {}

    void frame(ServerFrame frame) {}

    void lost(int code, String reason) {}

    /** There may be something to write. */
    void pump() {}

    /** The application wants no more pauses. */
    void hurry() {}

    /** The application wants no more. */
    void close() {
        session.end(NORMAL, BY_APPLICATION);
    }

    final void leave() {
        timers.forEach(Time.Timer::cancel);
        timers.clear();
    }

    final void cancel(Time.Timer timer) {
        timers.remove(timer);
        timer.cancel();
    }

    final Time.Timer after(Duration delay, Runnable step) {
        Time.Timer[] own = new Time.Timer[1];
        own[0] = session.time.after(
                delay,
                () -> session.in(() -> {
                    if (timers.remove(own[0])) {
                        step.run();
                    }
                }));
        timers.add(own[0]);
        return own[0];
    }
}

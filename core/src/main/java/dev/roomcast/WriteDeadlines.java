package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds writes that take too long, with one timer for all connections. An outbox registers when a write stays in flight and
 * is looked at a few times per deadline until none is; so a connection that keeps up costs nothing here, and a late one is
 * found at most a quarter of the deadline after it.
 */
final class WriteDeadlines {

    private final Time time;
    private final Duration lookEvery;
    private final Set<Outbox> watched = ConcurrentHashMap.newKeySet();

    // Guarded by watched.
    private boolean scheduled;

    WriteDeadlines(Time time, Duration deadline) {
        this.time = time;
        this.lookEvery = Duration.ofNanos(Math.max(1_000_000, deadline.toNanos() / 4));
    }

    long now() {
        return time.nanos();
    }

    void watch(Outbox outbox) {
        watched.add(outbox);
        synchronized (watched) {
            if (!scheduled) {
                scheduled = true;
                time.after(lookEvery, this::look);
            }
        }
    }

    private void look() {
        long now = time.nanos();
        for (Outbox outbox : List.copyOf(watched)) {
            // Out before the look: once it says that nothing is in flight, the outbox may register anew at any moment.
            watched.remove(outbox);
            if (outbox.checkDeadline(now)) {
                watched.add(outbox);
            }
        }
        synchronized (watched) {
            scheduled = !watched.isEmpty();
            if (scheduled) {
                time.after(lookEvery, this::look);
            }
        }
    }
}

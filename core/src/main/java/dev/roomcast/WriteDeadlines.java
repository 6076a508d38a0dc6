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
    private final long deadline;
    private final Duration lookEvery;
    private final Set<Flight> watched = ConcurrentHashMap.newKeySet();

    // Guarded by watched.
    private boolean scheduled;

    WriteDeadlines(Time time, Duration deadline) {
        this.time = time;
        this.deadline = deadline.toNanos();
        this.lookEvery = Duration.ofNanos(Math.max(1_000_000, deadline.toNanos() / 4));
    }

    long now() {
        return time.nanos();
    }

    boolean isPast(long since, long now) {
        return now - since >= deadline;
    }

    void watch(Flight flight) {
        watched.add(flight);
        synchronized (watched) {
            if (!scheduled) {
                scheduled = true;
                time.after(lookEvery, this::look);
            }
        }
    }

    private void look() {
        try {
            long now = time.nanos();
            for (Flight flight : List.copyOf(watched)) {
                // One that throws must not keep the others from being looked at.
                Workers.guarded(() -> look(flight, now));
            }
        } finally {
            synchronized (watched) {
                scheduled = !watched.isEmpty();
                if (scheduled) {
                    time.after(lookEvery, this::look);
                }
            }
        }
    }

    private void look(Flight flight, long now) {
        // Out before the look: once it says that nothing is under way, it may register anew at any moment.
        watched.remove(flight);
        if (flight.checkDeadline(now)) {
            watched.add(flight);
        }
    }
}

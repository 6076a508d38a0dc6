package dev.roomcast.jakarta;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Connections that have still to do something, each with a deadline, and never more than so many: for one too many the
 * connection goes that has waited longest. An honest client is through within a round trip, so it is the slow ones that go,
 * and a newcomer is never kept out by them.
 *
 * @param <C> the connections, told apart by identity or {@code equals}
 */
final class PendingConnections<C> {

    private final int most;
    private final Consumer<C> end;
    private final LongSupplier clock;

    /** Deadlines in nanoseconds, in the order in which the waits began. Guarded by this. */
    private final Map<C, Long> deadlines = new LinkedHashMap<>();

    /** How many had to go for a newer one. Guarded by this. */
    private long evicted;

    /**
     * Nothing waits yet.
     *
     * @param end closes a connection; called without a lock
     * @param clock nanoseconds
     */
    PendingConnections(int most, Consumer<C> end, LongSupplier clock) {
        this.most = most;
        this.end = end;
        this.clock = clock;
    }

    /** A wait begins, in place of an earlier one of this connection. */
    void await(C connection, long nanos) {
        C oldest = null;
        synchronized (this) {
            deadlines.remove(connection);
            deadlines.put(connection, clock.getAsLong() + nanos);
            if (deadlines.size() > most) {
                Iterator<C> all = deadlines.keySet().iterator();
                oldest = all.next();
                all.remove();
                evicted++;
            }
        }
        if (oldest != null) {
            end.accept(oldest);
        }
    }

    /** A wait begins, unless one has begun. */
    void awaitOnce(C connection, long nanos) {
        synchronized (this) {
            if (deadlines.containsKey(connection)) {
                return;
            }
        }
        await(connection, nanos);
    }

    /** It has done it, or is gone. */
    void remove(C connection) {
        synchronized (this) {
            deadlines.remove(connection);
        }
    }

    /** Ends those whose time is over. */
    void sweep() {
        List<C> late = new ArrayList<>();
        synchronized (this) {
            long now = clock.getAsLong();
            deadlines.entrySet().removeIf(entry -> now - entry.getValue() >= 0 && late.add(entry.getKey()));
        }
        late.forEach(end);
    }

    /** How many had to go for a newer one so far. */
    long evicted() {
        synchronized (this) {
            return evicted;
        }
    }

    int size() {
        synchronized (this) {
            return deadlines.size();
        }
    }
}

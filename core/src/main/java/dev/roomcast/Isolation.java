package dev.roomcast;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether the bridge's backend is there, and who is told.
 *
 * <p>A backend may come and go many times a second. Everyone is told the newest state only, and nothing if that is what was
 * told last: the host as fast as its listener takes it, clients by rounds over all connections, one at a time and at most one
 * a second. What a client knows is kept with its connection, so one that is welcomed in the middle of a round is told once.
 *
 * <p>Rooms that could not do something for want of the backend wait here until it is back.
 *
 * <p>Lock: {@code this}; nothing foreign is called while it is held.
 */
final class Isolation {

    private static final Duration ROUND_EVERY = Duration.ofSeconds(1);
    private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(1);

    private final Hub hub;
    private final Set<LiveRoom> waiting = ConcurrentHashMap.newKeySet();

    /** Rooms that try again in a moment, with one timer for all. */
    private final Set<LiveRoom> retrying = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean retryScheduled = new AtomicBoolean();
    private volatile Status status = Status.CONNECTED;

    // All below: guarded by this.
    private long changes;

    /** When the last round began, in nanoseconds of the hub's time. */
    private long toldAt;

    private boolean isFirstRound = true;

    /** Whether a round is under way or on its way. */
    private boolean telling;

    private Status hostKnows = Status.CONNECTED;

    /** Whether the host is being told, or soon will be. */
    private boolean tellingHost;

    Isolation(Hub hub) {
        this.hub = hub;
    }

    Status status() {
        return status;
    }

    boolean isIsolated() {
        return status == Status.ISOLATED;
    }

    /** What the bridge says. Any thread; never blocks. */
    void changed(boolean isolated) {
        Status now = isolated ? Status.ISOLATED : Status.CONNECTED;
        synchronized (this) {
            if (status == now) {
                return;
            }
            status = now;
            changes++;
        }
        if (isolated) {
            hub.counters.isolations.increment();
        } else {
            waiting.forEach(this::goOn);
        }
        hub.observe(observer -> observer.onStatus(now));
        tellHost();
        tellClients();
    }

    /** Has a room go on when the backend is back; if it is there, in a moment. */
    void await(LiveRoom room) {
        if (isIsolated()) {
            waiting.add(room);
            // Whoever has found the backend meanwhile may have missed this room.
            if (!isIsolated()) {
                goOn(room);
            }
        } else {
            retrying.add(room);
            if (retryScheduled.compareAndSet(false, true)) {
                hub.time.after(TRY_AGAIN_AFTER, this::retry);
            }
        }
    }

    private void retry() {
        retryScheduled.set(false);
        for (LiveRoom room : List.copyOf(retrying)) {
            if (retrying.remove(room)) {
                Workers.guarded(() -> goesOn(room));
            }
        }
    }

    /** A room is let go: what it could not do has nobody to be done for. */
    void forget(LiveRoom room) {
        waiting.remove(room);
        retrying.remove(room);
    }

    /** For tests. */
    int waiting() {
        return waiting.size();
    }

    private void goOn(LiveRoom room) {
        if (waiting.remove(room)) {
            goesOn(room);
        }
    }

    private void goesOn(LiveRoom room) {
        room.append(new LaneEntry.Returned());
        hub.drainElsewhere(room);
    }

    private void tellClients() {
        Duration left;
        synchronized (this) {
            if (telling) {
                return;
            }
            telling = true;
            left = isFirstRound ? Duration.ZERO : ROUND_EVERY.minusNanos(hub.time.nanos() - toldAt);
            isFirstRound = false;
        }
        if (left.isNegative() || left.isZero()) {
            startRound();
        } else {
            hub.time.after(left, this::startRound);
        }
    }

    private void startRound() {
        try {
            hub.workers.execute(this::round);
        } catch (Throwable e) {
            hub.settings.faults.fault(System.Logger.Level.ERROR, "No thread to be had to tell the clients", null, e);
            // The next change tries it again.
            synchronized (this) {
                telling = false;
            }
        }
    }

    private void round() {
        long before;
        synchronized (this) {
            before = changes;
            toldAt = hub.time.nanos();
        }
        boolean again;
        try {
            for (LiveConnection connection : hub.connections.values()) {
                if (connection.guards.isWelcome()) {
                    Workers.guarded(connection::tellStatus);
                }
            }
        } finally {
            synchronized (this) {
                telling = false;
                again = changes != before;
            }
        }
        if (again) {
            tellClients();
        }
    }

    private void tellHost() {
        synchronized (this) {
            if (tellingHost) {
                return;
            }
            tellingHost = true;
        }
        try {
            hub.hosts.execute(this::callHost);
        } catch (Throwable e) {
            if (!(e instanceof RejectedExecutionException)) {
                hub.settings.faults.hostFault(System.Logger.Level.WARNING, "The executor of the host failed", null, e);
            }
            // The next change tries it again.
            synchronized (this) {
                tellingHost = false;
            }
        }
    }

    private void callHost() {
        while (true) {
            Status now;
            synchronized (this) {
                now = status;
                tellingHost = now != hostKnows;
                if (!tellingHost) {
                    return;
                }
                hostKnows = now;
            }
            hub.settings.guarded("The listener failed", () -> hub.settings.listener.onStatus(now));
        }
    }
}

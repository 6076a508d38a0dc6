package dev.roomcast;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends the connections of a hub away one after the other, spread over a time, so that those who come back do not come back
 * together.
 *
 * <p>Each connection has a slot, the n-th of N at (n - ½) / N of the time; their ids, and so their order, are random. It is
 * told its slot at once. At its slot it ends: behind what its client has said before and behind the answers to that, which a
 * step in its {@link Inbox} sees to. What is not answered by the end of {@link Limit#SHUTDOWN_DEADLINE} is refused then, and
 * the connection closed whatever it still waits for.
 *
 * <p>One timer goes along the slots, and behind it, over the same array, along the deadlines: there is no timer and no thread
 * for each connection. A timer that comes late (the process stood still) does not make up for it at one go.
 */
final class Drain {

    /** Connections that are worked off before other timers have their turn. */
    private static final int AT_ONCE = 64;

    private final Hub hub;
    private final long nanos;
    private final long patience;
    private final long start;

    /** Those who have not been told their slot, and are told when they have been welcomed. */
    private final ConcurrentMap<LiveConnection, Integer> untold = new ConcurrentHashMap<>();

    /** Set before the first one is told. */
    private LiveConnection[] connections = {};

    // Both touched by one tick after the other.
    private int next;
    private int last;

    private volatile boolean over;

    Drain(Hub hub, Duration time) {
        this.hub = hub;
        this.nanos = TimeUnit.NANOSECONDS.convert(time);
        this.patience = TimeUnit.NANOSECONDS.convert(hub.settings.duration(Limit.SHUTDOWN_DEADLINE));
        this.start = hub.time.nanos();
    }

    /** Tells everyone its slot, and starts. Called when the hub lets nobody in any more. */
    void begin() {
        connections = hub.connections.values().toArray(LiveConnection[]::new);
        for (int i = 0; i < connections.length; i++) {
            untold.put(connections[i], i);
            if (connections[i].guards.isWelcome()) {
                tell(connections[i]);
            }
        }
        tick();
    }

    /** A connection has been welcomed: it is told its slot, if it has one and was not told. */
    void tell(LiveConnection connection) {
        Integer index = untold.remove(connection);
        if (index != null) {
            connection.control(Frames.reconnect(Duration.ofNanos(Math.max(0, slot(index) - elapsed()))));
        }
    }

    /** Whether every connection has been sent away. */
    boolean isOver() {
        return over;
    }

    private long elapsed() {
        return hub.time.nanos() - start;
    }

    private long slot(int index) {
        return (long) (nanos * ((index + 0.5) / connections.length));
    }

    private void tick() {
        long now = elapsed();
        int worked = 0;
        while (next < connections.length && slot(next) <= now && worked++ < AT_ONCE) {
            LiveConnection due = connections[next++];
            Workers.guarded(() -> end(due));
        }
        while (last < next && isPast(last, now) && worked++ < AT_ONCE) {
            LiveConnection late = connections[last++];
            Workers.guarded(() -> cut(late));
        }
        if (last == connections.length) {
            over = true;
            hub.wakeCloser();
        } else if (!hub.isClosing()) {
            long wake = next < connections.length ? slot(next) : Long.MAX_VALUE;
            wake = last < next ? Math.min(wake, slot(last) + patience) : wake;
            hub.time.after(Duration.ofNanos(Math.max(0, wake - now)), this::tick);
        }
    }

    private boolean isPast(int index, long now) {
        return !connections[index].isOpen() || slot(index) + patience <= now;
    }

    /** Not on the timer's thread: what waits in the inbox takes its time, and code of the host must not run there. */
    private void end(LiveConnection connection) {
        if (!connection.guards.isWelcome()) {
            close(connection);
            return;
        }
        hub.workers.execute(() -> connection.inbox.host(
                () -> {
                    connection.seldom().unanswered().whenNone(() -> close(connection));
                    return null;
                },
                () -> {}));
    }

    private static void cut(LiveConnection connection) {
        if (connection.isOpen()) {
            connection.seldom().unanswered().refuse();
            close(connection);
        }
    }

    private static void close(LiveConnection connection) {
        connection.close(CloseCode.GOING_AWAY, "going away");
    }
}

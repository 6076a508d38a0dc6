package dev.roomcast;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Frees memory when a hub's {@link MemoryBudget} is exceeded: closes the connections that hold most, with
 * {@link CloseCode#TOO_SLOW}, until seven eighths of the limit suffice; if they hold too little to help, histories have to
 * do with less. Looks again every {@value #PAUSE_MILLIS} ms while the limit is exceeded, and then cuts those who were closed
 * by then and still hold what they did not read: a closing handshake may take seconds.
 *
 * <p>What a connection holds counts at what its end would free: a batch that waits for ten members counts a tenth for each.
 * So a burst to a thousand slow members of one room, which is in memory once, ends none of them.
 */
final class MemoryReclaim {

    private static final long PAUSE_MILLIS = 100;

    /** A connection that holds less is not closed: a healthy one in a busy moment may hold as much. */
    private static final long LEAST = 32 * 1024;

    private record Holder(LiveConnection connection, long bytes) {}

    private final Hub hub;
    private final long historyBytes;

    /** What histories may hold now. */
    private volatile long allowedHistory;

    MemoryReclaim(Hub hub, long historyBytes) {
        this.hub = hub;
        this.historyBytes = historyBytes;
        this.allowedHistory = historyBytes;
    }

    /** Most bytes of history at this moment. */
    long historyBytes() {
        return allowedHistory;
    }

    /** The budget is exceeded. Returns at once. */
    void start() {
        try {
            hub.workers.execute(this::run);
        } catch (Throwable e) {
            hub.memory.reset();
            hub.settings.faults.fault(System.Logger.Level.ERROR, "No thread to free memory", null, e);
        }
    }

    private void run() {
        try {
            pass();
        } catch (Throwable e) {
            hub.settings.faults.fault(System.Logger.Level.ERROR, "Freeing memory failed", null, e);
        }
        if (hub.memory.isExceeded() && !hub.isClosing()) {
            hub.time.after(Duration.ofMillis(PAUSE_MILLIS), this::start);
        } else {
            allowedHistory = historyBytes;
            hub.memory.reset();
            // What came between the look and the reset has been told to nobody.
            hub.memory.add(0);
        }
    }

    private void pass() {
        List<Holder> ending = new ArrayList<>();
        List<Holder> holders = new ArrayList<>();
        for (LiveConnection connection : hub.connections.values()) {
            long bytes = connection.memory();
            if (bytes >= LEAST) {
                (connection.isOpen() ? holders : ending).add(new Holder(connection, bytes));
            }
        }
        long excess = hub.memory.excess();
        for (Holder holder : largestFirst(ending)) {
            if (excess <= 0) {
                break;
            }
            excess -= holder.bytes;
            Workers.guarded(holder.connection::overdue);
        }
        largestFirst(holders);
        int closed = 0;
        for (Holder holder : holders) {
            if (excess <= 0) {
                break;
            }
            excess -= holder.bytes;
            closed++;
            Workers.guarded(() -> holder.connection.tooSlow(Limit.MEMORY_BYTES));
        }
        if (closed > 0) {
            hub.settings.faults.fault(
                    System.Logger.Level.WARNING,
                    "The memory budget is exceeded, and connections that held most of it are closed",
                    closed + " connections, " + hub.memory.limit() + " bytes",
                    null);
        }
        allowedHistory = excess > 0 ? Math.max(0, historyBytes - excess) : historyBytes;
    }

    private static List<Holder> largestFirst(List<Holder> holders) {
        holders.sort(Comparator.comparingLong(Holder::bytes).reversed());
        return holders;
    }
}

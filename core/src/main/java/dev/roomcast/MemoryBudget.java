package dev.roomcast;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all connections and rooms of a hub share, {@link Limit#MEMORY_BYTES}. Each queue has a bound of its own;
 * this one bounds their sum, without which a few hundred slow clients fill any heap.
 *
 * <p>Counted are: connections and memberships at a fixed cost, metadata of members, messages received and not yet handled
 * (unfinished ones too), messages in the lanes of rooms, batches queued for or on their way to clients, answers, and what a
 * bridge keeps in this process (history, ids). A batch that waits for many members is one object and counts once. The costs
 * are estimates for a 64-bit JVM with compressed references, on the high side.
 *
 * <p>When the budget fills up, three things happen, in this order:
 *
 * <ol>
 *   <li>The share of one connection shrinks: it may queue {@link #share()} bytes, a sixteenth of what is free. Beyond, its
 *       {@link Overflow} policy applies, as at {@link Limit#OUTBOX_BYTES}. This is the dynamic threshold of Choudhury and Hahne
 *       (1998): however many slow clients there are, some memory stays free.
 *   <li>At the limit, {@link MemoryReclaim} closes the connections that hold most, and then shortens histories.
 *   <li>A sixteenth beyond the limit handshakes are refused, and an eighth beyond joins and publishes, until enough is free.
 * </ol>
 *
 * <p>Safe for use by any thread; never blocks.
 */
final class MemoryBudget {

    /** Bytes that a connection takes: its objects here, its session in the container, its share of maps. */
    static final long CONNECTION_COST = 16 * 1024;

    /** Bytes that a connection takes for each room it is in, on both sides of the bridge; without metadata. */
    static final long MEMBERSHIP_COST = 1024;

    /** Bytes of an object or queue entry beside its payload. */
    static final long OBJECT_COST = 128;

    /** The part of the free memory that one connection may queue. */
    private static final int SHARE = 16;

    /** A connection may always queue as much as one large write. */
    private static final long SMALLEST_SHARE = 64 * 1024;

    /** Sums of it do not overflow. */
    private static final long LARGEST = Long.MAX_VALUE / 4;

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /** Bytes of members who are lost, and whose memory is freed when their grace is over. */
    private final AtomicLong leaving = new AtomicLong();

    private final Runnable whenExceeded;
    private final AtomicBoolean exceeded = new AtomicBoolean();

    /**
     * A budget.
     *
     * @param limit bytes
     * @param whenExceeded called once when more is used; called again after {@link #reset}. Must not block
     */
    MemoryBudget(long limit, Runnable whenExceeded) {
        this.limit = Math.min(limit, LARGEST);
        this.whenExceeded = whenExceeded;
    }

    /** Counts bytes that are used from now on, or with a negative number, that are not any more. */
    void add(long bytes) {
        long now = used.addAndGet(bytes);
        if (bytes > 0 && now > limit && exceeded.compareAndSet(false, true)) {
            whenExceeded.run();
        }
    }

    /** Counts bytes of a member who is lost, and who is still counted in {@link #add}. */
    void addLeaving(long bytes) {
        leaving.addAndGet(bytes);
    }

    /** Most bytes that one connection may queue now. */
    long share() {
        return Math.max(SMALLEST_SHARE, (limit - used.get()) / SHARE);
    }

    /** Whether nothing new may begin. */
    boolean isExhausted() {
        return used.get() > limit + limit / 8;
    }

    /**
     * Whether no connection may begin. Half way between the limit, at which memory is freed, and {@link #isExhausted}: so many
     * idle connections, of which each holds too little to be closed, leave those who talk something to talk with.
     */
    boolean isFull() {
        return used.get() > limit + limit / 16;
    }

    /** Bytes that have to be freed; an eighth more than the excess, so that it does not begin anew at once. */
    long excess() {
        return used.get() - leaving.get() - (limit - limit / 8);
    }

    /** Whether more than the limit is used. */
    boolean isExceeded() {
        return used.get() - leaving.get() > limit;
    }

    /** The next excess is told again. */
    void reset() {
        exceeded.set(false);
    }

    long used() {
        return used.get();
    }

    long limit() {
        return limit;
    }
}

package dev.roomcast;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * The one operation of a transport that an {@link Outbox} has under way: how it ends, and whether it takes too long.
 *
 * <p>A transport may complete inline or on another thread, before or after the call returns. To keep the stack flat, an end
 * before the return only leaves a mark, and whoever made the call goes on:
 *
 * <pre>
 *   done within the call, by the same thread   a mark of that thread       start returns true
 *   done within the call, by another thread    ENDED                       start returns true
 *   done after the call                        FLYING, then none           the outbox is told to go on
 * </pre>
 *
 * <p>The first is the usual one, and takes no lock: {@code starter} can only be seen to be the current thread by the thread
 * that has set it and not yet cleared it, so the mark beside it belongs to that thread alone.
 *
 * <p>Lock: {@code this}, for what other threads may touch; never held while the transport or the outbox is called.
 */
final class Flight implements Transport.Completion {

    private enum Stage {
        NONE,
        ENDED,
        FLYING
    }

    private final Outbox outbox;
    private final WriteDeadlines deadlines;
    private final MemoryBudget memory;

    // Both written by the thread that starts an operation, and of meaning to it alone.
    private @Nullable Thread starter;
    private boolean endedInline;

    // All below: guarded by this.
    private Stage stage = Stage.NONE;
    private boolean watched;
    private long since;
    private boolean over;

    /** What is under way and counted in the budget: a batch that others may hold, too, or bytes of this connection alone. */
    private @Nullable RoomBatch heldBatch;

    private long heldBytes;

    Flight(Outbox outbox, WriteDeadlines deadlines, MemoryBudget memory) {
        this.outbox = outbox;
        this.deadlines = deadlines;
        this.memory = memory;
    }

    /**
     * Starts a write, or a ping if there is nothing to write. Called when no operation is under way.
     *
     * @param shared the batch of a room that is written, if it is one and as it is; its bytes count once for all members
     * @return true if it has ended already; otherwise {@link Outbox#landed} is called once it has
     */
    boolean start(@Nullable FrameBatch batch, @Nullable RoomBatch shared) {
        endedInline = false;
        starter = Thread.currentThread();
        try {
            if (batch == null) {
                outbox.transport.ping(this);
            } else {
                outbox.transport.write(batch, this);
            }
        } catch (Throwable e) {
            outbox.failed(e);
            return true;
        } finally {
            starter = null;
        }
        return endedInline || hasEnded(batch, shared);
    }

    @Override
    public void done(@Nullable Throwable failure) {
        if (failure != null) {
            outbox.failed(failure);
        }
        if (starter == Thread.currentThread()) {
            endedInline = true;
            return;
        }
        synchronized (this) {
            if (stage != Stage.FLYING) {
                stage = Stage.ENDED;
                return;
            }
            stage = Stage.NONE;
            free();
        }
        outbox.landed();
    }

    private boolean hasEnded(@Nullable FrameBatch batch, @Nullable RoomBatch shared) {
        boolean watch;
        synchronized (this) {
            if (stage == Stage.ENDED) {
                stage = Stage.NONE;
                return true;
            }
            stage = Stage.FLYING;
            count(batch, shared);
            since = deadlines.now();
            watch = !watched;
            watched = true;
        }
        if (watch) {
            deadlines.watch(this);
        }
        return false;
    }

    /** An operation that stays under way holds what it writes. */
    private void count(@Nullable FrameBatch batch, @Nullable RoomBatch shared) {
        if (over) {
            return;
        }
        if (shared != null) {
            heldBatch = shared;
            shared.hold(memory);
        } else if (batch != null) {
            // The frames, and the bytes made of them.
            heldBytes = 2L * batch.size() + batch.frames().size() * MemoryBudget.OBJECT_COST;
            memory.add(heldBytes);
        }
    }

    private void free() {
        if (heldBatch != null) {
            heldBatch.release(memory);
            heldBatch = null;
        }
        if (heldBytes > 0) {
            memory.add(-heldBytes);
            heldBytes = 0;
        }
    }

    /** The connection has ended: nothing counts any more. */
    void end() {
        synchronized (this) {
            over = true;
            free();
        }
    }

    /** Bytes under way that would be freed by the end of this connection. */
    long memory() {
        synchronized (this) {
            return heldBytes + (heldBatch == null ? 0 : heldBatch.memoryOfOne());
        }
    }

    /** Looks at the operation: tells the outbox if it has taken too long; false if none is under way any more. */
    boolean checkDeadline(long now) {
        boolean dead = outbox.isDead();
        boolean late;
        synchronized (this) {
            if (stage != Stage.FLYING || dead) {
                watched = false;
                return false;
            }
            late = deadlines.isPast(since, now);
            watched = !late;
        }
        if (late) {
            outbox.tooLong();
        }
        return !late;
    }
}

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

    // Both written by the thread that starts an operation, and of meaning to it alone.
    private @Nullable Thread starter;
    private boolean endedInline;

    // All below: guarded by this.
    private Stage stage = Stage.NONE;
    private boolean watched;
    private long since;

    Flight(Outbox outbox, WriteDeadlines deadlines) {
        this.outbox = outbox;
        this.deadlines = deadlines;
    }

    /**
     * Starts a write, or a ping if there is nothing to write. Called when no operation is under way.
     *
     * @return true if it has ended already; otherwise {@link Outbox#landed} is called once it has
     */
    boolean start(@Nullable FrameBatch batch) {
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
        return endedInline || hasEnded();
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
        }
        outbox.landed();
    }

    private boolean hasEnded() {
        boolean watch;
        synchronized (this) {
            if (stage == Stage.ENDED) {
                stage = Stage.NONE;
                return true;
            }
            stage = Stage.FLYING;
            since = deadlines.now();
            watch = !watched;
            watched = true;
        }
        if (watch) {
            deadlines.watch(this);
        }
        return false;
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

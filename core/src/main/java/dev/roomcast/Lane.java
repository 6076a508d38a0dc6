package dev.roomcast;

import dev.roomcast.log.FaultLog;
import dev.roomcast.time.Time;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The queue of one room on this instance, and the rule who empties it.
 *
 * <p>Many threads append; at any moment at most one drains. Whoever appends and then finds nobody draining drains on its own
 * thread: an idle room adds no hop between a publisher and the sockets. Who finds the lane busy just leaves, since the one
 * at work takes what was appended before it looks for the last time. That look and the decision to stop are one step under
 * the lock, so nothing is left behind.
 *
 * <p>A pass must not keep a publisher for ever while others publish: after {@value #PASS_ENTRIES} entries or
 * {@value #PASS_NANOS} ns it hands over to the hub's workers. The lane stays busy meanwhile, so the order holds. Each
 * {@code consume} gets everything that is pending, up to what is left of the pass, as one batch: the busier the room, the
 * more each write to a socket carries.
 *
 * <p>A wide room (see {@link Consumer#isWide}) whose last pass took its full {@value #PASS_NANOS} ns is drained by a worker in any case, until a pass is
 * shorter. One message to a thousand sockets takes some 8 ms; a publisher that delivered it by itself would read its next
 * message only afterwards, and 32 messages would be 32 writes to each socket. With a worker at it they are read meanwhile and
 * go out as one write. The hop, some 20 µs, is nothing beside such a pass.
 *
 * <p>A batch for a big room may be worked off by several threads. Then {@code consume} returns before it is done, nobody
 * waits for it, and whoever finishes the last piece goes on with the lane by {@link #resume}. The next batch begins only
 * then, so each member keeps its order without a lock.
 *
 * <p>Order: entries are consumed in the order in which they were appended, one batch at a time, each batch seeing what the
 * one before has written to memory.
 *
 * @param <E> what is queued
 */
final class Lane<E> {

    /** Works off what is queued. */
    @FunctionalInterface
    interface Consumer<E> {
        /**
         * Takes a batch.
         *
         * @return true when it is done; false if others are still at it, the last of whom calls {@link Lane#resume}
         */
        boolean consume(List<E> batch);

        /** Whether there is so much to do per entry that a long pass was no accident. Any thread. */
        default boolean isWide() {
            return true;
        }
    }

    static final int PASS_ENTRIES = 64;
    static final long PASS_NANOS = 1_000_000;

    private static final FaultLog LOG = new FaultLog(System.getLogger("dev.roomcast"));

    private final Consumer<E> consumer;
    private final Executor workers;
    private final Time time;

    // Guarded by this; nothing foreign runs and nothing blocks while it is held.
    private final ArrayDeque<E> pending = new ArrayDeque<>(4);
    private boolean draining;
    private boolean closed;

    /** Whether the last pass took as long as one may. */
    private boolean isLong;

    /** A lane that goes on with long passes on {@code workers}. */
    Lane(Consumer<E> consumer, Executor workers, Time time) {
        this.consumer = consumer;
        this.workers = workers;
        this.time = time;
    }

    /** Queues an entry; false if the lane is closed. */
    boolean append(E entry) {
        synchronized (this) {
            return !closed && pending.add(entry);
        }
    }

    int size() {
        synchronized (this) {
            return pending.size();
        }
    }

    /** Whether nothing waits and nobody is at it. */
    boolean isIdle() {
        synchronized (this) {
            return !draining && pending.isEmpty();
        }
    }

    /** Closes the lane, unless something waits in it; what is under way is not looked at. */
    boolean close() {
        synchronized (this) {
            closed |= pending.isEmpty();
            return closed;
        }
    }

    /** Drains, unless someone else is at it: on this thread, or on a worker if the last pass was a long one. */
    void drain() {
        boolean elsewhere;
        synchronized (this) {
            if (draining || pending.isEmpty()) {
                return;
            }
            draining = true;
            elsewhere = isLong && consumer.isWide();
        }
        if (!elsewhere || !goesElsewhere()) {
            pass();
        }
    }

    /** Goes on after a batch that was not done when {@code consume} returned. Called once for each such batch. */
    void resume() {
        pass();
    }

    private void pass() {
        long start = time.nanos();
        int left = PASS_ENTRIES;
        for (List<E> batch = take(left); !batch.isEmpty(); batch = take(left)) {
            if (!consume(batch)) {
                return;
            }
            left -= batch.size();
            long taken = time.nanos() - start;
            if (left <= 0 || taken >= PASS_NANOS) {
                handOver(taken >= PASS_NANOS);
                return;
            }
        }
    }

    /** A lane whose consumer throws goes on: its room would be dumb for ever. */
    private boolean consume(List<E> batch) {
        try {
            return consumer.consume(batch);
        } catch (Throwable e) {
            LOG.hostFault(System.Logger.Level.ERROR, "A batch could not be delivered", null, e);
            return true;
        }
    }

    private void handOver(boolean wasLong) {
        synchronized (this) {
            isLong = wasLong;
            if (pending.isEmpty()) {
                draining = false;
                return;
            }
        }
        if (!goesElsewhere()) {
            // Whoever comes next goes on.
            synchronized (this) {
                draining = false;
            }
        }
    }

    /** Has a worker do the next pass; false if there is no thread to be had. */
    private boolean goesElsewhere() {
        try {
            workers.execute(this::pass);
            return true;
        } catch (Throwable e) {
            LOG.fault(System.Logger.Level.ERROR, "A lane could not be handed over", null, e);
            return false;
        }
    }

    /** The next batch; an empty one means that the lane is idle from here on. */
    private List<E> take(int most) {
        synchronized (this) {
            if (pending.isEmpty()) {
                draining = false;
                isLong = false;
                return List.of();
            }
            List<E> batch = new ArrayList<>(Math.min(most, pending.size()));
            while (batch.size() < most && !pending.isEmpty()) {
                batch.add(pending.remove());
            }
            return batch;
        }
    }
}

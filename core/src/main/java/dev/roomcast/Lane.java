package dev.roomcast;

import dev.roomcast.time.Time;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

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
 * <p>Order: entries are consumed in the order in which they were appended, one batch at a time, each batch seeing what the
 * one before has written to memory.
 *
 * @param <E> what is queued
 */
final class Lane<E> {

    static final int PASS_ENTRIES = 64;
    static final long PASS_NANOS = 1_000_000;

    private final Consumer<List<E>> consumer;
    private final Executor workers;
    private final Time time;

    // Guarded by this; nothing foreign runs and nothing blocks while it is held.
    private final ArrayDeque<E> pending = new ArrayDeque<>(4);
    private boolean draining;

    /**
     * @param consumer takes batches; it must not throw
     * @param workers where a long pass goes on
     */
    Lane(Consumer<List<E>> consumer, Executor workers, Time time) {
        this.consumer = consumer;
        this.workers = workers;
        this.time = time;
    }

    void append(E entry) {
        synchronized (this) {
            pending.add(entry);
        }
    }

    int size() {
        synchronized (this) {
            return pending.size();
        }
    }

    /** Drains on this thread, unless someone else is at it. */
    void drain() {
        synchronized (this) {
            if (draining || pending.isEmpty()) {
                return;
            }
            draining = true;
        }
        pass();
    }

    private void pass() {
        long start = time.nanos();
        int left = PASS_ENTRIES;
        for (List<E> batch = take(left); !batch.isEmpty(); batch = take(left)) {
            consumer.accept(batch);
            left -= batch.size();
            if (left <= 0 || time.nanos() - start >= PASS_NANOS) {
                handOver();
                return;
            }
        }
    }

    private void handOver() {
        synchronized (this) {
            if (pending.isEmpty()) {
                draining = false;
                return;
            }
        }
        workers.execute(this::pass);
    }

    /** The next batch; an empty one means that the lane is idle from here on. */
    private List<E> take(int most) {
        synchronized (this) {
            if (pending.isEmpty()) {
                draining = false;
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

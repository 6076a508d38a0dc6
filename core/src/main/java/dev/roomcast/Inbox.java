package dev.roomcast;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The inbound side of one connection: one step at a time, in order, also past steps that complete later. While a step is
 * pending (a join that waits for the bridge, a handler on the host's executor) what arrives queues here, in bounds; when it
 * completes, the queue is worked off on a worker of the hub, never on the thread that completed it.
 *
 * <p>Each step is a turn, so what it published is delivered before the next step begins.
 *
 * <p>Lock: {@code this}, never held while a step runs.
 */
final class Inbox {

    /** Something to do for the connection; null if it is done when it returns. */
    @FunctionalInterface
    interface Step {
        @Nullable
        CompletionStage<?> run();
    }

    private record Waiting(Step step, int bytes, Runnable ifDropped) {}

    private static void nothing() {}

    private final Hub hub;

    // Guarded by this.
    private @Nullable Deque<Waiting> queue;
    private int frames;
    private int bytes;
    private boolean busy;
    private boolean stopped;

    Inbox(Hub hub) {
        this.hub = hub;
    }

    /** Does or queues what a client's message asks for; false if the queue is full. */
    boolean frame(Step step, int size) {
        synchronized (this) {
            if (busy && !stopped) {
                if (frames >= hub.settings.limit(Limit.INBOX_MESSAGES)
                        || bytes + size > hub.settings.limit(Limit.INBOX_BYTES)) {
                    return false;
                }
                frames++;
                bytes += size;
                enqueue(new Waiting(step, size, Inbox::nothing));
                return true;
            }
        }
        host(step, Inbox::nothing);
        return true;
    }

    /** Does or queues what the host asks for, which has no bound here; {@code ifDropped} runs if the connection ends first. */
    void host(Step step, Runnable ifDropped) {
        boolean start;
        synchronized (this) {
            start = !busy && !stopped;
            if (busy && !stopped) {
                enqueue(new Waiting(step, -1, ifDropped));
                return;
            }
            busy = busy || start;
        }
        if (start) {
            work(step);
        } else {
            ifDropped.run();
        }
    }

    /** Forgets what waits; nothing is begun any more. */
    void stop() {
        Deque<Waiting> dropped;
        synchronized (this) {
            stopped = true;
            dropped = queue;
            queue = null;
        }
        if (dropped != null) {
            dropped.forEach(waiting -> waiting.ifDropped.run());
        }
    }

    private void enqueue(Waiting waiting) {
        if (queue == null) {
            queue = new ArrayDeque<>(4);
        }
        queue.add(waiting);
    }

    private void work(Step first) {
        for (Step step = first; step != null; step = next()) {
            CompletionStage<?> pending = begin(step);
            if (pending != null && !pending.toCompletableFuture().isDone()) {
                pending.whenComplete((result, failure) -> hub.workers.execute(this::resume));
                return;
            }
        }
    }

    private void resume() {
        Step step = next();
        if (step != null) {
            work(step);
        }
    }

    private @Nullable CompletionStage<?> begin(Step step) {
        Turn turn = new Turn(step);
        hub.turns.run(turn);
        return turn.pending;
    }

    private @Nullable Step next() {
        synchronized (this) {
            Waiting waiting = queue == null || stopped ? null : queue.poll();
            if (waiting == null) {
                queue = null;
                busy = false;
                return null;
            }
            if (waiting.bytes >= 0) {
                frames--;
                bytes -= waiting.bytes;
            }
            return waiting.step;
        }
    }

    /** Carries a step's stage out of the turn. */
    private static final class Turn implements Runnable {

        private final Step step;
        private @Nullable CompletionStage<?> pending;

        Turn(Step step) {
            this.step = step;
        }

        @Override
        public void run() {
            Workers.guarded(() -> pending = step.run());
        }
    }
}

package dev.roomcast;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The inbound side of one connection: one step at a time, in order, also past steps that complete later. While a step is
 * awaited (a join that waits for the bridge, a handler on the host's executor) what arrives queues here, in bounds. When it
 * has completed, whoever comes first goes on: a thread of the hub, or the one that brings the next message. It is never
 * the thread that completed the step, which may be one that must not run a handler.
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
        Pending run();
    }

    /** What a step leaves behind: the next one begins when the stage has completed. */
    record Pending(CompletionStage<?> stage, Kind kind) {}

    /** Why a connection's messages wait, which decides how many may. */
    enum Kind {
        /** The client has not been let in: what waits is not believed yet, and little of it is kept. */
        LOGIN,
        /** Something has to be settled first (a join): few may wait, and a client that goes on is not played with. */
        GATE,
        /** Earlier messages are being handled: as many may wait as a burst brings, and the rest is refused. */
        HANDLER
    }

    /** A step in the queue; {@code bytes} is -1 for one of the host, which does not count against the client. */
    private record Waiting(Step step, int bytes, Runnable ifDropped) {

        /** The text may take two bytes for each character. */
        private long memory() {
            return 2L * Math.max(0, bytes) + MemoryBudget.OBJECT_COST;
        }
    }

    private final Hub hub;

    // Guarded by this.
    private @Nullable Deque<Waiting> queue;
    private @Nullable CompletableFuture<?> awaited;
    private Kind kind = Kind.GATE;
    private int frames;
    private long bytes;
    private boolean letIn;

    /** Whether the step that is awaited, or about to be, is as good as settled. */
    private boolean relaxed;

    private boolean working;
    private boolean stopped;

    Inbox(Hub hub) {
        this.hub = hub;
    }

    /** Does or queues what a client's message asks for; tells the limit that forbids it, if one does. */
    @Nullable
    Limit frame(Step step, int size) {
        synchronized (this) {
            boolean waits = !stopped && !isFree();
            Kind now = awaited == null || relaxed ? Kind.HANDLER : kind;
            now = now == Kind.LOGIN && letIn ? Kind.GATE : now;
            Limit full = waits ? boundFor(now, size) : null;
            if (full != null) {
                return full;
            }
        }
        take(new Waiting(step, size, Inbox::nothing));
        return null;
    }

    /** The client has said who it is; from here on as many messages may wait as those of any client. */
    void letIn() {
        synchronized (this) {
            letIn = true;
        }
    }

    /** Does or queues what the host asks for, which has no bound here; {@code ifDropped} runs if the connection ends first. */
    void host(Step step, Runnable ifDropped) {
        take(new Waiting(step, -1, ifDropped));
    }

    /** What is awaited is as good as settled: what comes from now on is bounded like what waits behind a handler. */
    void relax() {
        synchronized (this) {
            relaxed = true;
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
            dropped.forEach(waiting -> hub.memory.add(-waiting.memory()));
            // Elsewhere: it may run code of the host, and whoever ends a connection may be the timer thread.
            dropped.forEach(waiting -> hub.hostThreads.stages.executeSurely(waiting.ifDropped));
        }
    }

    private void take(Waiting waiting) {
        Step first = waiting.step;
        boolean dropped;
        synchronized (this) {
            dropped = stopped;
            if (!dropped && !isFree()) {
                enqueue(waiting);
                return;
            }
            if (!dropped) {
                working = true;
                awaited = null;
                relaxed = false;
                if (queue != null) {
                    enqueue(waiting);
                    first = next();
                }
            }
        }
        if (dropped) {
            waiting.ifDropped.run();
        } else {
            work(first);
        }
    }

    private @Nullable Limit boundFor(Kind now, int size) {
        Limit most = now == Kind.HANDLER ? Limit.BACKLOG_MESSAGES : Limit.INBOX_MESSAGES;
        Limit mostBytes = switch (now) {
            case LOGIN -> Limit.LOGIN_BYTES;
            case GATE -> Limit.INBOX_BYTES;
            case HANDLER -> Limit.BACKLOG_BYTES;
        };
        if (frames >= hub.settings.limit(most)) {
            return most;
        }
        return bytes + size > hub.settings.limit(mostBytes) ? mostBytes : null;
    }

    /** Whether what comes now waits for the end of an earlier step. */
    boolean isAwaiting() {
        synchronized (this) {
            return awaited != null && !awaited.isDone();
        }
    }

    /** Whether somebody is being asked who the client is. */
    boolean isJudged() {
        synchronized (this) {
            return kind == Kind.LOGIN && awaited != null && !awaited.isDone();
        }
    }

    /** Whether the next step may begin. */
    private boolean isFree() {
        return !working && (awaited == null || awaited.isDone());
    }

    private void work(@Nullable Step first) {
        for (Step step = first; step != null; step = next()) {
            Pending pending = begin(step);
            if (pending != null && await(pending)) {
                return;
            }
        }
    }

    /** Leaves the rest to whoever comes first after the stage has completed; false if it has already. */
    private boolean await(Pending pending) {
        CompletableFuture<?> future = pending.stage.toCompletableFuture();
        synchronized (this) {
            if (future.isDone()) {
                relaxed = false;
                return false;
            }
            working = false;
            awaited = future;
            kind = pending.kind;
        }
        pending.stage.whenComplete((result, failure) -> hub.workers.execute(() -> resume(future)));
        return true;
    }

    private void resume(CompletableFuture<?> stage) {
        synchronized (this) {
            if (awaited != stage || working) {
                return;
            }
            working = true;
            awaited = null;
            relaxed = false;
        }
        work(next());
    }

    private @Nullable Pending begin(Step step) {
        Turn turn = new Turn(step);
        hub.turns.run(turn);
        return turn.pending;
    }

    private void enqueue(Waiting waiting) {
        if (queue == null) {
            queue = new ArrayDeque<>(2);
        }
        queue.add(waiting);
        count(waiting, 1);
    }

    private @Nullable Step next() {
        synchronized (this) {
            Waiting waiting = queue == null || stopped ? null : queue.poll();
            if (waiting == null) {
                queue = null;
                working = false;
                return null;
            }
            count(waiting, -1);
            return waiting.step;
        }
    }

    /** Bytes in memory that wait here. */
    long memory() {
        synchronized (this) {
            return 2 * bytes + frames * MemoryBudget.OBJECT_COST;
        }
    }

    private void count(Waiting waiting, int sign) {
        hub.memory.add(sign * waiting.memory());
        if (waiting.bytes >= 0) {
            frames += sign;
            bytes += (long) sign * waiting.bytes;
        }
    }

    private static void nothing() {}

    /** Carries a step's stage out of the turn. */
    private static final class Turn implements Runnable {

        private final Step step;
        private @Nullable Pending pending;

        Turn(Step step) {
            this.step = step;
        }

        @Override
        public void run() {
            Workers.guarded(() -> pending = step.run());
        }
    }
}

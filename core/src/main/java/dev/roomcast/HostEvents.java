package dev.roomcast;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands the roster's changes to the host's listener: one after the other per room, on the host's executor, never on the
 * thread that delivers. Each room has a bounded queue that exists only while something waits in it, and all together are
 * bounded, too: a client that goes through many rooms must not fill the memory of a host whose listener is slow.
 *
 * <p>Whatever an executor throws, the room's next event tries it again; every event that it cost is counted.
 */
final class HostEvents {

    private final Hub hub;
    private final Executor executor;
    private final ConcurrentMap<String, Queue> queues = new ConcurrentHashMap<>();

    /** Events in all queues. */
    private final AtomicInteger total = new AtomicInteger();

    HostEvents(Hub hub, Executor executor) {
        this.hub = hub;
        this.executor = executor;
    }

    /** Queues an event. Never blocks. */
    void tell(RosterChange change) {
        if (total.incrementAndGet() > hub.settings.count(Limit.LISTENER_EVENTS_TOTAL)) {
            drop(Limit.LISTENER_EVENTS_TOTAL, 1);
            return;
        }
        Queue[] start = new Queue[1];
        boolean[] taken = new boolean[1];
        queues.compute(change.room(), (room, known) -> {
            Queue queue = known == null ? new Queue(room) : known;
            start[0] = known == null ? queue : null;
            taken[0] = queue.add(change);
            return queue;
        });
        if (!taken[0]) {
            drop(Limit.LISTENER_EVENTS, 1);
        }
        if (start[0] != null) {
            execute(start[0]);
        }
    }

    private void execute(Queue queue) {
        try {
            executor.execute(queue);
        } catch (Throwable e) {
            if (!(e instanceof RejectedExecutionException)) {
                hub.settings.faults.hostFault(System.Logger.Level.WARNING, "The executor of the host failed", null, e);
            }
            int[] lost = new int[1];
            queues.computeIfPresent(queue.room, (room, known) -> {
                if (known != queue) {
                    return known;
                }
                lost[0] = queue.waiting.size();
                return null;
            });
            drop(Limit.LISTENER_EVENTS, lost[0]);
        }
    }

    /** Events that had been counted in are gone. Not called under a queue's entry, since an observer is foreign code. */
    private void drop(Limit limit, int events) {
        total.addAndGet(-events);
        for (int i = 0; i < events; i++) {
            hub.hit(limit, null);
        }
    }

    private void call(RosterChange change) {
        Room room = hub.room(change.room());
        Member member = change.member();
        switch (change.kind()) {
            case JOINED -> hub.settings.listener.onJoin(room, member);
            case LEFT -> hub.settings.listener.onLeave(room, member, change.cause());
            case UPDATED -> hub.settings.listener.onUpdate(room, member);
        }
    }

    /** The events of one room that wait. In the map from the first event until it has run dry. */
    private final class Queue implements Runnable {

        private final String room;

        /** Guarded by the map's entry. */
        private final Deque<RosterChange> waiting = new ArrayDeque<>(2);

        Queue(String room) {
            this.room = room;
        }

        /** Called under the map's entry; false if the queue is full. */
        boolean add(RosterChange change) {
            return waiting.size() < hub.settings.limit(Limit.LISTENER_EVENTS) && waiting.add(change);
        }

        @Override
        public void run() {
            for (RosterChange next = next(); next != null; next = next()) {
                RosterChange change = next;
                total.decrementAndGet();
                hub.settings.guarded("The listener failed", () -> call(change));
            }
        }

        /** Null once it has run dry, or if it was given up: an executor that has thrown may run it all the same. */
        private @Nullable RosterChange next() {
            RosterChange[] next = new RosterChange[1];
            queues.computeIfPresent(room, (key, queue) -> {
                if (queue != this) {
                    return queue;
                }
                next[0] = waiting.poll();
                return next[0] == null ? null : queue;
            });
            return next[0];
        }
    }
}

package dev.roomcast;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hands the roster's changes to the host's listener: one after the other per room, on the host's executor, never on the
 * thread that delivers. Each room has a bounded queue that exists only while something waits in it.
 */
final class HostEvents {

    private final Hub hub;
    private final Executor executor;
    private final ConcurrentMap<String, Queue> queues = new ConcurrentHashMap<>();

    HostEvents(Hub hub, Executor executor) {
        this.hub = hub;
        this.executor = executor;
    }

    /** Queues an event. Never blocks. */
    void tell(RosterChange change) {
        Queue[] start = new Queue[1];
        queues.compute(change.room(), (room, known) -> {
            Queue queue = known == null ? new Queue(room) : known;
            start[0] = known == null ? queue : null;
            queue.add(change);
            return queue;
        });
        if (start[0] != null) {
            execute(start[0]);
        }
    }

    private void execute(Queue queue) {
        try {
            executor.execute(queue);
        } catch (RejectedExecutionException e) {
            queues.remove(queue.room, queue);
            hub.hit(Limit.LISTENER_EVENTS, null);
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
        private final Deque<RosterChange> waiting = new ArrayDeque<>(2);

        Queue(String room) {
            this.room = room;
        }

        /** Guarded by the map's entry. */
        void add(RosterChange change) {
            if (waiting.size() >= hub.settings.limit(Limit.LISTENER_EVENTS)) {
                hub.hit(Limit.LISTENER_EVENTS, null);
            } else {
                waiting.add(change);
            }
        }

        @Override
        public void run() {
            RosterChange[] next = new RosterChange[1];
            do {
                queues.computeIfPresent(room, (key, queue) -> {
                    next[0] = waiting.poll();
                    return next[0] == null ? null : queue;
                });
                RosterChange change = next[0];
                if (change != null) {
                    Workers.guarded(() -> call(change));
                }
            } while (next[0] != null);
        }
    }
}

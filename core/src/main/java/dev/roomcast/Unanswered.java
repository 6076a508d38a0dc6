package dev.roomcast;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's client has said in rooms and the bridge has not answered yet. A connection that is drained ends behind
 * these answers, and takes nothing more to be said meanwhile, or it might never come to that. Exists only once an answer was
 * late.
 *
 * <p>Each message is answered once: by whoever takes it out of the set, be it the bridge's answer or a refusal. Lock:
 * {@code this}; nothing is called while it is held.
 */
final class Unanswered {

    // All below: guarded by this.
    private final Set<Relaying> waiting = new HashSet<>(4);
    private int open;
    private @Nullable Runnable whenNone;

    synchronized void add(Relaying message) {
        waiting.add(message);
        open++;
    }

    /** Answers a message, unless it has been answered. */
    void answer(Relaying message, Runnable answer) {
        synchronized (this) {
            if (!waiting.remove(message)) {
                return;
            }
        }
        Workers.guarded(answer);
        Runnable next;
        synchronized (this) {
            next = --open == 0 ? whenNone : null;
        }
        if (next != null) {
            next.run();
        }
    }

    /** From now on nothing is to be added; runs a task when all is answered. */
    void whenNone(Runnable task) {
        synchronized (this) {
            whenNone = task;
            if (open > 0) {
                return;
            }
        }
        task.run();
    }

    /** Whether the connection ends as soon as all is answered. */
    synchronized boolean isLast() {
        return whenNone != null;
    }

    /** Refuses what has no answer yet: nobody waits any longer. */
    void refuse() {
        List<Relaying> late;
        synchronized (this) {
            late = List.copyOf(waiting);
        }
        late.forEach(message -> answer(message, message::giveUp));
    }
}

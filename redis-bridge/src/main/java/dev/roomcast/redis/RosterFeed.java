package dev.roomcast.redis;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.RosterChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The changes of one room's roster on their way to the members on this instance. They come twice when this instance made
 * them: with the script's answer, and on the room's channel. Whichever comes first is appended, ascending and once.
 *
 * <p>An answer that is ahead of the channel waits for it, so that the changes between are not missed; not for long, since
 * the hub finds a hole by itself and reads the roster.
 */
final class RosterFeed {

    /** An answer that is ahead. */
    private record Ahead(List<RosterChange> changes, CompletableFuture<Void> appended) {}

    private final Delivery delivery;
    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final List<Ahead> waiting = new ArrayList<>(0);
    private long last = -1;

    RosterFeed(Delivery delivery) {
        this.delivery = delivery;
    }

    /** The newest revision that was heard of; -1 before the first. */
    long last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** A change came on the channel. */
    void arrived(RosterChange change) {
        List<Ahead> done = new ArrayList<>(0);
        lock.lock();
        try {
            append(change);
            waiting.removeIf(ahead -> {
                boolean reached = ahead.changes.get(0).rev() <= last + 1;
                if (reached) {
                    ahead.changes.forEach(this::append);
                    done.add(ahead);
                }
                return reached;
            });
        } finally {
            lock.unlock();
        }
        done.forEach(ahead -> ahead.appended.complete(null));
    }

    /** A script answered with changes; completes when they have been appended. */
    CompletionStage<Void> answered(List<RosterChange> changes) {
        lock.lock();
        try {
            if (changes.isEmpty() || last < 0 || changes.get(0).rev() <= last + 1) {
                changes.forEach(this::append);
                return CompletableFuture.completedFuture(null);
            }
            Ahead ahead = new Ahead(changes, new CompletableFuture<>());
            waiting.add(ahead);
            return ahead.appended;
        } finally {
            lock.unlock();
        }
    }

    /** Redis has told a revision; whoever has not heard of it in spite of waiting for the channel has missed something. */
    void moved(String room, long revision) {
        lock.lock();
        try {
            if (revision > last) {
                last = revision;
                delivery.rosterMoved(room, revision);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What waits need not wait for the channel any longer. */
    void hurry() {
        List<Ahead> done;
        lock.lock();
        try {
            waiting.forEach(ahead -> ahead.changes.forEach(this::append));
            done = List.copyOf(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        done.forEach(ahead -> ahead.appended.complete(null));
    }

    private void append(RosterChange change) {
        if (change.rev() > last) {
            last = change.rev();
            delivery.append(change);
        }
    }
}

package dev.roomcast.bridge;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the rooms of a local bridge keep, all together. Each room has bounds of its own, but one client that goes from room
 * to room could fill each of them; so there is a bound over all.
 *
 * <p>History gives way: when there is too much of it, the room that was written longest ago loses its own. The order is that
 * of a clock with a second chance (Corbató, 1968): rooms stand in a queue, a write only leaves a mark, and a marked room
 * that comes to the head goes to the tail once more, without its mark. So a publish costs no more than it did, the queue is
 * touched when a room begins or ends to have history, and each second chance was paid for by a write. Ids never give way,
 * since a forgotten one would let a retry double a message: beyond the bound new ones are refused.
 *
 * <p>Locks: a {@link RoomLog} calls here with its own lock held; nothing here calls a log while the queue's lock is held.
 */
final class LocalMemory {

    private final Bridge.Memory bounds;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong ids = new AtomicLong();

    /** Rooms with history, those that were written longest ago at the head. Guarded by itself. */
    private final Set<RoomLog> written = new LinkedHashSet<>();

    LocalMemory(Bridge.Memory bounds) {
        this.bounds = bounds;
    }

    /** A room has begun to have history, or gets its second chance. */
    void enqueue(RoomLog room) {
        synchronized (written) {
            written.add(room);
        }
    }

    /** A room has no history any more. */
    void remove(RoomLog room) {
        synchronized (written) {
            written.remove(room);
        }
    }

    /** The history of a room has become larger, or smaller. */
    void changeBytes(long by) {
        bytes.addAndGet(by);
    }

    /** The number of ids has changed. */
    void changeIds(long by) {
        ids.addAndGet(by);
    }

    /** Whether there may be no more ids. */
    boolean hasTooManyIds() {
        return ids.get() >= bounds.ids();
    }

    /** Makes room, if there is too much history. Called with no lock held. */
    void trim() {
        while (bytes.get() > bounds.historyBytes()) {
            RoomLog oldest = poll();
            if (oldest == null) {
                return;
            }
            if (oldest.giveUp()) {
                bounds.historyDropped().run();
            }
        }
    }

    /** An id was refused. Called with no lock held. */
    void refusedId() {
        bounds.idRefused().run();
    }

    private @Nullable RoomLog poll() {
        synchronized (written) {
            Iterator<RoomLog> rooms = written.iterator();
            if (!rooms.hasNext()) {
                return null;
            }
            RoomLog oldest = rooms.next();
            rooms.remove();
            return oldest;
        }
    }

    /** For tests. */
    long bytes() {
        return bytes.get();
    }

    /** For tests. */
    long ids() {
        return ids.get();
    }

    /** For tests. */
    int rooms() {
        synchronized (written) {
            return written.size();
        }
    }
}

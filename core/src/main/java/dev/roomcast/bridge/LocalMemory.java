package dev.roomcast.bridge;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory that all rooms of a local bridge share, and the rules by which it is shared.
 *
 * <p><b>History gives way.</b> When there is too much of it, the room that holds most loses the older half of its messages,
 * and so on until the rest fits: rooms that keep little are the last to lose anything. To find the largest room at once,
 * rooms stand in classes by the power of two of their size; a room changes its class only when its size has doubled or
 * halved, so a publish rarely touches them. Within a class the room that entered it first goes first. No room and no user
 * holds more than a sixteenth of the history: a user beyond that loses the older half of the room in which the user
 * was first to keep something. (The application's own messages have no user and no such bound.)
 *
 * <p><b>Ids never give way,</b> since a forgotten id would let a retry double a message: beyond the bound new ones are
 * refused. So that a few users cannot take all of them, a user may hold at most a sixteenth of all ids and at most an eighth
 * of those that are free. The second bound is the dynamic threshold of Choudhury and Hahne (1998): however many users want
 * all they can get, some ids stay free for the next one. With {@code n} such users a share of {@code 8 / (8 + n)} is free.
 *
 * <p>Locks: a {@link RoomLog} calls here with its own lock held; no log is called while a lock of this class is held.
 */
final class LocalMemory {

    /** No room and no user holds more than this part of what all share. */
    static final int SHARE = 16;

    /** A user may hold this part of the ids that are free. */
    private static final int FREE_SHARE = 8;

    private static final int CLASSES = 64;

    private final Bridge.Memory bounds;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong ids = new AtomicLong();

    /** By user: bytes of history and the rooms they are in. Entries are changed inside the map's own steps only. */
    private final ConcurrentMap<String, UserHistory> histories = new ConcurrentHashMap<>();

    /** Ids by user. */
    private final ConcurrentMap<String, Integer> idsByUser = new ConcurrentHashMap<>();

    /** Rooms with history by the power of two of their size. Guarded by itself. */
    private final List<Set<RoomLog>> classes = new ArrayList<>();

    LocalMemory(Bridge.Memory bounds) {
        this.bounds = bounds;
        for (int i = 0; i < CLASSES; i++) {
            classes.add(new LinkedHashSet<>(0));
        }
    }

    /** The history of a room has changed its size. */
    void resized(RoomLog room, long before, long now) {
        bytes.addAndGet(now - before);
        bounds.used().accept(now - before);
        int from = classOf(before);
        int to = classOf(now);
        if (from != to) {
            synchronized (classes) {
                if (before > 0) {
                    classes.get(from).remove(room);
                }
                if (now > 0) {
                    classes.get(to).add(room);
                }
            }
        }
    }

    /** Logarithm to base 2; 0 has a class of its own, which holds no room. */
    private static int classOf(long size) {
        return CLASSES - 1 - Long.numberOfLeadingZeros(Math.max(1, size)) + (size > 0 ? 1 : 0);
    }

    /** A message of a user is kept in a room's history. */
    void kept(@Nullable String userId, RoomLog room, long cost) {
        if (userId != null) {
            histories.compute(userId, (id, known) -> {
                UserHistory history = known == null ? new UserHistory() : known;
                history.add(room, cost);
                return history;
            });
        }
    }

    /** A message of a user is not kept any more. */
    void dropped(@Nullable String userId, RoomLog room, long cost) {
        if (userId != null) {
            histories.computeIfPresent(userId, (id, history) -> history.remove(room, cost) ? null : history);
        }
    }

    /** Most bytes that one room may hold. */
    long roomBytes() {
        return bounds.historyBytes().getAsLong() / SHARE;
    }

    /** Makes space, if there is too much history, of all or of the user who wrote last. Called with no lock held. */
    void trim(@Nullable String userId) {
        if (userId != null) {
            trimUser(userId);
        }
        while (bytes.get() > bounds.historyBytes().getAsLong()) {
            RoomLog largest = largest();
            if (largest == null) {
                return;
            }
            if (largest.halve()) {
                bounds.historyDropped().run();
            }
        }
    }

    private void trimUser(String userId) {
        for (RoomLog room = excess(userId); room != null; room = excess(userId)) {
            if (room.halve()) {
                bounds.historyDropped().run();
            }
        }
    }

    /** The room that is to give way for a user who holds too much; null if the user does not. */
    private @Nullable RoomLog excess(String userId) {
        RoomLog[] room = new RoomLog[1];
        histories.computeIfPresent(userId, (id, history) -> {
            room[0] = history.bytes > roomBytes() ? history.first() : null;
            return history;
        });
        return room[0];
    }

    private @Nullable RoomLog largest() {
        synchronized (classes) {
            for (int i = CLASSES - 1; i > 0; i--) {
                Iterator<RoomLog> rooms = classes.get(i).iterator();
                if (rooms.hasNext()) {
                    return rooms.next();
                }
            }
            return null;
        }
    }

    /** Takes an id for a user; false if there may be no more. */
    boolean takeId(@Nullable String userId) {
        long free = bounds.ids() - ids.get();
        if (free <= 0) {
            return false;
        }
        if (userId != null) {
            long most = Math.max(1, Math.min(bounds.ids() / SHARE, free / FREE_SHARE));
            boolean[] taken = new boolean[1];
            idsByUser.compute(userId, (id, known) -> {
                int now = known == null ? 0 : known;
                taken[0] = now < most;
                return taken[0] ? Integer.valueOf(now + 1) : known;
            });
            if (!taken[0]) {
                return false;
            }
        }
        changeIds(1);
        return true;
    }

    /** Gives an id back. */
    void returnId(@Nullable String userId) {
        if (userId != null) {
            idsByUser.computeIfPresent(userId, (id, known) -> known > 1 ? known - 1 : null);
        }
        changeIds(-1);
    }

    private void changeIds(int by) {
        ids.addAndGet(by);
        bounds.used().accept((long) by * Bridge.Memory.ID_BYTES);
    }

    /** A room has lost history because it held its whole share. Called with no lock held. */
    void cut() {
        bounds.historyDropped().run();
    }

    /** An id was refused. Called with no lock held. */
    void refusedId() {
        bounds.idRefused().run();
    }

    /** For tests. */
    long bytes() {
        return bytes.get();
    }

    /** For tests. */
    long ids() {
        return ids.get();
    }

    /** For tests: users of whom something is remembered. */
    int users() {
        return Math.max(histories.size(), idsByUser.size());
    }

    /** For tests. */
    int rooms() {
        synchronized (classes) {
            return classes.stream().mapToInt(Set::size).sum();
        }
    }
}

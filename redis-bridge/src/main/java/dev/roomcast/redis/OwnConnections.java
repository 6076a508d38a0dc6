package dev.roomcast.redis;

import dev.roomcast.message.Content;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The truth about this instance: which of its connections are in which rooms. Redis is brought in line with it. */
final class OwnConnections {

    /** Rooms in which nobody is any more. Beyond, what Redis itself has noted of this instance is gone through. */
    static final int MOST_DOUBTFUL = 16_384;

    /** A connection in a room. */
    record Own(String connection, String user, @Nullable Content meta) {}

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final Map<String, Map<String, Own>> rooms = new LinkedHashMap<>();

    /** Rooms of which Redis may know more than is true. */
    private final Set<String> doubtful = new HashSet<>();

    /** Whether there were more of those than are remembered. */
    private boolean hasForgotten;

    /** True if it is the first in the room. */
    boolean add(String room, String connection, String user, @Nullable Content meta) {
        lock.lock();
        try {
            boolean first = !rooms.containsKey(room);
            Map<String, Own> here = rooms.computeIfAbsent(room, name -> new LinkedHashMap<>(2));
            if (meta == null) {
                here.putIfAbsent(connection, new Own(connection, user, null));
            } else {
                // Behind the others: so they stand in the order in which they have said something.
                here.remove(connection);
                here.put(connection, new Own(connection, user, meta));
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** What was known of it; null if nothing was. */
    @Nullable
    Own remove(String room, String connection) {
        lock.lock();
        try {
            Map<String, Own> here = rooms.get(room);
            if (here == null) {
                return null;
            }
            Own known = here.remove(connection);
            if (here.isEmpty()) {
                rooms.remove(room);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    void update(String room, String user, @Nullable Content meta) {
        lock.lock();
        try {
            Map<String, Own> here = rooms.get(room);
            if (here != null) {
                here.replaceAll((connection, own) -> own.user.equals(user) ? new Own(connection, user, meta) : own);
            }
        } finally {
            lock.unlock();
        }
    }

    void doubt(String room) {
        lock.lock();
        try {
            if (doubtful.size() < MOST_DOUBTFUL || rooms.containsKey(room)) {
                doubtful.add(room);
            } else {
                hasForgotten = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Redis was told of exactly these; false if they are no longer the ones there are. */
    boolean trust(String room, List<Own> told) {
        lock.lock();
        try {
            boolean same =
                    told.equals(List.copyOf(rooms.getOrDefault(room, Map.of()).values()));
            if (same) {
                doubtful.remove(room);
            }
            return same;
        } finally {
            lock.unlock();
        }
    }

    /** Whether doubtful rooms were forgotten since this was asked last. */
    boolean takeForgotten() {
        lock.lock();
        try {
            boolean was = hasForgotten;
            hasForgotten = false;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Doubtful rooms are still forgotten. */
    void forgot() {
        lock.lock();
        try {
            hasForgotten = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether anyone of this instance is in the room. */
    boolean isIn(String room) {
        lock.lock();
        try {
            return rooms.containsKey(room);
        } finally {
            lock.unlock();
        }
    }

    boolean isDoubtful(String room) {
        lock.lock();
        try {
            return doubtful.contains(room);
        } finally {
            lock.unlock();
        }
    }

    List<Own> in(String room) {
        lock.lock();
        try {
            return List.copyOf(rooms.getOrDefault(room, Map.of()).values());
        } finally {
            lock.unlock();
        }
    }

    /** The rooms that Redis is to be compared with. */
    List<String> rooms() {
        lock.lock();
        try {
            Set<String> all = new HashSet<>(rooms.keySet());
            all.addAll(doubtful);
            return new ArrayList<>(all);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return rooms.isEmpty() && doubtful.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}

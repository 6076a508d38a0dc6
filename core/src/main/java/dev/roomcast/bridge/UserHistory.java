package dev.roomcast.bridge;

import java.util.LinkedHashMap;
import java.util.Map;

/** What one user's messages take of the history, in all rooms and in each. Not thread-safe; {@link LocalMemory} guards it. */
final class UserHistory {

    /** Bytes by room, in the order in which the user began to have some. */
    private final Map<RoomLog, Long> byRoom = new LinkedHashMap<>(2);

    /** In all rooms. */
    long bytes;

    void add(RoomLog room, long cost) {
        bytes += cost;
        byRoom.merge(room, cost, Long::sum);
    }

    /** Takes bytes back; true if nothing is left. */
    boolean remove(RoomLog room, long cost) {
        bytes -= cost;
        byRoom.computeIfPresent(room, (log, known) -> known > cost ? known - cost : null);
        return byRoom.isEmpty();
    }

    /** The room in which the user has had something for longest. */
    RoomLog first() {
        return byRoom.keySet().iterator().next();
    }
}

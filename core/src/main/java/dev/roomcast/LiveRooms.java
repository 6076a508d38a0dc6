package dev.roomcast;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The rooms with members on this instance. A room is here exactly as long as someone holds it. */
final class LiveRooms {

    private final ConcurrentMap<String, LiveRoom> rooms = new ConcurrentHashMap<>();
    private final Hub hub;

    LiveRooms(Hub hub) {
        this.hub = hub;
    }

    /** The room of a name, to be given back with {@link #release}. */
    LiveRoom hold(String name) {
        LiveRoom held = rooms.compute(name, (key, known) -> {
            LiveRoom room = known == null ? new LiveRoom(key, hub) : known;
            room.holders++;
            return room;
        });
        return java.util.Objects.requireNonNull(held);
    }

    /** Gives a room back; with the last holder it goes. */
    void release(LiveRoom room) {
        LiveRoom left =
                rooms.computeIfPresent(room.name, (key, known) -> known == room && --room.holders == 0 ? null : known);
        if (left != room) {
            room.dismiss();
        }
    }

    @Nullable
    LiveRoom find(String name) {
        return rooms.get(name);
    }

    boolean isLive(LiveRoom room) {
        return rooms.get(room.name) == room;
    }

    int size() {
        return rooms.size();
    }
}

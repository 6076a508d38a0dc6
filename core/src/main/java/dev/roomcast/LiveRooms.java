package dev.roomcast;

import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The rooms with members on this instance. A room is here as long as someone holds it, and until its lane has run dry: who
 * comes afterwards finds a new room, and nothing of the old one can overtake what happens there.
 */
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
        return Objects.requireNonNull(held);
    }

    /** Holds a room once more; false if nobody holds it. */
    boolean holdAgain(LiveRoom room) {
        boolean[] still = new boolean[1];
        LiveRoom held = rooms.computeIfPresent(room.name, (key, known) -> {
            still[0] = known == room && known.holders > 0;
            known.holders += still[0] ? 1 : 0;
            return known;
        });
        return held == room && still[0];
    }

    /** Gives a room back; with the last holder it goes. */
    void release(LiveRoom room) {
        room.append(new LaneEntry.Released());
        hub.resume(room);
    }

    /** Takes one holder off; true if none is left. Called by the room's lane. */
    boolean letGo(LiveRoom room) {
        boolean[] unneeded = new boolean[1];
        rooms.computeIfPresent(room.name, (key, known) -> {
            unneeded[0] = known == room && --room.holders == 0;
            return known;
        });
        return unneeded[0];
    }

    /**
     * Lets a room go that nobody holds. Called by the room's lane.
     *
     * @param dry whether nothing is left of the batch under way
     * @return false if the room has to be looked at again, since something waits in its lane
     */
    boolean remove(LiveRoom room, boolean dry) {
        boolean[] settled = new boolean[] {true};
        LiveRoom left = rooms.computeIfPresent(room.name, (key, known) -> {
            if (known != room || room.holders > 0) {
                return known;
            }
            settled[0] = dry && room.close();
            return settled[0] ? null : known;
        });
        if (left != room) {
            room.dismiss();
            room.replays.end();
            hub.isolation.forget(room);
        }
        return settled[0];
    }

    @Nullable
    LiveRoom find(String name) {
        return rooms.get(name);
    }

    int size() {
        return rooms.size();
    }
}

package dev.roomcast.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rooms of a session, and those that the application has left and the server has not let go yet: what still comes of them
 * is of no interest, and until then a room of the same name is not joined anew. Guarded by the session's lock.
 */
final class RoomTable {

    static final int MOST = 1000;

    private final Session session;
    private final Map<String, RoomState> rooms = new LinkedHashMap<>();
    private final Map<String, RoomState> leaving = new LinkedHashMap<>();

    RoomTable(Session session) {
        this.session = session;
    }

    /** The room of that name, which is the given one if there was none. */
    RoomState add(RoomState fresh) {
        if (!rooms.containsKey(fresh.name) && rooms.size() >= MOST) {
            throw new IllegalStateException("a client is in " + MOST + " rooms at most");
        }
        return rooms.computeIfAbsent(fresh.name, absent -> fresh);
    }

    boolean isFull() {
        return rooms.size() >= MOST;
    }

    List<ClientRoom> faces() {
        return rooms.values().stream().map(RoomState::face).toList();
    }

    boolean has(RoomState room) {
        return rooms.get(room.name) == room;
    }

    /** The application wants out. */
    void leave(RoomState room) {
        if (!has(room)) {
            return;
        }
        room.wanted = false;
        if (room.stage == RoomState.Stage.OUT || room.stage == RoomState.Stage.HELD) {
            drop(room, "left");
        } else {
            detach(room);
            leaving.put(room.name, room);
        }
    }

    /** The room that the server speaks of. */
    @Nullable
    RoomState known(String name) {
        RoomState room = leaving.isEmpty() ? null : named(leaving, name);
        return room == null ? named(rooms, name) : room;
    }

    private static @Nullable RoomState named(Map<String, RoomState> among, String name) {
        RoomState room = among.get(name);
        if (room != null && room.wireName.equals(name)) {
            return room;
        }
        return among.values().stream()
                .filter(other -> other.wireName.equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The next room to be joined or left. */
    @Nullable
    RoomState nextQuestion() {
        for (RoomState room : leaving.values()) {
            if (room.hasQuestion()) {
                return room;
            }
        }
        for (RoomState room : rooms.values()) {
            if (room.hasQuestion() && !leaving.containsKey(room.name)) {
                return room;
            }
        }
        return null;
    }

    /** The client is in the room no more: the server has let it go as it wanted, or of its own. */
    void drop(RoomState room, String code) {
        room.stage = RoomState.Stage.OUT;
        leaving.remove(room.name, room);
        if (detach(room) && room.wanted) {
            ClientRoom face = room.face();
            session.tell(() -> session.listener.onLeft(face, code));
        }
    }

    private boolean detach(RoomState room) {
        boolean was = rooms.remove(room.name, room);
        if (was) {
            session.fail(room.joined, SendException.NOT_JOINED, "the client is not in the room");
            session.sending.failOrphans();
        }
        return was;
    }

    /** There is no connection. */
    void allOut() {
        rooms.values().forEach(room -> room.stage = RoomState.Stage.OUT);
        leaving.clear();
    }

    /** It is over. */
    void dismiss() {
        rooms.values().forEach(room -> session.fail(room.joined, SendException.CLOSED, "the client was closed"));
        rooms.clear();
        leaving.clear();
    }
}

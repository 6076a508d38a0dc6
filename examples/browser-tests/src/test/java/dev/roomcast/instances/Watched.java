package dev.roomcast.instances;

import dev.roomcast.client.ClientListener;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.client.ClientState;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.client.RoomcastClientBuilder;
import dev.roomcast.jakarta.behaviour.SeenRoom;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A client in one room, and what it is told there: messages, who comes and goes, and when it was away. */
final class Watched implements ClientListener, AutoCloseable {

    /** From the loss of a connection until the room is recovered. */
    record Absence(long lostAt, long backAt) {
        long millis() {
            return (backAt - lostAt) / 1_000_000;
        }
    }

    final SeenRoom seen = new SeenRoom();
    final Queue<Absence> absences = new ConcurrentLinkedQueue<>();
    private final String user;
    private final RoomcastClient client;
    private final ClientRoom room;

    /** What should not have been seen. */
    private final Queue<String> flicker = new ConcurrentLinkedQueue<>();

    private volatile Set<String> expected;
    private volatile Position start;

    // Touched by one call of the listener after the other.
    private long lostAt;
    private boolean isLost;

    Watched(RoomcastClientBuilder settings, String user, String room) {
        this.user = user;
        this.client = settings.user(user).listener(this).open();
        this.room = client.join(room);
    }

    ClientRoom room() {
        return room;
    }

    /** From now on all of these are there all the time, and messages are looked at from here on. */
    void expects(Set<String> members) {
        start = room.position().orElseThrow();
        expected = members;
    }

    Position start() {
        return start;
    }

    /** What it was told of members that was not so. */
    Queue<String> flicker() {
        return flicker;
    }

    @Override
    public void onState(ClientState state) {
        // The first that is told of a loss; which one, is not sure.
        if (state != ClientState.ONLINE && !isLost) {
            isLost = true;
            lostAt = System.nanoTime();
        }
    }

    @Override
    public void onJoined(ClientRoom where) {
        isLost = false;
    }

    @Override
    public void onMessage(ClientRoom where, Message message) {
        seen.onMessage(where, message);
    }

    @Override
    public void onGap(ClientRoom where, Position after, Position resumed) {
        seen.onGap(where, after, resumed);
    }

    @Override
    public void onRecovered(ClientRoom where) {
        long now = System.nanoTime();
        absences.add(new Absence(isLost ? lostAt : now, now));
        isLost = false;
        seen.onRecovered(where);
    }

    @Override
    public void onUserJoined(ClientRoom where, String userId) {
        if (expected != null) {
            flicker.add(user + " saw " + userId + " come");
        }
    }

    @Override
    public void onUserLeft(ClientRoom where, String userId) {
        if (expected != null) {
            flicker.add(user + " saw " + userId + " go");
        }
    }

    @Override
    public void onMembers(ClientRoom where) {
        Set<String> now = where.members().keySet();
        if (expected != null && !now.equals(expected)) {
            flicker.add(user + " saw " + now.size() + " of " + expected.size() + " members");
        }
    }

    @Override
    public void close() {
        client.close();
    }
}

package dev.roomcast.instances;

import dev.roomcast.client.ClientListener;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.client.ClientState;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.client.RoomcastClientBuilder;
import dev.roomcast.jakarta.behaviour.SeenRoom;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A client in one room, and what it is told there: messages, who comes and goes, and when it was away. */
final class Watched implements ClientListener, AutoCloseable {

    /** From the loss of a connection until the room is recovered. */
    record Absence(long lostAt, long backAt) {
        long millis() {
            return (backAt - lostAt) / 1_000_000;
        }
    }

    private static final int MOST_NOTES = 20;

    final SeenRoom seen = new SeenRoom();
    final Queue<Absence> absences = new ConcurrentLinkedQueue<>();
    private final String user;
    private final RoomcastClient client;
    private final ClientRoom room;

    /** What should not have been seen. */
    private final Queue<String> flicker = new ConcurrentLinkedQueue<>();

    private volatile Set<String> expected;
    private volatile Position start;

    /** The latest changes, for the text of a failure. */
    private final Deque<String> latest = new ConcurrentLinkedDeque<>();

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

    /** Messages are looked at from here on. */
    void starts() {
        start = room.position().orElseThrow();
    }

    /** From now on all of these are there all the time. */
    void expects(Set<String> members) {
        expected = members;
    }

    long gaps() {
        return seen.events().stream().filter(SeenRoom.Event::isGap).count();
    }

    Position start() {
        return start;
    }

    /** In milliseconds. */
    long longestAbsence() {
        return absences.stream().mapToLong(Absence::millis).max().orElse(0);
    }

    /** What it was told of members that was not so. */
    Queue<String> flicker() {
        return flicker;
    }

    @Override
    public void onState(ClientState state) {
        note(state.toString());
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
        note("recovered");
        absences.add(new Absence(isLost ? lostAt : now, now));
        isLost = false;
        seen.onRecovered(where);
    }

    @Override
    public void onError(Optional<ClientRoom> where, String code, String message) {
        note(code + " " + message);
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

    /** Where it stands, and what came before. */
    String story() {
        return user + " is " + client.state() + " at " + room.position() + "; its latest: " + latest;
    }

    private void note(String what) {
        latest.add(LocalTime.now(ZoneId.systemDefault()) + " " + what);
        if (latest.size() > MOST_NOTES) {
            latest.remove();
        }
    }

    @Override
    public String toString() {
        return user;
    }

    @Override
    public void close() {
        client.close();
    }
}

package dev.roomcast.testkit;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The end of the line for tests of a bridge: remembers what was appended. Safe for use by any thread. */
public final class RecordingDelivery implements Delivery {

    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final List<String> losses = new CopyOnWriteArrayList<>();
    private final List<RosterChange> changes = new CopyOnWriteArrayList<>();
    private final List<Signal> signals = new CopyOnWriteArrayList<>();
    private final List<String> moves = new CopyOnWriteArrayList<>();
    private volatile boolean full;
    private volatile boolean isolated;

    /** A delivery that has space and has seen nothing. */
    public RecordingDelivery() {}

    /**
     * The messages of a room so far.
     *
     * @param room the room
     * @return a copy, in the order in which they were appended
     */
    public List<Message> messages(String room) {
        return messages.stream().filter(message -> message.room().equals(room)).toList();
    }

    /**
     * The offsets of a room's messages so far.
     *
     * @param room the room
     * @return a copy, in the order in which they were appended
     */
    public List<Long> offsets(String room) {
        return messages(room).stream()
                .map(Message::position)
                .filter(position -> position != null)
                .map(Position::offset)
                .toList();
    }

    /**
     * The changes of a room's roster so far, as {@code JOINED one}, {@code LEFT one LOST} …
     *
     * @param room the room
     * @return a copy, in the order in which they were appended
     */
    public List<String> changes(String room) {
        return changesOf(room).stream()
                .map(change -> change.kind() + " " + change.member().userId()
                        + (change.cause() == RosterChange.Cause.NONE ? "" : " " + change.cause()))
                .toList();
    }

    /**
     * The same as they came.
     *
     * @param room the room
     * @return a copy
     */
    public List<RosterChange> changesOf(String room) {
        return changes.stream().filter(change -> change.room().equals(room)).toList();
    }

    /**
     * What was said to be lost, as {@code room epoch:after epoch:upTo}.
     *
     * @return a copy
     */
    public List<String> losses() {
        return List.copyOf(losses);
    }

    /**
     * The signals so far.
     *
     * @return a copy, in the order in which they came
     */
    public List<Signal> signals() {
        return List.copyOf(signals);
    }

    /**
     * Which rosters were said to have moved on, as {@code room rev}.
     *
     * @return a copy
     */
    public List<String> rosterMoves() {
        return List.copyOf(moves);
    }

    /**
     * Whether the bridge has said that its backend is away, and not that it is back.
     *
     * @return true from {@code isolated(true)} until {@code isolated(false)}
     */
    public boolean isIsolated() {
        return isolated;
    }

    /** Has no space from now on. */
    public void fillUp() {
        full = true;
    }

    @Override
    public boolean hasSpace(String room) {
        return !full;
    }

    @Override
    public void append(Message message) {
        messages.add(message);
    }

    @Override
    public void append(RosterChange change) {
        changes.add(change);
    }

    @Override
    public void rosterMoved(String room, long rev) {
        moves.add(room + " " + rev);
    }

    @Override
    public void isolated(boolean isolated) {
        this.isolated = isolated;
    }

    @Override
    public void lost(String room, Position after, Position upTo) {
        losses.add(room + " " + after.epoch() + ":" + after.offset() + " " + upTo.epoch() + ":" + upTo.offset());
    }

    @Override
    public void signal(Signal signal) {
        signals.add(signal);
    }

    @Override
    public void release(String room) {}

    @Override
    public void releaseElsewhere(String room) {}
}

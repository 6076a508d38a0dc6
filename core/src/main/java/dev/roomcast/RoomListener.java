package dev.roomcast;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;

/**
 * Tells the host who comes and goes, on each instance that has members in the room, once per instance; and when the
 * instance is on its own.
 *
 * <p>Events of one room come one after the other, in the order in which the members saw them, on the hub's executor (see
 * {@link RoomsBuilder#executor}). A listener may block: the hub goes on, and the events of the same room wait, up to
 * {@link Limit#LISTENER_EVENTS}; those of other rooms wait only when as many listeners block as the executor has threads.
 * One that throws is logged and called for the next event.
 */
public interface RoomListener {

    /**
     * A user's first connection is in the room.
     *
     * @param room the room
     * @param member who came
     */
    default void onJoin(Room room, Member member) {}

    /**
     * A user's last connection has left the room.
     *
     * @param room the room
     * @param member who went
     * @param cause why
     */
    default void onLeave(Room room, Member member, RosterChange.Cause cause) {}

    /**
     * A member's metadata changed.
     *
     * @param room the room
     * @param member the member as it is now
     */
    default void onUpdate(Room room, Member member) {}

    /**
     * The bridge's backend was lost, or found again. These events come one after the other and beside those of rooms; when
     * several wait, only the newest is told, and nothing if that is what was told last.
     *
     * @param status how the hub stands now; it began as {@link Status#CONNECTED}
     */
    default void onStatus(Status status) {}
}

package dev.roomcast.bridge;

/**
 * One change of a room's roster.
 *
 * @param room the room
 * @param rev revision of the roster after the change
 * @param kind what happened
 * @param member the member as it is after the change (before it, for {@link Kind#LEFT})
 * @param cause why; {@link Cause#NONE} unless the kind is {@code LEFT}
 * @param timestamp when, in milliseconds since 1970-01-01T00:00Z
 */
public record RosterChange(String room, long rev, Kind kind, Member member, Cause cause, long timestamp) {

    /** What happened. */
    public enum Kind {
        /** The user's first connection came. */
        JOINED,
        /** The user's last connection went, or the grace passed. */
        LEFT,
        /** The member's metadata changed. */
        UPDATED
    }

    /** Why a member left. */
    public enum Cause {
        /** No one left. */
        NONE,
        /** The client asked to leave the room, or closed its connection in order. */
        LEAVE,
        /** The host removed the member, or closed the connection for good. */
        REMOVED,
        /** The connection was lost and the user did not come back within the grace. */
        LOST
    }
}

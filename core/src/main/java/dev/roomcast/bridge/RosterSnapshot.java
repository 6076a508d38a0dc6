package dev.roomcast.bridge;

import java.util.List;

/**
 * Who is in a room, at one revision.
 *
 * @param rev revision of the roster: it grows by one with every {@link RosterChange} of the room
 * @param members all members, in the order in which they came
 */
public record RosterSnapshot(long rev, List<Member> members) {

    /** A room that nobody is in and nobody was. */
    public static final RosterSnapshot EMPTY = new RosterSnapshot(0, List.of());

    /**
     * Copies the list.
     *
     * @param rev not negative
     * @param members in the order in which they came
     */
    public RosterSnapshot {
        members = List.copyOf(members);
    }
}

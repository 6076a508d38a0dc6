package dev.roomcast;

/** One connection in one room. */
final class Membership {

    final LiveConnection connection;
    final LiveRoom room;

    /** Messages up to this offset are not for this member. Written and read by the room's lane. */
    long since;

    /** Where it stands in the {@link MemberSet}; -1 while it is in none. Written and read by the room's lane. */
    int index = -1;

    /** Its departure went through the lane; an arrival behind it comes too late. Written and read by the room's lane. */
    boolean departed;

    Membership(LiveConnection connection, LiveRoom room) {
        this.connection = connection;
        this.room = room;
    }
}

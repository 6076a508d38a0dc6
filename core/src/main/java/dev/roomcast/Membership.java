package dev.roomcast;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import org.jspecify.annotations.Nullable;

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

    /**
     * Whether it waits for the room to move to the epoch of history: that is waited for once in a row. Written and read by
     * the room's lane.
     */
    boolean waitsForEpoch;

    /**
     * The last position that was handed to its connection, if the room's messages behind it were dropped: until they have
     * been read again, newer ones are not for this member. Null if it keeps up. Guarded by the connection's outbox.
     */
    @Nullable
    Position behind;

    /**
     * Whether it is behind only until the bridge's backend is back. Meanwhile it misses no frames but those that are read
     * again. Guarded by the connection's outbox.
     */
    boolean suspended;

    /** Frames of the roster were dropped. Guarded by the connection's outbox. */
    boolean rosterMissed;

    // Both guarded by this.
    /** Bytes that are counted in the hub's budget. */
    private long counted;

    private boolean freed;

    Membership(LiveConnection connection, LiveRoom room) {
        this.connection = connection;
        this.room = room;
    }

    /** Counts this membership in a budget, until {@link #free}. Null leaves what was counted of earlier metadata. */
    synchronized void count(MemoryBudget memory, @Nullable Content meta) {
        if (!freed && (counted == 0 || meta != null)) {
            long now = MemoryBudget.MEMBERSHIP_COST + (meta == null ? 0 : 2L * meta.size());
            memory.add(now - counted);
            counted = now;
        }
    }

    synchronized long memory() {
        return counted;
    }

    /** Counts no more, for good. Returns what was counted. */
    synchronized long free() {
        long was = counted;
        counted = 0;
        freed = true;
        return was;
    }

    /** Whether nothing but its messages is for it now, since they are on their way. Called with the outbox's lock held. */
    boolean isHeld() {
        return behind != null && !suspended;
    }

    /** Notes that a batch was dropped. Called with the outbox's lock held. */
    void missed(RoomBatch batch) {
        if (batch.kind == RoomBatch.Kind.PRESENCE) {
            rosterMissed = true;
        } else if (batch.kind == RoomBatch.Kind.MESSAGES && !suspended && isBefore(batch)) {
            behind = new Position(batch.epoch, batch.after());
        }
    }

    /** A page of a replay may be dropped, too: the member is thrown back to where the page began. */
    private boolean isBefore(RoomBatch batch) {
        return behind == null || (behind.epoch().equals(batch.epoch) && batch.after() < behind.offset());
    }
}

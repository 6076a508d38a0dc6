package dev.roomcast;

import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What stands in a room's lane. Everything that concerns the members goes through it, so that one order holds for all. */
sealed interface LaneEntry {

    /** Does what it says. Called by the lane's drainer. */
    void in(LiveRoom room);

    /** A message for the members; several in a row are delivered together, by the room itself. */
    record Said(Message message) implements LaneEntry {

        /** Bytes that it takes while it waits. */
        long memory() {
            return message.content().size() + 2 * MemoryBudget.OBJECT_COST;
        }

        @Override
        public void in(LiveRoom room) {
            throw new IllegalStateException("delivered by the room");
        }
    }

    /** Messages are lost for all members: anything behind one position, up to the other. */
    record Lost(Position after, Position upTo) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.lost(after, upTo);
        }
    }

    /** Interest in the room's messages was declared; what came before is older than any member here. */
    record Subscribed() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.begin();
        }
    }

    /** The roster changed. */
    record Changed(RosterChange change) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.changed(change);
        }
    }

    /** The roster has moved on to a revision, nobody knows how. */
    record Moved(long rev) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.moved(rev);
        }
    }

    /** Time to go on with what could not be done for want of the bridge's backend. */
    record Returned() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.returned();
            room.deferred.returned();
        }
    }

    /** The roster was read as a whole; null if that failed. */
    record Read(@Nullable RosterSnapshot snapshot) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.read(snapshot);
        }
    }

    /** Time to look whether the roster must be read. */
    record LookAgain() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.lookAgain();
        }
    }

    /** Some who arrived have waited for the roster as long as anyone may. */
    record WaitedLong() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.waitedLong();
        }
    }

    /**
     * A connection becomes a member once the lane has seen {@code rev}; {@code outcome} is completed with {@code entry} then.
     *
     * @param from where the client left off, if it wants what it has missed
     * @param rev {@link dev.roomcast.bridge.Roster#LATER} if the roster could not be asked
     * @param meta what the member brought, which counts only then
     */
    record Arrived(
            Membership member,
            Position top,
            @Nullable Position from,
            long rev,
            @Nullable Content meta,
            CompletableFuture<LiveConnection.Entry> outcome,
            LiveConnection.Entry entry)
            implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.arrived(this);
        }
    }

    /** A connection is a member no more; {@code tell} answers it with {@code left}. */
    record Departed(Membership member, RosterChange.Cause cause, boolean tell) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.departed(this);
        }
    }

    /** Some whose connection was lost while the roster could not be told have been waited for. */
    record GracesOver() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.gracesOver();
        }
    }

    /** A member asked who is here; {@code told} is completed when that is answered. */
    record Asked(Membership member, CompletableFuture<@Nullable Void> told) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            try {
                if (!member.departed) {
                    member.connection.outbox.roster(room.presence.members());
                }
            } finally {
                told.complete(null);
            }
        }
    }

    /** A member misses something that was dropped, and its connection can take more now. */
    record Behind(Membership member) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.catchUp.dropped(member);
        }
    }

    /** History was read; null if that failed, {@code later} if it may be read at another time. */
    record History(@Nullable HistorySlice slice, boolean later) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.replays.read(slice, later);
        }
    }

    /** The room stands in its order again, and those who have waited for that can be brought up; or it is not known. */
    record Placed(boolean known) implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.deferred.placed(known);
        }
    }

    /** Time to look whether what was read of history is needed any more. */
    record ForgetHistory() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.replays.forgetUnused();
        }
    }

    /** Time to say how many are in a big room. */
    record DigestDue() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.presence.digest();
        }
    }

    /** Someone who needed the room does not any more. */
    record Released() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.released();
        }
    }

    /** Nobody needed the room a moment ago. */
    record Unneeded() implements LaneEntry {
        @Override
        public void in(LiveRoom room) {
            room.goIfUnneeded();
        }
    }
}

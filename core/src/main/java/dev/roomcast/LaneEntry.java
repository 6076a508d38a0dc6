package dev.roomcast;

import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What stands in a room's lane. Everything that concerns the members goes through it, so that one order holds for all. */
sealed interface LaneEntry {

    /** A message for the members. */
    record Said(Message message) implements LaneEntry {}

    /** The roster changed. */
    record Changed(RosterChange change) implements LaneEntry {}

    /** The roster was read as a whole; null if that failed. */
    record Read(@Nullable RosterSnapshot snapshot) implements LaneEntry {}

    /** Time to look whether the roster must be read. */
    record LookAgain() implements LaneEntry {}

    /** A connection becomes a member once the lane has seen {@code rev}; {@code outcome} is completed with it then. */
    record Arrived(
            Membership member,
            Position top,
            long rev,
            CompletableFuture<LiveConnection.Entry> outcome,
            LiveConnection.Entry entry)
            implements LaneEntry {}

    /** A connection is a member no more; {@code tell} answers it with {@code left}. */
    record Departed(Membership member, boolean tell) implements LaneEntry {}

    /** A member asked who is here. */
    record Asked(Membership member) implements LaneEntry {}

    /** Time to say how many are in a big room. */
    record DigestDue() implements LaneEntry {}
}

package dev.roomcast;

import dev.roomcast.LiveConnection.Entry;
import dev.roomcast.bridge.RosterChange.Cause;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that one connection is in, and those that it is on its way out of. The end of the connection takes all of them
 * out at once, and lets none in any more. Thread-safe; nothing foreign is called while the lock, {@code this}, is held.
 */
final class JoinedRooms {

    // Guarded by this. Mostly one, and then it cannot be changed.
    private Map<String, Membership> rooms = Map.of();
    private @Nullable Cause end;

    /** Rooms that the roster has not yet confirmed to have been left; mostly none. Guarded by this. */
    private Map<String, CompletionStage<@Nullable Void>> departures = Map.of();

    /** Adds a membership, unless the connection has ended or is in as many rooms as it may. */
    synchronized Entry enter(Membership member, long most) {
        if (end != null) {
            return Entry.ENDED;
        }
        if (rooms.containsKey(member.room.name)) {
            return Entry.ALREADY_IN;
        }
        if (rooms.size() >= most) {
            return Entry.TOO_MANY;
        }
        if (rooms.isEmpty()) {
            rooms = Map.of(member.room.name, member);
        } else {
            rooms = rooms instanceof HashMap ? rooms : new HashMap<>(rooms);
            rooms.put(member.room.name, member);
        }
        return Entry.ENTERED;
    }

    synchronized @Nullable Membership in(String room) {
        return rooms.get(room);
    }

    synchronized Set<String> names() {
        return Set.copyOf(rooms.keySet());
    }

    synchronized int count() {
        return rooms.size();
    }

    /** Takes a membership out; whoever gets it does the leaving, and completes {@code gone} behind it. */
    synchronized @Nullable Membership takeOut(String room, CompletionStage<@Nullable Void> gone) {
        Membership member = rooms.get(room);
        if (member != null) {
            if (rooms.size() == 1) {
                rooms = Map.of();
            } else {
                rooms.remove(room);
            }
            // In this step: who comes back before the roster was told must wait, too.
            note(room, gone);
            gone.whenComplete((done, failure) -> forget(room, gone));
        }
        return member;
    }

    /** Takes all out, for good. The first end holds. */
    synchronized Collection<Membership> end(Cause cause) {
        end = end == null ? cause : end;
        Collection<Membership> all = List.copyOf(rooms.values());
        rooms = Map.of();
        return all;
    }

    /** How the connection ended; as one that leaves if it has not. */
    synchronized Cause endCause() {
        return end == null ? Cause.LEAVE : end;
    }

    /** Completes when the roster knows that the connection has left a room; at once if nothing is under way. */
    synchronized CompletionStage<@Nullable Void> departure(String room) {
        CompletionStage<@Nullable Void> leaving = departures.get(room);
        return leaving == null ? CompletableFuture.completedFuture(null) : leaving.handle((done, failure) -> null);
    }

    /** The roster is told that the connection leaves a room; coming back has to wait for that. */
    void departing(String room, CompletionStage<@Nullable Void> leaving) {
        if (leaving.toCompletableFuture().isDone()) {
            return;
        }
        synchronized (this) {
            note(room, leaving);
        }
        leaving.whenComplete((done, failure) -> forget(room, leaving));
    }

    private void note(String room, CompletionStage<@Nullable Void> leaving) {
        departures = departures.isEmpty() ? new HashMap<>(2) : departures;
        departures.put(room, leaving);
    }

    private synchronized void forget(String room, CompletionStage<@Nullable Void> leaving) {
        if (!departures.isEmpty()) {
            departures.remove(room, leaving);
            departures = departures.isEmpty() ? Map.of() : departures;
        }
    }
}

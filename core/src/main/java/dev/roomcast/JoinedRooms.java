package dev.roomcast;

import dev.roomcast.LiveConnection.Entry;
import dev.roomcast.bridge.RosterChange.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that one connection is in, and those that it is on its way out of. The end of the connection takes all of them
 * out at once, and lets none in any more. Thread-safe; nothing foreign is called while the lock, {@code this}, is held.
 */
final class JoinedRooms {

    /**
     * What most connections have not.
     *
     * @param rooms all but the first
     * @param departures rooms that the roster has not yet confirmed to have been left
     */
    private record More(Map<String, Membership> rooms, Map<String, CompletionStage<@Nullable Void>> departures) {}

    // Guarded by this.
    private @Nullable Membership one;
    private @Nullable More more;
    private @Nullable Cause end;

    /** Adds a membership, unless the connection has ended or is in as many rooms as it may. */
    synchronized Entry enter(Membership member, long most) {
        if (end != null) {
            return Entry.ENDED;
        }
        if (in(member.room.name) != null) {
            return Entry.ALREADY_IN;
        }
        if (count() >= most) {
            return Entry.TOO_MANY;
        }
        if (one == null) {
            one = member;
        } else {
            more().rooms.put(member.room.name, member);
        }
        return Entry.ENTERED;
    }

    synchronized @Nullable Membership in(String room) {
        return one != null && one.room.name.equals(room) ? one : others().get(room);
    }

    synchronized Set<String> names() {
        return all().stream().map(member -> member.room.name).collect(Collectors.toUnmodifiableSet());
    }

    synchronized int count() {
        return others().size() + (one == null ? 0 : 1);
    }

    /** Bytes that its memberships take. */
    synchronized long memory() {
        long bytes = one == null ? 0 : one.memory();
        for (Membership member : others().values()) {
            bytes += member.memory();
        }
        return bytes;
    }

    private List<Membership> all() {
        List<Membership> all = new ArrayList<>(others().values());
        if (one != null) {
            all.add(one);
        }
        return all;
    }

    /** Takes a membership out; whoever gets it does the leaving, and completes {@code gone} behind it. */
    synchronized @Nullable Membership takeOut(String room, CompletionStage<@Nullable Void> gone) {
        Membership member = in(room);
        if (member != null) {
            if (member == one) {
                one = null;
            } else {
                others().remove(room);
                tidy();
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
        Collection<Membership> all = all();
        one = null;
        if (more != null) {
            more.rooms.clear();
        }
        tidy();
        return all;
    }

    /** How the connection ended; as one that leaves if it has not. */
    synchronized Cause endCause() {
        return end == null ? Cause.LEAVE : end;
    }

    /** Completes when the roster knows that the connection has left a room; at once if nothing is under way. */
    synchronized CompletionStage<@Nullable Void> departure(String room) {
        CompletionStage<@Nullable Void> leaving = more == null ? null : more.departures.get(room);
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
        more().departures.put(room, leaving);
    }

    private synchronized void forget(String room, CompletionStage<@Nullable Void> leaving) {
        if (more != null) {
            more.departures.remove(room, leaving);
        }
        tidy();
    }

    private Map<String, Membership> others() {
        return more == null ? Map.of() : more.rooms;
    }

    private More more() {
        if (more == null) {
            more = new More(new HashMap<>(4), new HashMap<>(4));
        }
        return more;
    }

    private void tidy() {
        if (more != null && more.rooms.isEmpty() && more.departures.isEmpty()) {
            more = null;
        }
    }
}

package dev.roomcast;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the members of one room on this instance have been told of who is there. Changes come one by one with a {@code rev}
 * that counts up; as long as it does, they are applied as they come. A hole means that something was missed: the view then
 * asks for the whole roster and works out the differences, so that members are told the truth after any fault, and nothing
 * twice.
 *
 * <p>A pure structure, not thread-safe: it belongs to the room's lane.
 */
final class RosterView {

    /** Causes that are remembered; of those beyond, it is said that they were lost. */
    private static final int MOST_CAUSES = 1024;

    /** Why someone left, and with which revision. */
    private record Going(long rev, Cause cause) {}

    private final Map<String, Member> members = new LinkedHashMap<>();

    /** Revision of {@link #members}; -1 before the first reading. */
    private long rev = -1;

    /** Why those left whose going was heard of but could not be applied yet. */
    private Map<String, Going> causes = Map.of();

    /** Highest revision heard of. */
    private long heard = -1;

    /** The same when the reading under way began. */
    private long asked = -1;

    /** Highest revision that someone came in with. */
    private long needed = -1;

    /** Whether changes were applied of which the roster may know nothing, so that only a reading tells the truth. */
    private boolean doubtful;

    /** Whether the last reading was older than the view. */
    private boolean wasOlder;

    long rev() {
        return rev;
    }

    int size() {
        return members.size();
    }

    Collection<Member> members() {
        return members.values();
    }

    /** Notes that a revision exists; true if the roster must be read to get there. */
    boolean needs(long revision) {
        needed = Math.max(needed, revision);
        heard = Math.max(heard, revision);
        return isBehind();
    }

    boolean isBehind() {
        return rev < heard || rev < 0 || doubtful;
    }

    /**
     * Takes over that a user of this instance has come, while the roster cannot be asked; null if that is no news to the
     * members. From then on the roster must be read to know the truth.
     */
    @Nullable
    RosterChange came(String room, String userId, @Nullable Content meta, long timestamp) {
        doubtful = true;
        Member before = members.get(userId);
        Content now = meta == null && before != null ? before.meta() : meta;
        if (before != null && Objects.equals(before.meta(), now)) {
            return null;
        }
        Kind kind = before == null ? Kind.JOINED : Kind.UPDATED;
        Member member = new Member(userId, before == null ? 1 : before.connections(), now);
        RosterChange change = new RosterChange(room, Math.max(0, rev), kind, member, Cause.NONE, timestamp);
        put(change);
        return change;
    }

    /** The same of a user whose last connection here has gone. */
    @Nullable
    RosterChange went(String room, String userId, Cause cause, long timestamp) {
        doubtful = true;
        Member before = members.get(userId);
        if (before == null) {
            return null;
        }
        RosterChange change = new RosterChange(room, Math.max(0, rev), Kind.LEFT, before, cause, timestamp);
        put(change);
        return change;
    }

    /** A reading of the roster begins. */
    void asks() {
        asked = heard;
    }

    /** Applies a change if it is the next one; null if it is old, or cannot be applied and the roster must be read. */
    @Nullable
    RosterChange apply(RosterChange change) {
        heard = Math.max(heard, change.rev());
        if (rev < 0 || change.rev() != rev + 1) {
            if (change.rev() > rev && change.kind() == Kind.LEFT && causes.size() < MOST_CAUSES) {
                causes = causes.isEmpty() ? new LinkedHashMap<>() : causes;
                causes.put(change.member().userId(), new Going(change.rev(), change.cause()));
            }
            return null;
        }
        rev = change.rev();
        RosterChange news = doubtful ? newsIn(change) : change;
        put(change);
        return news;
    }

    /** What a change says that the members have not been told already. */
    private @Nullable RosterChange newsIn(RosterChange change) {
        Member before = members.get(change.member().userId());
        if (change.kind() == Kind.LEFT || before == null) {
            return change.kind() == Kind.LEFT && before == null ? null : change;
        }
        return Objects.equals(before.meta(), change.member().meta())
                ? null
                : new RosterChange(change.room(), rev, Kind.UPDATED, change.member(), Cause.NONE, change.timestamp());
    }

    /** Takes over a whole roster, unless it is older than the view, and tells what is different. */
    List<RosterChange> replace(RosterSnapshot snapshot, String room, long timestamp) {
        if (heard == asked) {
            // A reading knows all that was heard of before it began; news that it does not know was never true.
            heard = Math.max(needed, Math.max(rev, snapshot.rev()));
        }
        boolean isOlder = snapshot.rev() < rev;
        if (doubtful ? isOlder && !wasOlder : snapshot.rev() <= rev) {
            // It was on its way when a change came. The next one is believed, or there would be no end of readings.
            wasOlder = isOlder;
            return List.of();
        }
        doubtful = false;
        wasOlder = false;
        rev = snapshot.rev();
        heard = Math.max(heard, rev);
        List<RosterChange> differences = new ArrayList<>();
        Set<String> gone = new LinkedHashSet<>(members.keySet());
        for (Member now : snapshot.members()) {
            Member before = members.get(now.userId());
            gone.remove(now.userId());
            if (before == null) {
                differences.add(new RosterChange(room, rev, Kind.JOINED, now, Cause.NONE, timestamp));
            } else if (!Objects.equals(before.meta(), now.meta())) {
                differences.add(new RosterChange(room, rev, Kind.UPDATED, now, Cause.NONE, timestamp));
            }
        }
        for (String userId : gone) {
            Member before = members.get(userId);
            if (before != null) {
                Going going = causes.get(userId);
                Cause cause = going == null ? Cause.LOST : going.cause;
                differences.add(new RosterChange(room, rev, Kind.LEFT, before, cause, timestamp));
            }
        }
        differences.forEach(this::put);
        // Of a going beyond the reading only the next one will tell.
        if (!causes.isEmpty()) {
            causes.values().removeIf(going -> going.rev <= rev);
            causes = causes.isEmpty() ? Map.of() : causes;
        }
        return differences;
    }

    private void put(RosterChange change) {
        if (change.kind() == Kind.LEFT) {
            members.remove(change.member().userId());
        } else {
            members.put(change.member().userId(), change.member());
        }
    }
}

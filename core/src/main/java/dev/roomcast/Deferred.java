package dev.roomcast;

import dev.roomcast.Replays.Found;
import dev.roomcast.message.Position;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The members of one room that cannot be brought up before the bridge's backend is back: those who came back with a position,
 * and those whose connection was slow, while history could not be read. Each keeps its position meanwhile, and gets no
 * messages, since there would be a hole before them. Owned by the room's lane.
 */
final class Deferred {

    private final LiveRoom room;
    private final Hub hub;

    /** Mostly none. */
    private Set<Membership> members = Set.of();

    /** Those of them on whose behalf the top was asked for. */
    private Set<Membership> asked = Set.of();

    private boolean placing;

    Deferred(LiveRoom room, Hub hub) {
        this.room = room;
        this.hub = hub;
    }

    /**
     * Brings a member up from a position when the backend is back.
     *
     * @param why what was found when its messages were asked for
     */
    void add(Membership member, Position from, Found why) {
        member.waitsForEpoch = why == Found.NOT_YET;
        member.connection.outbox.suspend(member, from);
        members = members.isEmpty() ? new LinkedHashSet<>(2) : members;
        members.add(member);
        hub.isolation.await(room);
    }

    void remove(Membership member) {
        if (!members.isEmpty()) {
            members.remove(member);
        }
        if (!asked.isEmpty()) {
            asked.remove(member);
        }
    }

    /**
     * The backend is back. The top is asked for first: once that is answered the lane stands in the room's order, so that what
     * is read of history fits.
     */
    void returned() {
        if (members.isEmpty() || placing) {
            return;
        }
        placing = true;
        asked = members;
        members = Set.of();
        room.subscription().top().whenComplete((top, failure) -> {
            room.append(new LaneEntry.Placed(failure == null));
            hub.resume(room);
        });
    }

    /** Whoever came behind the question is not answered by it, and may have been passed over by {@link #returned}. */
    void placed(boolean known) {
        Set<Membership> some = asked;
        asked = Set.of();
        placing = false;
        if (!known) {
            some.addAll(members);
            members = some;
        }
        if (!members.isEmpty()) {
            hub.isolation.await(room);
        }
        if (known) {
            some.forEach(member -> Workers.guarded(() -> room.catchUp.begin(member)));
        }
    }
}

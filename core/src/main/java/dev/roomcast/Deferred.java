package dev.roomcast;

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

    /** Whether the top was asked for on their behalf. */
    private boolean placing;

    Deferred(LiveRoom room, Hub hub) {
        this.room = room;
        this.hub = hub;
    }

    /** Brings a member up from a position when the backend is back. */
    void add(Membership member, Position from) {
        member.connection.outbox.suspend(member, from);
        members = members.isEmpty() ? new LinkedHashSet<>(2) : members;
        members.add(member);
        hub.isolation.await(room);
    }

    void remove(Membership member) {
        if (!members.isEmpty()) {
            members.remove(member);
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
        room.subscription().top().whenComplete((top, failure) -> {
            room.append(new LaneEntry.Placed(failure == null));
            hub.resume(room);
        });
    }

    void placed(boolean known) {
        placing = false;
        if (known) {
            Set<Membership> some = members;
            members = Set.of();
            some.forEach(member -> Workers.guarded(() -> room.catchUp.begin(member)));
        } else {
            hub.isolation.await(room);
        }
    }
}

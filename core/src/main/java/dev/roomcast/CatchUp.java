package dev.roomcast;

import dev.roomcast.Replays.Found;
import dev.roomcast.message.Position;

/**
 * What is done for one member that misses something: its messages are read again, or wait for the bridge's backend (see
 * {@link Deferred}), or are lost; and frames of the roster that were dropped are made up for by the whole of it. Owned by the
 * room's lane.
 */
final class CatchUp {

    private final LiveRoom room;

    CatchUp(LiveRoom room) {
        this.room = room;
    }

    /**
     * Something of a member was dropped, and its connection can take more now. One that is suspended gets its messages when
     * the backend is back: a second question from the same position would bring them twice.
     */
    void dropped(Membership member) {
        if (member.connection.outbox.isSuspended(member)) {
            repairRoster(member);
        } else {
            begin(member);
        }
    }

    /** Brings a member up that has missed something. */
    void begin(Membership member) {
        if (member.departed) {
            return;
        }
        Position from = member.connection.outbox.behind(member);
        if (from == null) {
            repairRoster(member);
        } else {
            room.replays.find(from, found -> goOn(member, from, found));
        }
    }

    /** The answer may have taken a while: of use only to one that still stands where it was asked for. */
    private void goOn(Membership member, Position from, Found found) {
        Outbox outbox = member.connection.outbox;
        if (member.departed || !from.equals(outbox.behind(member))) {
            return;
        }
        boolean hasWaited = member.waitsForEpoch;
        member.waitsForEpoch = false;
        if (found == Found.YES) {
            outbox.holdBack(member, from);
            room.replays.supply(member);
        } else if (found == Found.NO || (found == Found.NOT_YET && hasWaited)) {
            isImpossible(member, from);
        } else {
            room.deferred.add(member, from, found);
        }
        repairRoster(member);
    }

    private void isImpossible(Membership member, Position from) {
        Position now = room.position();
        room.standAt(member, now.offset());
        member.connection.cannotBeBroughtUp(member, Frames.gap(room.name, from, now));
    }

    /** One that is held back hears of the roster when it is up again; one that is suspended may wait for long. */
    private void repairRoster(Membership member) {
        Outbox outbox = member.connection.outbox;
        boolean isHeld = outbox.behind(member) != null && !outbox.isSuspended(member);
        if (!member.departed && !isHeld && outbox.missedRoster(member)) {
            outbox.offer(member, RoomBatch.presence(room.presence.members()));
        }
    }
}

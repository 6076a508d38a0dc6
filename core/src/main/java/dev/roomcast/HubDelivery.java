package dev.roomcast;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;

/** The bridge's view of this instance: where what happened enters the rooms' lanes. It cannot reach publish. */
final class HubDelivery implements Delivery {

    private final Hub hub;

    HubDelivery(Hub hub) {
        this.hub = hub;
    }

    @Override
    public boolean hasSpace(String room) {
        if (hub.memory.isExhausted()) {
            hub.hit(Limit.MEMORY_BYTES, null);
            return false;
        }
        LiveRoom live = hub.rooms.find(room);
        boolean space = live == null || live.hasSpace();
        if (!space) {
            hub.hit(Limit.LANE_MESSAGES, null);
        }
        return space;
    }

    @Override
    public void append(Message message) {
        append(message.room(), new LaneEntry.Said(message));
    }

    @Override
    public void append(RosterChange change) {
        append(change.room(), new LaneEntry.Changed(change));
    }

    @Override
    public void rosterMoved(String room, long rev) {
        append(room, new LaneEntry.Moved(rev));
    }

    @Override
    public void lost(String room, Position after, Position upTo) {
        append(room, new LaneEntry.Lost(after, upTo));
    }

    @Override
    public void signal(Signal signal) {
        hub.signals.arrived(signal);
    }

    @Override
    public void isolated(boolean isolated) {
        hub.isolation.changed(isolated);
    }

    @Override
    public void release(String room) {
        LiveRoom live = hub.rooms.find(room);
        if (live != null) {
            hub.turns.drain(live);
        }
    }

    @Override
    public void releaseElsewhere(String room) {
        LiveRoom live = hub.rooms.find(room);
        if (live != null) {
            hub.resume(live);
        }
    }

    private void append(String room, LaneEntry entry) {
        LiveRoom live = hub.rooms.find(room);
        // A room that takes nothing any more is on its way out of the map.
        while (live != null && !live.append(entry)) {
            Thread.onSpinWait();
            live = hub.rooms.find(room);
        }
    }
}

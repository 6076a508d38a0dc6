package dev.roomcast;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One delivery to a big room by several threads. The members are cut into stripes; whoever is free takes the next one, so a
 * thread that meets slow sockets or comes late takes fewer. Nobody waits: whoever finishes the last stripe goes on with the
 * lane. The members do not change meanwhile, since only the lane changes them and it stands still.
 */
final class Fanout implements Runnable {

    /**
     * Members per stripe. Below, waking another thread costs more than it saves: a hop is some 10 µs, a delivery to a socket
     * 3 to 8 µs.
     */
    static final int STRIPE = 64;

    private final LiveRoom room;
    private final List<RoomBatch> batches;
    private final int members;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger open;

    Fanout(LiveRoom room, List<RoomBatch> batches, int members) {
        this.room = room;
        this.batches = batches;
        this.members = members;
        this.open = new AtomicInteger(stripes());
    }

    int stripes() {
        return (members + STRIPE - 1) / STRIPE;
    }

    /** Takes stripes until there are none; true if this thread has finished the last one. */
    boolean work() {
        boolean last = false;
        for (int from = next.getAndAdd(STRIPE); from < members && from >= 0; from = next.getAndAdd(STRIPE)) {
            try {
                room.give(from, Math.min(from + STRIPE, members), batches);
            } finally {
                last = open.decrementAndGet() == 0;
            }
        }
        return last;
    }

    /** Helps, as a task of the hub's workers. */
    @Override
    public void run() {
        if (work()) {
            room.goOn();
        }
    }
}

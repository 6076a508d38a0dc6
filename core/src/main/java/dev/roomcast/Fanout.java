package dev.roomcast;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * One delivery to a big room by several threads. The members are cut into stripes, and the stripes into as many shares as
 * there are threads. Each thread works off a share of its own first and then helps with the others', so one that meets slow
 * sockets or comes late takes fewer. Nobody waits: whoever finishes the last stripe goes on with the lane. The members do not
 * change meanwhile, since only the lane changes them and it stands still.
 *
 * <p>A thread of the hub asks for the same share each time. So most members are met by the same core again and again, and
 * what belongs to them need not move from one core's cache to another's: with stripes taken by whoever comes first, that
 * was as much work as the delivery itself.
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
    private final int stripes;
    private final int shares;

    /** Of each share, the stripes that are taken. */
    private final AtomicIntegerArray taken;

    /** Of each share, whether some thread has made it its own. */
    private final AtomicIntegerArray claimed;

    /** Stripes that are not done. */
    private final AtomicInteger open;

    /**
     * One delivery.
     *
     * @param members how many members the room has
     * @param threads how many will work, at least 1
     */
    Fanout(LiveRoom room, List<RoomBatch> batches, int members, int threads) {
        this.room = room;
        this.batches = batches;
        this.members = members;
        this.stripes = (members + STRIPE - 1) / STRIPE;
        this.shares = Math.min(threads, stripes);
        this.taken = new AtomicIntegerArray(shares);
        this.claimed = new AtomicIntegerArray(shares);
        this.open = new AtomicInteger(stripes);
    }

    /** Takes stripes until there are none; true if this thread has finished the last one. */
    boolean work() {
        int own = claim();
        boolean last = false;
        for (int i = 0; i < shares; i++) {
            last |= workOff((own + i) % shares);
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

    private int claim() {
        int wanted = Workers.numberOfThread() % shares;
        for (int i = 0; i < shares; i++) {
            int share = (wanted + i) % shares;
            if (claimed.compareAndSet(share, 0, 1)) {
                return share;
            }
        }
        return wanted;
    }

    private boolean workOff(int share) {
        int from = firstOf(share);
        int count = firstOf(share + 1) - from;
        boolean last = false;
        for (int next = taken.getAndIncrement(share); next < count; next = taken.getAndIncrement(share)) {
            int first = (from + next) * STRIPE;
            try {
                room.give(first, Math.min(first + STRIPE, members), batches);
            } finally {
                last = open.decrementAndGet() == 0;
            }
        }
        return last;
    }

    private int firstOf(int share) {
        return (int) ((long) stripes * share / shares);
    }
}

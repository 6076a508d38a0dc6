package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A heartbeat as a wheel: the interval is cut into slots, each peer sits in one of them, and the wheel turns one slot per
 * tick. New peers are dealt out round the wheel, so that those who came together are not pinged together. A tick costs the
 * peers of its slot; the wheel stands still while nobody is watched.
 */
final class HeartbeatWheel implements Heartbeat {

    private static final int MAX_SLOTS = 64;

    private final Duration interval;
    private final Time time;
    private final Slot[] slots;
    private final long step;

    // Guarded by slots.
    private int watched;
    private int hand;
    private int deal;
    private long nextTick;
    private boolean turning;
    private boolean closed;

    HeartbeatWheel(Duration interval, Time time) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("a heartbeat takes at least 1 ms: " + interval);
        }
        this.interval = interval;
        this.time = time;
        this.slots = new Slot[slots(interval)];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot();
        }
        this.step = TimeUnit.NANOSECONDS.convert(interval) / slots.length;
    }

    /** As many as there are milliseconds, for short ones; an interval may be longer than milliseconds can tell. */
    private static int slots(Duration interval) {
        return interval.compareTo(Duration.ofMillis(MAX_SLOTS)) < 0 ? (int) interval.toMillis() : MAX_SLOTS;
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public Watch watch(Peer peer) {
        synchronized (slots) {
            deal = (deal + 1) % slots.length;
            Seat seat = new Seat(peer, slots[deal]);
            if (!closed) {
                seat.slot.add(seat);
                watched++;
                if (!turning) {
                    turning = true;
                    nextTick = time.nanos();
                    schedule();
                }
            }
            return seat;
        }
    }

    @Override
    public int watched() {
        synchronized (slots) {
            return watched;
        }
    }

    @Override
    public void close() {
        synchronized (slots) {
            closed = true;
            watched = 0;
            for (Slot slot : slots) {
                slot.seats.clear();
            }
        }
    }

    /**
     * Called with the lock held. Ticks keep to their own times when the timer thread is a little late. After a standstill
     * (of the machine, or of the process) they do not make up for what was missed: round after round at once would find
     * every peer dead that had no time to answer.
     */
    private void schedule() {
        nextTick = Math.max(nextTick, time.nanos() - step) + step;
        time.after(Duration.ofNanos(Math.max(0, nextTick - time.nanos())), this::tick);
    }

    private void tick() {
        List<Seat> due;
        synchronized (slots) {
            if (watched == 0) {
                turning = false;
                return;
            }
            hand = (hand + 1) % slots.length;
            // First: whatever is thrown from here on, the wheel turns.
            schedule();
            due = List.copyOf(slots[hand].seats);
        }
        for (Seat seat : due) {
            Workers.guarded(seat::visit);
        }
    }

    /** Peers that are pinged in the same tick. Guarded by the wheel's lock. */
    private static final class Slot {

        private final List<Seat> seats = new ArrayList<>(0);

        void add(Seat seat) {
            seat.index = seats.size();
            seats.add(seat);
        }

        boolean remove(Seat seat) {
            if (seat.index < 0 || seat.index >= seats.size() || seats.get(seat.index) != seat) {
                return false;
            }
            Seat last = seats.remove(seats.size() - 1);
            if (last != seat) {
                seats.set(seat.index, last);
                last.index = seat.index;
            }
            seat.index = -1;
            return true;
        }
    }

    /** One peer's place on the wheel. */
    private final class Seat implements Watch {

        private final Peer peer;
        private final Slot slot;
        private int index = -1;

        /** A sign of life since the last visit. A race between both writers can only cost a sign that a ping replaces. */
        private volatile boolean heard = true;

        Seat(Peer peer, Slot slot) {
            this.peer = peer;
            this.slot = slot;
        }

        @Override
        public void heard() {
            if (!heard) {
                heard = true;
            }
        }

        @Override
        public void stop() {
            leave();
        }

        private boolean leave() {
            synchronized (slots) {
                boolean was = slot.remove(this);
                watched -= was ? 1 : 0;
                return was;
            }
        }

        private void visit() {
            if (heard) {
                heard = false;
                peer.ping();
            } else if (leave()) {
                peer.dead();
            }
        }
    }
}

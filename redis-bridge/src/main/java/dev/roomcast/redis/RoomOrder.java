package dev.roomcast.redis;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.RoomReader.Range;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was shown of one room's order, and what follows it. A batch that continues the position is delivered; one from before
 * it is dropped; one that does not fit is held until a reading has told what is between. Guarded by the room's {@link RoomFeed}.
 *
 * <p>What is held and still does not fit after a reading that began behind its arrival is dropped: Redis itself does not
 * know of it. So whoever forges a batch on the channel causes one reading, not a loop.
 *
 * <p>Redis decides which epoch holds. When a reading brings another one, or what it brings does not reach back to the
 * position, that is a gap, and it is told between the last message before it and the first behind it.
 */
final class RoomOrder {

    private static final int MOST_HELD = 1024;
    private static final int MOST_PRODUCERS = 64;

    /** What was to be done with a batch. */
    enum Arrival {
        DONE,
        HELD,
        /** Held would be too many. */
        DROPPED
    }

    /** A batch that does not fit yet, with the number of readings that had begun when it came. */
    private record Held(Batch batch, long readings, long bytes) {}

    private final String room;
    private final Delivery delivery;
    private final Unusable unusable;
    private final Consumer<Message> shown;
    private final HeldBudget budget;

    private @Nullable Position position;
    private final Deque<Held> held = new ArrayDeque<>(0);
    private long heldBytes;
    private boolean isClosed;

    /** The newest batch of each producer that was delivered: none comes twice, whatever became of the epoch. */
    private final Map<Long, Long> delivered = new LinkedHashMap<>(2, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > MOST_PRODUCERS;
        }
    };

    /** {@code shown} is told of each message that is delivered. */
    RoomOrder(String room, Delivery delivery, Unusable unusable, HeldBudget budget, Consumer<Message> shown) {
        this.budget = budget;
        this.room = room;
        this.delivery = delivery;
        this.unusable = unusable;
        this.shown = shown;
    }

    /** Where the members here stand; null if that is not known yet. */
    @Nullable
    Position position() {
        return position;
    }

    /** Whether it is known that something is missing. */
    boolean isMissing() {
        return !held.isEmpty();
    }

    /** A batch has come when so many readings had begun. */
    Arrival arrived(Batch batch, long readings) {
        if (fits(batch)) {
            deliver(batch);
        } else if (!isOld(batch) && !isClosed) {
            long bytes = HeldBudget.sizeOf(batch);
            if (held.size() >= MOST_HELD || !budget.take(bytes, heldBytes)) {
                return Arrival.DROPPED;
            }
            held.add(new Held(batch, readings, bytes));
            heldBytes += bytes;
            return Arrival.HELD;
        }
        return Arrival.DONE;
    }

    /**
     * A reading has ended.
     *
     * @param readFrom the offset behind which it read
     * @param readings how many had begun, this one included
     * @return whether another one is needed
     */
    boolean read(Range range, long readFrom, long readings) {
        boolean again = apply(range, readFrom);
        return settle(readings) || again || range.more();
    }

    /** The same for one that brought the top alone, where the order now stands. */
    boolean placed(Position top, long readings) {
        leap(top);
        return settle(readings);
    }

    /** Goes on elsewhere. Whatever stands between is lost. */
    void leap(Position to) {
        Position from = position;
        if (from != null && !from.equals(to)) {
            delivery.lost(room, from, to);
        }
        position = to;
    }

    /** What was said here has brought the order on. */
    void stand(Position at) {
        position = at;
    }

    private boolean apply(Range range, long readFrom) {
        Position from = position;
        if (from == null) {
            position = range.top();
            return false;
        }
        String newest = range.top().epoch();
        boolean sameEpoch = from.epoch().equals(newest);
        if (sameEpoch && range.top().offset() < readFrom) {
            // An older copy of the order, and yet no restart that would show.
            leap(range.top());
            return false;
        }
        if (!sameEpoch && range.began() < readFrom) {
            // Offsets went back, so what was asked for is not what is needed.
            deliverHeld();
            leap(new Position(newest, range.began()));
            return true;
        }
        Position at = from;
        for (Batch batch : range.batches()) {
            if (!fits(batch) && batch.first() > at.offset()) {
                // Something was trimmed, or the order went on under another epoch.
                deliverHeld();
                leap(new Position(batch.epoch(), batch.first() - 1));
            }
            if (fits(batch)) {
                deliver(batch);
            }
            at = position == null ? at : position;
        }
        boolean behind =
                !range.top().comparableTo(at) || at.offset() < range.top().offset();
        if (behind && !range.more()) {
            deliverHeld();
            leap(range.top());
        }
        return false;
    }

    /** Delivers of what is held what fits now; true if something is left that came behind the beginning of the reading. */
    private boolean settle(long readings) {
        deliverHeld();
        int before = held.size();
        held.removeIf(one -> one.readings < readings && releases(one));
        unusable.add(before - held.size());
        return !held.isEmpty();
    }

    private void deliverHeld() {
        boolean progress;
        do {
            progress = false;
            for (Iterator<Held> all = held.iterator(); all.hasNext(); ) {
                Held one = all.next();
                if (fits(one.batch)) {
                    deliver(one.batch);
                    progress = true;
                    all.remove();
                    releases(one);
                } else if (isOld(one.batch)) {
                    all.remove();
                    releases(one);
                }
            }
        } while (progress);
    }

    /** Gives back what a batch took of the budget; true. */
    private boolean releases(Held one) {
        heldBytes -= one.bytes;
        budget.giveBack(one.bytes);
        return true;
    }

    /** Nobody needs the order any more; nothing is held from now on. */
    void close() {
        isClosed = true;
        held.forEach(this::releases);
        held.clear();
    }

    private boolean fits(Batch batch) {
        Position now = position;
        return now != null
                && now.epoch().equals(batch.epoch())
                && batch.first() <= now.offset() + 1
                && batch.last() > now.offset();
    }

    private boolean isOld(Batch batch) {
        Position now = position;
        return now != null && now.epoch().equals(batch.epoch()) && batch.last() <= now.offset();
    }

    private void deliver(Batch batch) {
        long last = position == null ? 0 : position.offset();
        position = new Position(batch.epoch(), batch.last());
        Long newest = delivered.get(batch.producer());
        if (newest != null && batch.sequence() <= newest) {
            return;
        }
        delivered.put(batch.producer(), batch.sequence());
        long upTo = last;
        try {
            for (Message message : batch.messages()) {
                Position place = message.position();
                if (place != null && place.offset() > last) {
                    delivery.append(message);
                    upTo = place.offset();
                    shown.accept(message);
                }
            }
        } catch (RuntimeException | Error e) {
            // The rest is not taken for delivered: another reading brings it.
            position = new Position(batch.epoch(), upTo);
            if (newest == null) {
                delivered.remove(batch.producer());
            } else {
                delivered.put(batch.producer(), newest);
            }
            throw e;
        }
    }
}

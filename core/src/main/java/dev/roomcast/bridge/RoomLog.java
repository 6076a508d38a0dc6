package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The order and the history of one room. Giving a position, remembering, and appending to the delivery happen under one
 * lock, so there is one order and delivery sees it ascending.
 *
 * <p>At most one timer runs per log, and only while there is something to forget. It comes when all messages, or all ids,
 * that are known at that moment have expired, forgets, and starts anew for what came meanwhile; so an old message may be held
 * twice its age, but is never handed out beyond it.
 */
final class RoomLog {

    /** A message with what is needed to forget it. */
    private record Kept(Message message, long nanos, int bytes) {}

    /** What a message costs beside its content, and a room beside its messages: objects, names, a place in a map. */
    static final int MESSAGE_COST = 256;

    static final int ROOM_COST = 512;

    private final Delivery delivery;
    private final Time time;
    private final HistoryLimits limits;
    private final LocalMemory memory;
    private final long ageNanos;
    private final Consumer<RoomLog> onRetired;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final Deque<Kept> history = new ArrayDeque<>(2);
    private String epoch = newEpoch();
    private @Nullable IdTable ids;
    private long bytes;
    private long offset;
    private int interest;
    private boolean retired;
    private Time.@Nullable Timer timer;

    /** When the timer was set, and for how long. */
    private long watchedSince;

    private long waitNanos;

    /** What the memory was told that this costs. */
    private long cost;

    RoomLog(Delivery delivery, Time time, HistoryLimits limits, LocalMemory memory, Consumer<RoomLog> onRetired) {
        this.delivery = delivery;
        this.time = time;
        this.limits = limits;
        this.memory = memory;
        // Saturates: who wants to keep history for ever may say so.
        this.ageNanos = TimeUnit.NANOSECONDS.convert(limits.age());
        this.onRetired = onRetired;
    }

    /** Puts a message into the order. Null if this log has retired; the caller then takes the next one. */
    @Nullable
    Position append(Message message) {
        boolean cut = false;
        lock.lock();
        try {
            if (retired) {
                return null;
            }
            long now = time.nanos();
            IdTable.Entry known = message.id() == null ? null : idTable().claim(message, now);
            if (known != null) {
                return known.position();
            }
            Position position = new Position(epoch, ++offset);
            Message placed = message.at(position);
            if (message.id() != null) {
                idTable().remember(message, position, now);
            }
            cut = keep(placed, now);
            account();
            delivery.append(placed);
            watchAge();
            return position;
        } finally {
            if (timer == null) {
                // Nobody would ever look again.
                retireIfUseless();
            }
            lock.unlock();
            if (cut) {
                memory.cut();
            }
        }
    }

    /** Remembers the id of a message that stands in another order. */
    void note(Message message) {
        Position position = message.position();
        lock.lock();
        try {
            long now = time.nanos();
            if (!retired && position != null && idTable().claim(message, now) == null) {
                idTable().remember(message, position, now);
            }
        } catch (BridgeException full) {
            // What is known already, or cannot be held, changes nothing.
        } finally {
            if (!retired) {
                watchAge();
            }
            lock.unlock();
        }
    }

    /** Where the first message with the same id stands; null if there is none. */
    @Nullable
    Position known(Message message) {
        lock.lock();
        try {
            IdTable.Entry known = ids == null ? null : ids.known(message, time.nanos());
            return known == null ? null : known.position();
        } finally {
            lock.unlock();
        }
    }

    /** Begins anew, under another epoch; ids stay. */
    void renew() {
        lock.lock();
        try {
            epoch = newEpoch();
            offset = 0;
            dropHistory();
        } finally {
            lock.unlock();
        }
    }

    Position top() {
        lock.lock();
        try {
            return new Position(epoch, offset);
        } finally {
            lock.unlock();
        }
    }

    HistorySlice slice(@Nullable Position after, int limit) {
        lock.lock();
        try {
            Position top = new Position(epoch, offset);
            if (after != null && (!after.comparableTo(top) || after.offset() > offset)) {
                return new HistorySlice(List.of(), top, false);
            }
            forgetOld(time.nanos());
            account();
            long first = offset - history.size() + 1;
            long from = after == null ? first : after.offset() + 1;
            List<Message> messages = new ArrayList<>();
            for (Kept kept : history) {
                if (messages.size() < limit && offsetOf(kept) >= from) {
                    messages.add(kept.message);
                }
            }
            return new HistorySlice(messages, top, from >= first);
        } finally {
            lock.unlock();
        }
    }

    /** Holds the log. False if it has retired. */
    boolean enter() {
        lock.lock();
        try {
            if (!retired) {
                interest++;
            }
            return !retired;
        } finally {
            lock.unlock();
        }
    }

    void exit() {
        lock.lock();
        try {
            interest--;
            retireIfUseless();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the log, whatever it holds. */
    void forget() {
        lock.lock();
        try {
            retired = true;
            dropHistory();
            if (ids != null) {
                ids.clear();
            }
            if (timer != null) {
                timer.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops the older half of the history, one message at least; false if there is none. */
    boolean halve() {
        lock.lock();
        try {
            if (history.isEmpty()) {
                return false;
            }
            for (int drop = (history.size() + 1) / 2; drop > 0; drop--) {
                dropOldest();
            }
            account();
            retireIfUseless();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void dropHistory() {
        while (!history.isEmpty()) {
            dropOldest();
        }
        account();
    }

    private void dropOldest() {
        Kept oldest = history.remove();
        bytes -= oldest.bytes;
        memory.dropped(oldest.message.userId(), this, oldest.bytes + MESSAGE_COST);
    }

    /** Bytes of the history, its overhead included. */
    private long size() {
        return history.isEmpty() ? 0 : bytes + (long) history.size() * MESSAGE_COST + ROOM_COST;
    }

    /** Tells the memory what the history takes now. */
    private void account() {
        long now = size();
        if (now != cost) {
            memory.resized(this, cost, now);
            cost = now;
        }
    }

    /** Adds a message to the history; true if older ones gave way to the bound on what one room may hold of all history. */
    private boolean keep(Message message, long now) {
        int size = message.content().size();
        history.add(new Kept(message, now, size));
        bytes += size;
        memory.kept(message.userId(), this, size + MESSAGE_COST);
        forgetOld(now);
        while (!history.isEmpty() && (history.size() > limits.messages() || bytes > limits.bytes())) {
            dropOldest();
        }
        long most = memory.roomBytes();
        boolean cut = size() > most;
        while (size() > most) {
            dropOldest();
        }
        return cut;
    }

    private void forgetOld(long now) {
        while (!history.isEmpty() && now - history.element().nanos >= ageNanos) {
            dropOldest();
        }
    }

    /** Sets the timer, unless one runs that comes as soon. */
    private void watchAge() {
        long now = time.nanos();
        long wait = untilSomeExpired(now);
        boolean isWatched = timer != null && waitNanos - (now - watchedSince) <= wait;
        if (isWatched || wait == Long.MAX_VALUE) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        watchedSince = now;
        waitNanos = wait;
        timer = time.after(Duration.ofNanos(wait), this::age);
    }

    /** Nanoseconds until all messages have expired, or all ids, whichever is sooner. */
    private long untilSomeExpired(long now) {
        long messages = history.isEmpty() ? Long.MAX_VALUE : ageNanos;
        return ids == null || ids.isEmpty() ? messages : Math.min(messages, ids.untilExpired(now));
    }

    private void age() {
        lock.lock();
        try {
            timer = null;
            long now = time.nanos();
            forgetOld(now);
            account();
            if (ids != null && ids.forgetOld(now)) {
                ids = null;
            }
            if (!retired) {
                watchAge();
                retireIfUseless();
            }
        } finally {
            lock.unlock();
        }
    }

    private void retireIfUseless() {
        if (!retired && interest == 0 && history.isEmpty() && (ids == null || ids.isEmpty())) {
            retired = true;
            if (timer != null) {
                timer.cancel();
            }
            onRetired.accept(this);
        }
    }

    private IdTable idTable() {
        if (ids == null) {
            ids = new IdTable(memory);
        }
        return ids;
    }

    private static String newEpoch() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    }

    private static long offsetOf(Kept kept) {
        Position position = kept.message.position();
        return position == null ? 0 : position.offset();
    }
}

package dev.roomcast;

import dev.roomcast.message.Position;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one connection that cannot take it at once: answers and batches of rooms in one order, and behind them the
 * newest of each key. Exists only while something waits. A pure structure, guarded by its {@link Outbox}.
 *
 * <p>With {@link Overflow#DROP_OLDEST} a {@code gap} takes the place of the batches that were dropped, so no client is told of
 * a loss before the {@code joined} that it comes after. A member has one gap at most; when more is lost it moves to the place
 * of the newest loss and covers all of them.
 */
final class Backlog {

    /** Stands in the place of a member for what answers the client itself. */
    private static final Object ANSWER = new Object();

    /** Stands in the place of a member for an answer that carries a roster. */
    private static final Object ROSTER = new Object();

    /** A key is a room's. */
    private record Key(LiveRoom room, String key) {}

    /** Dropped messages of a member that nobody will read again: the client is told between which offsets. */
    private record Loss(Position after, Position upTo) {}

    /**
     * Pairs, one behind the other: {@link #ANSWER} or {@link #ROSTER} and a {@link TextFrame}, or the {@link Membership} and its {@link RoomBatch}
     * or {@link Loss}.
     */
    private final ArrayDeque<Object> queue = new ArrayDeque<>(8);

    private final Settings settings;
    private final MemoryBudget memory;

    private @Nullable Map<Key, RoomBatch> keyed;

    /** Who misses something that can be read again, or a frame of the roster. */
    private @Nullable List<Membership> behind;

    private long roomBytes;
    private int taken;
    private int roomFrames;
    private long answerBytes;
    private long rosterBytes;
    private int answers;

    Backlog(Settings settings, MemoryBudget memory) {
        this.settings = settings;
        this.memory = memory;
    }

    boolean isEmpty() {
        return queue.isEmpty() && keyed == null && behind == null;
    }

    long roomBytes() {
        return roomBytes;
    }

    int roomFrames() {
        return roomFrames;
    }

    long answerBytes() {
        return answerBytes;
    }

    /** Bytes of answers that carry a roster, which {@link #answerBytes} does not count. */
    long rosterBytes() {
        return rosterBytes;
    }

    /** Bytes of rooms in what {@link #take} took last. */
    int taken() {
        return taken;
    }

    void answer(TextFrame frame) {
        queue.add(ANSWER);
        queue.add(frame);
        answerBytes += frame.size();
        answers++;
        memory.add(frame.size() + MemoryBudget.OBJECT_COST);
    }

    /** An answer that carries a roster. */
    void roster(TextFrame frame) {
        queue.add(ROSTER);
        queue.add(frame);
        rosterBytes += frame.size();
        answers++;
        memory.add(frame.size() + MemoryBudget.OBJECT_COST);
    }

    /** Queues a batch behind {@code flight} bytes that are on their way; tells the bound that forbids it, if one does. */
    @Nullable
    Limit add(Membership member, RoomBatch batch, long flight) {
        Key key = keyOf(member, batch);
        RoomBatch older = key == null || keyed == null ? null : keyed.get(key);
        int frames = roomFrames - (older == null ? 0 : older.count());
        long bytes = roomBytes - (older == null ? 0 : older.size());
        if (frames + batch.count() > settings.limit(Limit.OUTBOX_FRAMES)) {
            return Limit.OUTBOX_FRAMES;
        }
        if (bytes + flight + batch.size() > settings.limit(Limit.OUTBOX_BYTES)) {
            return Limit.OUTBOX_BYTES;
        }
        if (bytes + flight + batch.size() > memory.share() && bytes > 0) {
            return Limit.MEMORY_BYTES;
        }
        batch.hold(memory);
        if (key != null) {
            // The newer stands at the end, not in the place of the older.
            dropOlder(key);
            keyed = keyed == null ? new LinkedHashMap<>(4) : keyed;
            keyed.put(key, batch);
        } else {
            queue.add(member);
            queue.add(batch);
        }
        roomBytes += batch.size();
        roomFrames += batch.count();
        return null;
    }

    private static @Nullable Key keyOf(Membership member, RoomBatch batch) {
        return batch.key == null ? null : new Key(member.room, batch.key);
    }

    /** Takes out what waits of a key; tells how many frames that are. */
    private int dropOlder(@Nullable Key key) {
        RoomBatch older = key == null || keyed == null ? null : keyed.remove(key);
        keyed = keyed == null || keyed.isEmpty() ? null : keyed;
        return older == null ? 0 : leave(older).count();
    }

    /** Takes out what waits of all keys of a room; tells how many frames that are. */
    int dropKeysOf(LiveRoom room) {
        int before = roomFrames;
        if (keyed != null) {
            List<Key> keys =
                    keyed.keySet().stream().filter(key -> key.room == room).toList();
            keys.forEach(this::dropOlder);
        }
        return before - roomFrames;
    }

    /**
     * Queues what was read again. False if there is no space for it now; the member then stays behind.
     *
     * @param last whether the member is not behind any more with it
     */
    boolean replay(Membership member, List<RoomBatch> batches, boolean last, long flight) {
        int bytes = batches.stream().mapToInt(RoomBatch::size).sum();
        boolean fits = roomBytes + flight == 0 || roomBytes + flight + bytes <= mostBytes();
        if (fits) {
            for (RoomBatch batch : batches) {
                queue.add(member);
                queue.add(batch);
                batch.hold(memory);
                roomFrames += batch.count();
            }
            roomBytes += bytes;
        }
        if (!fits || !last) {
            isBehind(member);
        }
        return fits;
    }

    /** Does with a batch that does not fit what the hub's {@link Overflow} says; tells how many frames are dropped. */
    int makeRoom(Membership member, RoomBatch batch, long flight) {
        if (batch.kind == RoomBatch.Kind.KEYED) {
            // An older one would be taken for the newest.
            return batch.count() + dropOlder(keyOf(member, batch));
        }
        if (settings.overflow == Overflow.DISCONNECT) {
            return batch.count();
        }
        if (settings.overflow == Overflow.RESYNC) {
            int dropped = dropRooms();
            miss(member, batch);
            return dropped + batch.count();
        }
        int dropped =
                dropOldest(mostBytes() - flight - batch.size(), settings.limit(Limit.OUTBOX_FRAMES) - batch.count());
        if (add(member, batch, flight) != null) {
            loseLast(member, batch);
            return dropped + batch.count();
        }
        return dropped;
    }

    /** Whether a batch is the newest of those in order. */
    boolean endsWith(RoomBatch batch) {
        return queue.peekLast() == batch;
    }

    /** Who is behind, once. */
    @Nullable
    List<Membership> takeBehind() {
        List<Membership> members = behind;
        behind = null;
        return members;
    }

    private int dropRooms() {
        int before = roomFrames;
        ArrayDeque<Object> answers = new ArrayDeque<>(8);
        while (!queue.isEmpty()) {
            Object owner = queue.remove();
            Object item = queue.remove();
            if (owner instanceof Membership member && item instanceof RoomBatch batch) {
                miss(member, batch);
                leave(batch);
            } else {
                answers.add(owner);
                answers.add(item);
            }
        }
        queue.addAll(answers);
        return before - roomFrames;
    }

    private int dropOldest(long mostBytes, long mostFrames) {
        if (roomBytes <= mostBytes && roomFrames <= mostFrames) {
            return 0;
        }
        int before = roomFrames;
        Front front = new Front();
        while (!queue.isEmpty() && (roomBytes > mostBytes || roomFrames > mostFrames)) {
            front.pass(queue.remove(), queue.remove());
        }
        front.putBack();
        return before - roomFrames;
    }

    /** A batch that did not even find space in an empty queue. */
    private void loseLast(Membership member, RoomBatch batch) {
        if (batch.kind != RoomBatch.Kind.MESSAGES) {
            lose(member, batch);
            return;
        }
        Front front = new Front();
        while (!queue.isEmpty()) {
            front.pass(queue.remove(), queue.remove());
        }
        front.lost(member, batch);
        front.putBack();
    }

    /** The oldest part of the queue while batches are dropped from it: what stays, with a gap where the last of them was. */
    private final class Front {

        private final List<@Nullable Object> kept = new ArrayList<>();

        /** Where the gap of each member stands in {@code kept}. */
        private final Map<Membership, Integer> gaps = new HashMap<>(4);

        /** Drops what can be dropped of the next pair, and keeps the rest. */
        void pass(Object owner, Object item) {
            if (owner instanceof Membership member && item instanceof RoomBatch batch) {
                leave(batch);
                lost(member, batch);
            } else if (owner instanceof Membership member && item instanceof Loss loss) {
                lost(member, loss);
            } else {
                kept.add(owner);
                kept.add(item);
            }
        }

        void lost(Membership member, RoomBatch batch) {
            if (batch.kind == RoomBatch.Kind.MESSAGES) {
                lost(
                        member,
                        new Loss(new Position(batch.epoch, batch.after()), new Position(batch.epoch, batch.last())));
            } else {
                lose(member, batch);
            }
        }

        private void lost(Membership member, Loss loss) {
            Integer older = gaps.put(member, kept.size());
            kept.add(member);
            kept.add(
                    older != null && kept.get(older + 1) instanceof Loss first
                            ? new Loss(first.after, loss.upTo)
                            : loss);
            if (older != null) {
                kept.set(older, null);
                kept.set(older + 1, null);
            }
        }

        void putBack() {
            for (int i = kept.size() - 1; i >= 0; i--) {
                Object each = kept.get(i);
                if (each != null) {
                    queue.addFirst(each);
                }
            }
        }
    }

    private void miss(Membership member, RoomBatch batch) {
        member.missed(batch);
        isBehind(member);
    }

    /** A batch without positions that will never be written. */
    private void lose(Membership member, RoomBatch batch) {
        if (batch.kind == RoomBatch.Kind.PRESENCE) {
            miss(member, batch);
        }
    }

    private void isBehind(Membership member) {
        behind = behind == null ? new ArrayList<>(1) : behind;
        if (!behind.contains(member)) {
            behind.add(member);
        }
    }

    /** The batch that {@link #take} hands out as it is; null if it makes one of several. */
    @Nullable
    RoomBatch sole() {
        boolean alone = queue.size() == 2 && keyed == null;
        return alone && queue.peekLast() instanceof RoomBatch only ? only : null;
    }

    /** What goes out next, in a wire format; null if nothing waits. At least one batch, and no more than a write should carry. */
    @Nullable
    FrameBatch take(WireFormat format, int most) {
        taken = 0;
        RoomBatch only = sole();
        if (only != null) {
            queue.clear();
            taken = only.size();
            return leave(only).in(format);
        }
        List<TextFrame> frames = new ArrayList<>(16);
        long bytes = 0;
        while (!queue.isEmpty() && bytes < most) {
            Object owner = queue.remove();
            Object item = queue.remove();
            if (item instanceof Loss loss && owner instanceof Membership member) {
                TextFrame gap = Frames.gap(member.room.name, loss.after, loss.upTo);
                frames.add(gap);
                bytes += gap.size();
            } else if (item instanceof TextFrame frame) {
                frames.add(frame);
                answerBytes -= owner == ANSWER ? frame.size() : 0;
                rosterBytes -= owner == ROSTER ? frame.size() : 0;
                answers--;
                memory.add(-frame.size() - MemoryBudget.OBJECT_COST);
                bytes += frame.size();
            } else {
                bytes += take((RoomBatch) item, frames);
            }
        }
        while (keyed != null && bytes < most) {
            Iterator<RoomBatch> newest = keyed.values().iterator();
            bytes += take(newest.next(), frames);
            newest.remove();
            keyed = keyed.isEmpty() ? null : keyed;
        }
        return frames.isEmpty() ? null : format.batch(frames);
    }

    private long take(RoomBatch batch, List<TextFrame> frames) {
        frames.addAll(batch.frames());
        taken += batch.size();
        return leave(batch).size();
    }

    /** Bytes of rooms that may wait now. */
    private long mostBytes() {
        return Math.min(settings.limit(Limit.OUTBOX_BYTES), memory.share());
    }

    /** Drops everything; the connection ends. */
    void clear() {
        for (Object item : queue) {
            if (item instanceof RoomBatch batch) {
                leave(batch);
            }
        }
        queue.clear();
        if (keyed != null) {
            keyed.values().forEach(this::leave);
            keyed = null;
        }
        memory.add(-answersMemory());
        answerBytes = 0;
        rosterBytes = 0;
        answers = 0;
    }

    private long answersMemory() {
        return answerBytes + rosterBytes + answers * MemoryBudget.OBJECT_COST;
    }

    /** Bytes that would be freed by the end of this connection. */
    long memory() {
        long bytes = answersMemory();
        for (Object item : queue) {
            bytes += item instanceof RoomBatch batch ? batch.memoryOfOne() : 0;
        }
        if (keyed != null) {
            for (RoomBatch batch : keyed.values()) {
                bytes += batch.memoryOfOne();
            }
        }
        return bytes;
    }

    private RoomBatch leave(RoomBatch batch) {
        batch.release(memory);
        roomBytes -= batch.size();
        roomFrames -= batch.count();
        return batch;
    }
}

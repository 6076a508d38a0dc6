package dev.roomcast;

import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Frames of one room that go to its members together. Made once and shared by all of them: what a member's wire format needs
 * is derived when the first member needs it. Immutable and safe for use by any thread.
 */
final class RoomBatch {

    /** What becomes of frames that cannot be written. */
    enum Kind {
        /** Messages with an offset: read again from history. */
        MESSAGES,
        /** Who comes and goes: made good by a list of members. */
        PRESENCE,
        /** Worth nothing when late. */
        VOLATILE,
        /** Replaced by a newer one of the same key. */
        KEYED
    }

    /** Most that one batch carries, unless one message alone is larger. */
    static final int MOST_BYTES = 64 * 1024;

    private static final long[] NO_OFFSETS = {};

    final Kind kind;
    final String epoch;
    final @Nullable String key;
    final @Nullable Exclusion exclusion;

    private final List<TextFrame> frames;
    private final long[] offsets;
    private final FrameBatch plain;

    /** Derived when first asked for; a race makes it twice, with the same bytes. */
    private volatile @Nullable FrameBatch lines;

    private static final AtomicIntegerFieldUpdater<RoomBatch> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(RoomBatch.class, "holders");

    /** Connections in whose queues this stands, or that write it now. */
    private volatile int holders;

    private RoomBatch(
            Kind kind,
            String epoch,
            @Nullable String key,
            @Nullable Exclusion exclusion,
            List<TextFrame> frames,
            long[] offsets) {
        this.kind = kind;
        this.epoch = epoch;
        this.key = key;
        this.exclusion = exclusion;
        this.frames = frames;
        this.offsets = offsets;
        this.plain = FrameBatch.of(frames);
    }

    /** A frame that tells of the room's roster. */
    static RoomBatch presence(TextFrame frame) {
        return new RoomBatch(Kind.PRESENCE, "", null, null, List.of(frame), NO_OFFSETS);
    }

    /** Messages in their order, each with its frame, cut where they cannot go to everyone in one piece. */
    static List<RoomBatch> of(List<Message> messages, List<TextFrame> frames) {
        if (messages.size() == 1) {
            return List.of(of(messages, frames, 0, 1));
        }
        List<RoomBatch> batches = new ArrayList<>(2);
        int start = 0;
        long bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += frames.get(i).size();
            if (i > start && (bytes > MOST_BYTES || !fit(messages.get(i - 1), messages.get(i)))) {
                batches.add(of(messages, frames, start, i));
                start = i;
                bytes = frames.get(i).size();
            }
        }
        batches.add(of(messages, frames, start, messages.size()));
        return batches;
    }

    private static boolean fit(Message one, Message next) {
        Position before = one.position();
        Position after = next.position();
        return before != null
                && after != null
                && before.comparableTo(after)
                && one.exclusion() == null
                && next.exclusion() == null;
    }

    private static RoomBatch of(List<Message> messages, List<TextFrame> frames, int from, int to) {
        Message first = messages.get(from);
        List<TextFrame> some = from == 0 && to == frames.size() ? frames : List.copyOf(frames.subList(from, to));
        Position position = first.position();
        if (position == null) {
            Kind kind = first.key() == null ? Kind.VOLATILE : Kind.KEYED;
            return new RoomBatch(kind, "", first.key(), first.exclusion(), some, NO_OFFSETS);
        }
        long[] offsets = new long[to - from];
        for (int i = from; i < to; i++) {
            Position at = messages.get(i).position();
            offsets[i - from] = at == null ? 0 : at.offset();
        }
        return new RoomBatch(Kind.MESSAGES, position.epoch(), null, first.exclusion(), some, offsets);
    }

    /** One more connection keeps this batch in memory; the first counts it. */
    void hold(MemoryBudget memory) {
        if (HOLDERS.getAndIncrement(this) == 0) {
            memory.add(cost());
        }
    }

    /** One connection less keeps it in memory. */
    void release(MemoryBudget memory) {
        if (HOLDERS.decrementAndGet(this) == 0) {
            memory.add(-cost());
        }
    }

    /** Bytes in memory: the frames, and those that are written, which are derived from them. */
    private long cost() {
        return 2L * size() + (count() + 1) * MemoryBudget.OBJECT_COST;
    }

    /** What one of those who hold it accounts for. */
    long memoryOfOne() {
        return cost() / Math.max(1, holders);
    }

    /** What to write for a wire format. */
    FrameBatch in(WireFormat format) {
        if (format == WireFormat.PLAIN || frames.size() == 1) {
            return plain;
        }
        FrameBatch known = lines;
        if (known == null) {
            known = format.batch(frames);
            lines = known;
        }
        return known;
    }

    List<TextFrame> frames() {
        return frames;
    }

    int count() {
        return frames.size();
    }

    /** Bytes of all payloads. */
    int size() {
        return plain.size();
    }

    /** The offset behind which the batch begins. */
    long after() {
        return offsets.length == 0 ? 0 : offsets[0] - 1;
    }

    /** The offset with which it ends. */
    long last() {
        return offsets.length == 0 ? 0 : offsets[offsets.length - 1];
    }

    /** Whether all of it is beyond an offset, or has none. */
    boolean isBehind(long offset) {
        return kind != Kind.MESSAGES || offset <= after();
    }

    /** What is beyond an offset; null if nothing is. */
    @Nullable
    RoomBatch beyond(long offset) {
        if (isBehind(offset)) {
            return this;
        }
        int from = 0;
        while (from < offsets.length && offsets[from] <= offset) {
            from++;
        }
        return from == offsets.length
                ? null
                : new RoomBatch(
                        kind,
                        epoch,
                        key,
                        exclusion,
                        frames.subList(from, frames.size()),
                        Arrays.copyOfRange(offsets, from, offsets.length));
    }
}

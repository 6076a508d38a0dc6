package dev.roomcast;

import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The end of a room's order in memory, with its frames: a stretch without holes that grows with what is delivered. A pure
 * structure, owned by the room's lane.
 */
final class Recent {

    /** What of it is handed over at a time. */
    record Page(List<RoomBatch> batches, Position end) {}

    /** Most pages that are kept made: each holds its bytes once more, as they go out. */
    private static final int MOST_PAGES = 32;

    private final String epoch;
    private final long after;
    private final List<Message> messages = new ArrayList<>();
    private final List<TextFrame> frames = new ArrayList<>();

    /** Pages that many ask for, by their beginning, until the stretch grows. */
    private final Map<Long, Page> pages = new LinkedHashMap<>(4);

    private long bytes;
    private int exclusions;
    private long top;

    Recent(Position after) {
        this.epoch = after.epoch();
        this.after = after.offset();
        this.top = after.offset();
    }

    /** Adds what follows; false if there is a hole between. What is known already is passed over. */
    boolean add(Message message, TextFrame frame) {
        Position position = message.position();
        if (position == null) {
            return true;
        }
        if (!position.epoch().equals(epoch) || position.offset() > top + 1) {
            return false;
        }
        if (position.offset() == top + 1) {
            messages.add(message);
            frames.add(frame);
            bytes += frame.size();
            exclusions += message.exclusion() == null ? 0 : 1;
            top++;
            pages.clear();
        }
        return true;
    }

    /** Whether all messages behind a position are here. */
    boolean reaches(Position from) {
        return from.epoch().equals(epoch) && from.offset() >= after && from.offset() <= top;
    }

    /** Whether a position of the same epoch is at the end or beyond. */
    boolean endsBefore(Position from) {
        return from.epoch().equals(epoch) && from.offset() >= top;
    }

    Position top() {
        return new Position(epoch, top);
    }

    long bytes() {
        return bytes;
    }

    /**
     * What follows a position, as a user may see it.
     *
     * @param most bytes after which the page ends
     */
    Page page(Position from, @Nullable String userId, int most) {
        if (exclusions == 0) {
            Page known = pages.get(from.offset());
            return known == null ? make(from.offset(), most) : known;
        }
        return cut(from.offset(), userId, most);
    }

    private Page make(long from, int most) {
        if (pages.size() >= MOST_PAGES) {
            pages.remove(pages.keySet().iterator().next());
        }
        Page page = cut(from, null, most);
        pages.put(from, page);
        return page;
    }

    /** For tests. */
    int pages() {
        return pages.size();
    }

    private Page cut(long from, @Nullable String userId, int most) {
        List<Message> some = new ArrayList<>();
        List<TextFrame> theirs = new ArrayList<>();
        long size = 0;
        int index = (int) (from - after);
        for (; index < messages.size() && size < most; index++) {
            Exclusion exclusion = messages.get(index).exclusion();
            if (exclusion == null || !exclusion.userId().equals(userId)) {
                some.add(messages.get(index));
                theirs.add(frames.get(index));
                size += frames.get(index).size();
            }
        }
        Position end = new Position(epoch, after + index);
        return new Page(some.isEmpty() ? List.of() : RoomBatch.of(some, theirs), end);
    }
}

package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The backlog against a model that does the same in the most simple way. */
class BacklogTest {

    private static final int BYTES = 400;
    private static final int FRAMES = 12;

    /** Two of them are too many. */
    private static final int FRAME = 300;

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()));
    private final LiveRoom one = new LiveRoom("one", hub);
    private final LiveRoom two = new LiveRoom("two", hub);

    @AfterEach
    void close() {
        hub.close();
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void whatever_is_put_in_comes_out_as_the_model_says(Overflow overflow) {
        for (int round = 0; round < 1_000; round++) {
            long seed = System.nanoTime();
            Pair pair = new Pair(overflow, new Random(seed));
            for (int step = 0; step < 50; step++) {
                pair.step("seed " + seed + ", step " + step);
            }
            pair.drain("seed " + seed);
        }
    }

    /** The client knows no room before its joined, and ignored the loss: the messages were missing without a word. */
    @Test
    void a_gap_stands_where_the_dropped_batches_stood_and_behind_joined() {
        Backlog backlog = new Backlog(settings(Overflow.DROP_OLDEST), Budgets.ample());
        Membership member = new Membership(null, one);
        Batches batches = new Batches();
        backlog.answer(TextFrame.of("joined"));
        for (int i = 1; i <= 4; i++) {
            RoomBatch batch = batches.next("m" + i + "x".repeat(FRAME));
            if (backlog.add(member, batch, 0) != null) {
                backlog.makeRoom(member, batch, 0);
            }
            backlog.answer(TextFrame.of("answer " + i));
        }
        FrameBatch out = backlog.take(WireFormat.PLAIN, 10_000);
        assertNotNull(out);
        assertEquals(
                List.of(
                        "joined",
                        "answer 1",
                        "answer 2",
                        Frames.gap("one", new Position("e", 0), new Position("e", 3))
                                .text(),
                        "answer 3",
                        "m4" + "x".repeat(FRAME),
                        "answer 4"),
                out.frames().stream().map(TextFrame::text).toList());
        assertTrue(backlog.isEmpty());
    }

    /** One that does not fit at all leaves its gap behind what was queued before. */
    @Test
    void a_batch_that_is_too_large_leaves_its_gap_at_the_end() {
        Backlog backlog = new Backlog(settings(Overflow.DROP_OLDEST), Budgets.ample());
        Membership member = new Membership(null, one);
        Batches batches = new Batches();
        backlog.answer(TextFrame.of("joined"));
        assertNull(backlog.add(member, batches.next("m1"), 0));
        backlog.answer(TextFrame.of("answer"));
        RoomBatch large = batches.next("x".repeat(BYTES + 1));
        assertEquals(Limit.OUTBOX_BYTES, backlog.add(member, large, 0));
        assertEquals(2, backlog.makeRoom(member, large, 0));
        FrameBatch out = backlog.take(WireFormat.PLAIN, 10_000);
        assertNotNull(out);
        assertEquals(
                List.of(
                        "joined",
                        "answer",
                        Frames.gap("one", new Position("e", 0), new Position("e", 2))
                                .text()),
                out.frames().stream().map(TextFrame::text).toList());
        assertTrue(backlog.isEmpty());
    }

    @Test
    void losses_of_one_member_are_told_as_one() {
        Backlog backlog = new Backlog(settings(Overflow.DROP_OLDEST), Budgets.ample());
        Membership member = new Membership(null, one);
        Batches batches = new Batches();
        for (int i = 0; i < 10; i++) {
            RoomBatch batch = batches.next("x".repeat(150));
            if (backlog.add(member, batch, 0) != null) {
                backlog.makeRoom(member, batch, 0);
            }
        }
        FrameBatch out = backlog.take(WireFormat.PLAIN, 10_000);
        assertNotNull(out);
        assertEquals(3, out.frames().size());
        assertEquals(
                Frames.gap("one", new Position("e", 0), new Position("e", 8)).text(),
                out.frames().get(0).text());
        assertTrue(backlog.isEmpty());
    }

    /**
     * The key's place was kept, empty, and whoever took what waits next fell over it: the connection was mute for ever. And of
     * the two that were dropped one was counted.
     */
    @Test
    void the_newest_of_a_key_that_finds_no_space_leaves_nothing_of_the_key() {
        Backlog backlog = new Backlog(settings(Overflow.RESYNC), Budgets.ample());
        Membership member = new Membership(null, one);
        assertNull(backlog.add(member, Batches.ofKey("k", "small"), 0));
        RoomBatch large = Batches.ofKey("k", "x".repeat(BYTES + 1));
        assertEquals(Limit.OUTBOX_BYTES, backlog.add(member, large, 0));
        assertEquals(2, backlog.makeRoom(member, large, 0));
        assertTrue(backlog.isEmpty());
        assertNull(backlog.take(WireFormat.PLAIN, 100));
    }

    @Test
    void keys_of_two_rooms_do_not_replace_each_other() {
        Backlog backlog = new Backlog(settings(Overflow.RESYNC), Budgets.ample());
        assertNull(backlog.add(new Membership(null, one), Batches.ofKey("k", "1"), 0));
        assertNull(backlog.add(new Membership(null, two), Batches.ofKey("k", "2"), 0));
        FrameBatch out = backlog.take(WireFormat.PLAIN, 10_000);
        assertNotNull(out);
        assertEquals(
                List.of("1", "2"), out.frames().stream().map(TextFrame::text).toList());
    }

    private static Settings settings(Overflow overflow) {
        return new Settings(Rooms.builder()
                .limit(Limit.OUTBOX_BYTES, BYTES)
                .limit(Limit.OUTBOX_FRAMES, FRAMES)
                .overflow(overflow));
    }

    /** A backlog and its model, which are done the same to. */
    private final class Pair {

        private record Item(
                @Nullable Membership member,
                RoomBatch.@Nullable Kind kind,
                List<TextFrame> frames,
                long last,
                long after) {

            Item(@Nullable Membership member, RoomBatch.@Nullable Kind kind, List<TextFrame> frames, long last) {
                this(member, kind, frames, last, last - frames.size());
            }

            boolean isGap() {
                return member != null && kind == null;
            }

            /** Gaps count as nothing that waits. */
            int bytes() {
                return frames.stream().mapToInt(TextFrame::size).sum();
            }
        }

        private final Overflow overflow;
        private final Random random;
        private final Backlog backlog;
        private final Membership[] members = {
            new Membership(null, one), new Membership(null, two), new Membership(null, two)
        };
        private final long[] offsets = new long[members.length];

        private final List<Item> queue = new ArrayList<>();
        private final Map<String, Item> keyed = new LinkedHashMap<>();
        private final Set<Membership> behind = new LinkedHashSet<>();
        private int names;

        Pair(Overflow overflow, Random random) {
            this.overflow = overflow;
            this.random = random;
            this.backlog = new Backlog(settings(overflow), Budgets.ample());
        }

        void step(String what) {
            int which = random.nextInt(members.length);
            long flight = random.nextInt(3) == 0 ? random.nextInt(100) : 0;
            switch (random.nextInt(8)) {
                case 0 -> {
                    TextFrame frame = frame();
                    backlog.answer(frame);
                    queue.add(new Item(null, null, List.of(frame), 0));
                }
                case 1, 2, 3 -> offer(members[which], messages(which), null, flight, what);
                case 4 -> offer(members[which], RoomBatch.presence(frame()), null, flight, what);
                case 5 -> {
                    String key = "k" + random.nextInt(3);
                    RoomBatch batch = Batches.ofKey(key, frame().text());
                    offer(members[which], batch, members[which].room.name + key, flight, what);
                }
                case 6 -> replay(which, flight, what);
                default -> take(1 + random.nextInt(200), what);
            }
            assertEquals(room().mapToInt(Item::bytes).sum(), backlog.roomBytes(), what);
            assertEquals(room().mapToInt(item -> item.frames.size()).sum(), backlog.roomFrames(), what);
            assertEquals(
                    queue.stream()
                            .filter(item -> item.member == null)
                            .mapToInt(Item::bytes)
                            .sum(),
                    backlog.answerBytes(),
                    what);
        }

        void drain(String what) {
            while (!queue.isEmpty() || !keyed.isEmpty()) {
                take(1 + random.nextInt(200), what);
            }
            assertNull(backlog.take(WireFormat.PLAIN, 100), what);
            List<Membership> told = backlog.takeBehind();
            assertEquals(List.copyOf(behind), told == null ? List.of() : told, what);
            assertTrue(backlog.isEmpty(), what);
            assertEquals(0, backlog.roomBytes(), what);
            assertEquals(0, backlog.roomFrames(), what);
            assertEquals(0, backlog.answerBytes(), what);
        }

        private java.util.stream.Stream<Item> room() {
            return java.util.stream.Stream.concat(
                    queue.stream().filter(item -> item.member != null), keyed.values().stream());
        }

        private void offer(Membership member, RoomBatch batch, @Nullable String key, long flight, String what) {
            Item item = new Item(member, batch.kind, batch.frames(), batch.last());
            Item older = key == null ? null : keyed.remove(key);
            Limit expected = fits(item, flight);
            assertEquals(expected, backlog.add(member, batch, flight), what);
            if (expected == null && key != null) {
                keyed.put(key, item);
            } else if (expected == null) {
                queue.add(item);
            } else {
                int dropped = makeRoom(item, key, flight) + (older == null ? 0 : older.frames.size());
                assertEquals(dropped, backlog.makeRoom(member, batch, flight), what);
            }
        }

        private @Nullable Limit fits(Item item, long flight) {
            if (room().mapToInt(each -> each.frames.size()).sum() + item.frames.size() > FRAMES) {
                return Limit.OUTBOX_FRAMES;
            }
            return room().mapToInt(Item::bytes).sum() + flight + item.bytes() > BYTES ? Limit.OUTBOX_BYTES : null;
        }

        /** How many frames are dropped. */
        private int makeRoom(Item item, @Nullable String key, long flight) {
            if (key != null || overflow == Overflow.DISCONNECT) {
                return item.frames.size();
            }
            int dropped = 0;
            for (int i = 0; i < queue.size(); i++) {
                Item old = queue.get(i);
                boolean goes = old.kind != null && (overflow == Overflow.RESYNC || fits(item, flight) != null);
                if (goes) {
                    dropped += old.frames.size();
                    i = lose(old, i);
                }
            }
            if (overflow == Overflow.DROP_OLDEST && fits(item, flight) == null) {
                queue.add(item);
                return dropped;
            }
            queue.add(item);
            lose(item, queue.size() - 1);
            return dropped + item.frames.size();
        }

        /** Where to go on behind of. */
        private int lose(Item item, int index) {
            queue.remove(index);
            Membership member = Objects.requireNonNull(item.member);
            if (overflow == Overflow.RESYNC || item.kind == RoomBatch.Kind.PRESENCE) {
                behind.add(member);
                return index - 1;
            }
            long after = item.after;
            int at = index;
            for (int i = 0; i < index; i++) {
                if (queue.get(i).isGap() && queue.get(i).member == member) {
                    after = queue.remove(i).after;
                    at--;
                    break;
                }
            }
            queue.add(at, new Item(member, null, List.of(), item.last, after));
            return at;
        }

        private void replay(int which, long flight, String what) {
            List<RoomBatch> pages = List.of(messages(which), messages(which));
            boolean last = random.nextBoolean();
            int bytes = pages.stream().mapToInt(RoomBatch::size).sum();
            int before = room().mapToInt(Item::bytes).sum();
            boolean fits = before + flight == 0 || before + flight + bytes <= BYTES;
            assertEquals(fits, backlog.replay(members[which], pages, last, flight), what);
            if (fits) {
                pages.forEach(page -> queue.add(new Item(members[which], page.kind, page.frames(), page.last())));
            }
            if (!fits || !last) {
                behind.add(members[which]);
            }
        }

        private void take(int most, String what) {
            List<String> expected = new ArrayList<>();
            int bytes = 0;
            int ofRooms = 0;
            while (bytes < most && !(queue.isEmpty() && keyed.isEmpty())) {
                Item item =
                        queue.isEmpty() ? keyed.remove(keyed.keySet().iterator().next()) : queue.remove(0);
                if (item.isGap()) {
                    TextFrame gap = Frames.gap(
                            Objects.requireNonNull(item.member).room.name,
                            new Position(Batches.EPOCH, item.after),
                            new Position(Batches.EPOCH, item.last));
                    expected.add(gap.text());
                    bytes += gap.size();
                }
                item.frames.forEach(frame -> expected.add(frame.text()));
                bytes += item.bytes();
                ofRooms += item.member == null ? 0 : item.bytes();
            }
            FrameBatch taken = backlog.take(WireFormat.PLAIN, most);
            List<String> texts = taken == null
                    ? List.of()
                    : taken.frames().stream().map(TextFrame::text).toList();
            assertEquals(expected, texts, what);
            assertEquals(ofRooms, backlog.taken(), what);
        }

        private RoomBatch messages(int which) {
            List<Message> messages = new ArrayList<>();
            List<TextFrame> frames = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(4); i++) {
                messages.add(Message.chat("").in("r", 1).at(new Position(Batches.EPOCH, ++offsets[which])));
                frames.add(frame());
            }
            return RoomBatch.of(messages, frames).get(0);
        }

        private TextFrame frame() {
            return TextFrame.of("f" + names++ + "x".repeat(random.nextInt(60)));
        }
    }
}

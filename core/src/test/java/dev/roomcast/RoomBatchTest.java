package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RoomBatchTest {

    @Test
    void messages_of_one_epoch_go_together() {
        List<RoomBatch> batches = Batches.of(List.of(at("e", 3), at("e", 4), at("e", 6)));
        assertEquals(1, batches.size());
        RoomBatch only = batches.get(0);
        assertEquals(RoomBatch.Kind.MESSAGES, only.kind);
        assertEquals("e", only.epoch);
        assertEquals(2, only.after());
        assertEquals(6, only.last());
        assertEquals(3, only.count());
    }

    @Test
    void a_batch_carries_at_most_64_KiB_unless_one_message_is_larger() {
        assertEquals(List.of(6, 4), cut(repeat(10_000, 10)));
        assertEquals(List.of(1, 1), cut(RoomBatch.MOST_BYTES, 1));
        assertEquals(List.of(2), cut(RoomBatch.MOST_BYTES - 1, 1));
        assertEquals(List.of(1, 1, 1), cut(1, 100_000, 1));
    }

    @Test
    void cut_batches_follow_on_each_other_without_a_hole() {
        List<RoomBatch> batches = sized(repeat(20_000, 10));
        long at = 0;
        for (RoomBatch batch : batches) {
            assertEquals(at, batch.after());
            at = batch.last();
        }
        assertEquals(10, at);
    }

    @Test
    void what_cannot_go_to_everyone_in_one_piece_is_cut() {
        Exclusion exclusion = new Exclusion("c", "u");
        assertEquals(
                List.of("MESSAGES 2", "MESSAGES 1", "MESSAGES 1"),
                kinds(at("e", 1), at("e", 2), at("f", 1), at("f", 2).excluding(exclusion)));
        assertEquals(
                List.of("MESSAGES 1", "VOLATILE 1", "VOLATILE 1", "KEYED 1", "MESSAGES 2"),
                kinds(
                        at("e", 1),
                        Message.chat("v").asVolatile(),
                        Message.chat("w").asVolatile(),
                        Message.chat("k").latestOf("key"),
                        at("e", 2),
                        at("e", 3)));
        assertEquals(
                List.of("MESSAGES 1", "MESSAGES 1"),
                kinds(at("e", 1).excluding(exclusion), at("e", 2).excluding(exclusion)));
    }

    @Test
    void a_message_with_a_key_that_is_volatile_too_is_the_latest_of_its_key() {
        RoomBatch batch = Batches.of(List.of(Message.chat("k").latestOf("key").asVolatile()))
                .get(0);
        assertEquals(RoomBatch.Kind.KEYED, batch.kind);
        assertEquals("key", batch.key);
    }

    @Test
    void what_is_beyond_an_offset_is_a_batch_of_its_own() {
        RoomBatch batch =
                Batches.of(List.of(at("e", 5), at("e", 6), at("e", 9))).get(0);
        assertSame(batch, batch.beyond(0));
        assertSame(batch, batch.beyond(4));
        RoomBatch two = beyond(batch, 5);
        assertEquals(2, two.count());
        assertEquals(5, two.after());
        assertEquals(9, two.last());
        RoomBatch one = beyond(batch, 7);
        assertEquals(1, one.count());
        assertEquals(9, one.last());
        assertSame(batch.frames().get(2), one.frames().get(0));
        assertEquals(one.frames().get(0).size(), one.size());
        assertNull(batch.beyond(9));
        assertNull(batch.beyond(Long.MAX_VALUE));
    }

    @Test
    void what_has_no_offset_is_beyond_any() {
        RoomBatch cursor = Batches.ofVolatile("v");
        assertSame(cursor, cursor.beyond(99));
        RoomBatch presence = Batches.presence("p");
        assertSame(presence, presence.beyond(99));
    }

    @Test
    void all_members_of_a_wire_format_get_the_very_same_bytes() {
        RoomBatch batch = new Batches().next("a", "b");
        assertSame(batch.in(WireFormat.PLAIN), batch.in(WireFormat.PLAIN));
        assertSame(batch.in(WireFormat.LINES), batch.in(WireFormat.LINES));
        assertEquals(List.of("a\nb"), texts(batch, WireFormat.LINES));
        assertEquals(List.of("a", "b"), texts(batch, WireFormat.PLAIN));
        RoomBatch single = new Batches().next("a");
        assertSame(single.in(WireFormat.PLAIN), single.in(WireFormat.LINES));
    }

    private static RoomBatch beyond(RoomBatch batch, long offset) {
        RoomBatch beyond = batch.beyond(offset);
        assertNotNull(beyond);
        return beyond;
    }

    private static Message at(String epoch, long offset) {
        return Message.chat("x").in("r", 1).at(new Position(epoch, offset));
    }

    private static List<String> kinds(Message... messages) {
        return Batches.of(List.of(messages)).stream()
                .map(batch -> batch.kind + " " + batch.count())
                .toList();
    }

    private static int[] repeat(int size, int times) {
        return IntStream.generate(() -> size).limit(times).toArray();
    }

    private static List<Integer> cut(int... sizes) {
        return sized(sizes).stream().map(RoomBatch::count).toList();
    }

    private static List<RoomBatch> sized(int... sizes) {
        List<TextFrame> frames = Arrays.stream(sizes)
                .mapToObj(size -> TextFrame.of("x".repeat(size)))
                .toList();
        List<Message> messages = LongStream.rangeClosed(1, sizes.length)
                .mapToObj(offset -> at("e", offset))
                .toList();
        return RoomBatch.of(messages, frames);
    }

    private static List<String> texts(RoomBatch batch, WireFormat format) {
        return batch.in(format).frames().stream().map(TextFrame::text).toList();
    }
}

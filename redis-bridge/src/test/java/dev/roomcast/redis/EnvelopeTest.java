package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.Envelope.Passing;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

    /** Instances of different releases read each other: these bytes never change. */
    private static final String FROZEN_VOLATILE = "0102" + "07" + "000000000000004d" + "0004" + "63686174" + "0003"
            + "75c3bc" + "0002" + "6964" + "0002" + "6331" + "0001" + "75" + "00000006" + "223c6a3e22" + "20";

    /** As publish.lua writes it. */
    private static final String FROZEN_BATCH = "0101" + "02" + "6531" + "0000000000000029" + "0000018c00000000"
            + "0000000000000100" + "fffffffffffffffe" + "0000000000000007" + "0002"
            + ("00" + "0000000000000001" + "0004" + "63686174" + "00000001" + "31")
            + ("01" + "0000000000000002" + "0001" + "78" + "0001" + "75" + "00000002" + "7b7d");

    private static final byte[] VOLATILE = HexFormat.of().parseHex(FROZEN_VOLATILE);
    private static final byte[] BATCH = HexFormat.of().parseHex(FROZEN_BATCH);

    @Test
    void a_volatile_message_has_its_frozen_bytes() {
        Message message = Message.of("chat", Content.ofCheckedJson("\"<j>\" "))
                .from("uü")
                .id("id")
                .excluding(new Exclusion("c1", "u"))
                .in("lobby", 77);
        assertEquals(FROZEN_VOLATILE, HexFormat.of().formatHex(Envelope.passing(message)));
        Message read = assertInstanceOf(Passing.class, Envelope.parse(VOLATILE, "lobby"))
                .message();
        assertTrue(read.isVolatile());
        assertEquals("lobby", read.room());
        assertEquals("chat", read.type());
        assertEquals("uü", read.userId());
        assertEquals("id", read.id());
        assertEquals(new Exclusion("c1", "u"), read.exclusion());
        assertEquals("\"<j>\" ", read.content().json());
        assertEquals(77, read.timestamp());
    }

    /** Its key was not written at all. */
    @Test
    void the_latest_of_a_key_has_its_frozen_bytes() {
        String frozen = "0102" + "09" + "0000000000000001" + "0001" + "78" + "0001" + "75" + "0003" + "6bc3bc"
                + "00000002" + "7b7d";
        Message message = Message.of("x", Content.ofCheckedJson("{}"))
                .from("u")
                .latestOf("kü")
                .in("lobby", 1);
        assertEquals(frozen, HexFormat.of().formatHex(Envelope.passing(message)));
        Message read = assertInstanceOf(
                        Passing.class, Envelope.parse(HexFormat.of().parseHex(frozen), "lobby"))
                .message();
        assertEquals("kü", read.key());
        assertEquals("u", read.userId());
        assertFalse(read.isRecoverable());
    }

    @Test
    void a_batch_gives_each_of_its_messages_a_position() {
        Batch batch = assertInstanceOf(Batch.class, Envelope.parse(BATCH, "lobby"));
        assertEquals("e1", batch.epoch());
        assertEquals(41, batch.first());
        assertEquals(42, batch.last());
        assertEquals(0x18c00000000L, batch.millis());
        assertEquals(256, batch.total());
        assertEquals(-2, batch.producer());
        assertEquals(7, batch.sequence());
        assertEquals(
                List.of(new Position("e1", 41), new Position("e1", 42)),
                batch.messages().stream().map(Message::position).toList());
        assertNull(batch.messages().get(0).userId());
        assertEquals("u", batch.messages().get(1).userId());
    }

    @Test
    void a_message_is_written_as_it_is_read() {
        Message message = Message.of("x", Content.ofCheckedJson("{}")).from("u").in("lobby", 2);
        assertArrayEquals(Arrays.copyOfRange(BATCH, BATCH.length - 21, BATCH.length), MessageCodec.encode(message));
    }

    @Test
    void whatever_is_cut_off_longer_or_of_another_version_is_refused() {
        for (byte[] whole : List.of(VOLATILE, BATCH)) {
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(RuntimeException.class, () -> Envelope.parse(cut, "lobby"), "cut at " + length);
            }
            byte[] longer = Arrays.copyOf(whole, whole.length + 1);
            assertThrows(RuntimeException.class, () -> Envelope.parse(longer, "lobby"));
            byte[] future = whole.clone();
            future[0] = 2;
            assertThrows(RuntimeException.class, () -> Envelope.parse(future, "lobby"));
            byte[] unknown = whole.clone();
            unknown[1] = 99;
            assertThrows(RuntimeException.class, () -> Envelope.parse(unknown, "lobby"));
        }
    }

    /** A length near 2^31 must not become an array of that size. */
    @Test
    void a_length_that_lies_costs_nothing() {
        byte[] lying = VOLATILE.clone();
        lying[lying.length - 10] = 0x7f;
        assertThrows(IllegalArgumentException.class, () -> Envelope.parse(lying, "lobby"));
        byte[] negative = VOLATILE.clone();
        negative[negative.length - 10] = (byte) 0xff;
        assertThrows(IllegalArgumentException.class, () -> Envelope.parse(negative, "lobby"));
        byte[] many = BATCH.clone();
        many[many.length - 21 - 20 - 2] = (byte) 0xff;
        assertThrows(RuntimeException.class, () -> Envelope.parse(many, "lobby"));
    }
}

package dev.roomcast.jakarta;

import static dev.roomcast.jakarta.behaviour.RawClient.BINARY;
import static dev.roomcast.jakarta.behaviour.RawClient.CONTINUATION;
import static dev.roomcast.jakarta.behaviour.RawClient.FIN;
import static dev.roomcast.jakarta.behaviour.RawClient.PING;
import static dev.roomcast.jakarta.behaviour.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.jakarta.behaviour.RawClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeTextTest {

    private static final int LIMIT = 70_000;

    private static byte[] text(String text) {
        return RawClient.frame(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertLeft(byte[] bytes) {
        ByteBuffer data = ByteBuffer.wrap(bytes);
        assertNull(WholeText.take(data, LIMIT));
        assertEquals(0, data.position(), "nothing is consumed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 125, 126, 127, 65535, 65536, LIMIT})
    void text_of_every_length_is_taken(int length) {
        String text = "abcdefghijk".repeat(length / 11 + 1).substring(0, length);
        ByteBuffer data = ByteBuffer.wrap(text(text));
        assertEquals(text, WholeText.take(data, LIMIT));
        assertEquals(0, data.remaining());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "12345678\u00e9", "1234567\u20ac", "\ud83d\ude00", "\u2028x", "\u0000"})
    void it_is_utf_8(String text) {
        assertEquals(text, WholeText.take(ByteBuffer.wrap(text(text)), LIMIT));
    }

    @Test
    void one_after_the_other_is_taken_and_the_rest_is_left() {
        byte[] two = RawClient.frame(FIN | TEXT, "two".getBytes(StandardCharsets.UTF_8));
        ByteBuffer data =
                ByteBuffer.allocate(100).put(new byte[3]).put(text("one")).put(two);
        int end = data.position();
        data.put(two, 0, two.length - 1).flip().position(3);
        assertEquals("one", WholeText.take(data, LIMIT));
        assertEquals("two", WholeText.take(data, LIMIT));
        assertNull(WholeText.take(data, LIMIT));
        assertEquals(end, data.position());
    }

    @Test
    void a_frame_of_which_a_byte_is_missing_is_left() {
        for (int length : new int[] {0, 5, 126, 65536}) {
            byte[] frame = text("x".repeat(length));
            for (int there : new int[] {0, 1, 2, 3, 5, frame.length - 1}) {
                assertLeft(Arrays.copyOf(frame, Math.min(there, frame.length - 1)));
            }
        }
    }

    @Test
    void a_length_that_is_not_in_its_shortest_form_is_left() {
        assertLeft(new byte[] {(byte) 0x81, (byte) 0xfe, 0, 1, 0, 0, 0, 0, 'x'});
        assertLeft(new byte[] {(byte) 0x81, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 'x'});
    }

    @Test
    void other_frames_are_left() {
        byte[] payload = "x".getBytes(StandardCharsets.UTF_8);
        for (int first : new int[] {TEXT, FIN | BINARY, FIN | PING, FIN | CONTINUATION, FIN | TEXT | 0x40, 0}) {
            assertLeft(RawClient.frame(first, payload));
        }
    }

    @Test
    void a_frame_without_a_mask_is_left() {
        assertLeft(new byte[] {(byte) (FIN | TEXT), 5, 'h', 'e', 'l', 'l', 'o', '!', '!'});
    }

    @Test
    void a_claim_beyond_the_limit_or_below_zero_is_left() {
        assertLeft(text("x".repeat(LIMIT + 1)));
        assertLeft(Arrays.copyOf(RawClient.header(FIN | TEXT, Long.MAX_VALUE), 200));
        assertLeft(Arrays.copyOf(RawClient.header(FIN | TEXT, Long.MIN_VALUE), 200));
    }

    @Test
    void what_is_no_utf_8_is_left() {
        for (byte[] bad : new byte[][] {
            {(byte) 0xc0, (byte) 0xaf},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {'a', (byte) 0xff},
            {(byte) 0xe2, (byte) 0x82}
        }) {
            assertLeft(RawClient.frame(FIN | TEXT, bad));
        }
    }

    /** Whatever bytes come: nothing throws, and what is taken is what another decoder makes of them. */
    @RepeatedTest(20)
    void random_bytes_are_taken_rightly_or_left(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 1000; i++) {
            byte[] payload = new byte[random.nextInt(300)];
            random.nextBytes(payload);
            if (random.nextBoolean()) {
                payload = new String(payload, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
            }
            byte[] frame = RawClient.frame(FIN | TEXT, payload);
            if (random.nextInt(4) == 0) {
                frame[random.nextInt(Math.min(frame.length, 4))] ^= (byte) (1 << random.nextInt(8));
            }
            ByteBuffer data = ByteBuffer.wrap(frame);
            String text = WholeText.take(data, LIMIT);
            assertEquals(text == null ? 0 : expectedEnd(frame), data.position());
            if (text != null && data.position() == frame.length && (frame[1] & 0x7f) < 126) {
                assertEquals(new String(unmasked(frame), StandardCharsets.UTF_8), text);
            }
        }
    }

    private static int expectedEnd(byte[] frame) {
        int claim = frame[1] & 0x7f;
        return claim < 126 ? 6 + claim : 8 + (ByteBuffer.wrap(frame).getShort(2) & 0xffff);
    }

    private static byte[] unmasked(byte[] frame) {
        byte[] payload = Arrays.copyOfRange(frame, 6, frame.length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= frame[2 + i % 4];
        }
        return payload;
    }
}

package dev.roomcast.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFrameTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ü", "€", "\uD83D\uDE00", "a\u0000b", "{\"x\":\"ü\uD83D\uDE00\u2028\"}"})
    void text_and_bytes_say_the_same(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (TextFrame frame : new TextFrame[] {TextFrame.of(text), TextFrame.ofUtf8(utf8)}) {
            assertEquals(text, frame.text());
            assertArrayEquals(utf8, bytes(frame));
            assertEquals(utf8.length, frame.size());
        }
    }

    /** The text once kept the lone surrogate: members got different messages, or containers that take text an error. */
    @ParameterizedTest
    @CsvSource({"d83d, a?b", "de00, a?b", "de00d83d, a??b", "d83dd83dde00, a?\uD83D\uDE00b"})
    void half_a_character_becomes_a_question_mark_in_both(String halves, String sent) {
        StringBuilder text = new StringBuilder("a");
        for (int i = 0; i < halves.length(); i += 4) {
            text.append((char) Integer.parseInt(halves.substring(i, i + 4), 16));
        }
        TextFrame frame = TextFrame.of(text.append('b').toString());
        assertEquals(sent, new String(bytes(frame), StandardCharsets.UTF_8));
        assertEquals(sent, frame.text());
    }

    @Test
    void half_a_character_at_the_end_is_seen_too() {
        assertEquals("a?", TextFrame.of("a\uD83D").text());
    }

    @Test
    void each_reader_has_its_own_view_and_none_may_write() {
        TextFrame frame = TextFrame.of("abc");
        ByteBuffer first = frame.bytes();
        assertEquals('a', first.get());
        assertEquals(3, frame.bytes().remaining());
        assertTrue(first.isReadOnly());
        assertThrows(ReadOnlyBufferException.class, () -> first.put((byte) 'x'));
    }

    @Test
    void text_is_decoded_once() {
        TextFrame frame = TextFrame.ofUtf8(new byte[] {'a', 'b'});
        assertSame(frame.text(), frame.text());
    }

    private static byte[] bytes(TextFrame frame) {
        ByteBuffer view = frame.bytes();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }
}

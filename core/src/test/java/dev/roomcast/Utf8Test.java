package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {

    @ParameterizedTest
    @CsvSource({"0x00, 1", "0x7F, 1", "0x80, 2", "0x7FF, 2", "0x800, 3", "0xFFFF, 3", "0x10000, 4", "0x10FFFF, 4"})
    void a_character_takes_1_to_4_bytes(String codePoint, int bytes) {
        String text = Character.toString(Integer.decode(codePoint));
        assertEquals(bytes, Utf8.length(text));
        assertEquals(2 + bytes, Utf8.length("a" + text + "b"));
    }

    @Test
    void no_text_has_no_bytes() {
        assertEquals(0, Utf8.length(""));
    }

    @Test
    void every_text_is_as_long_as_its_encoding() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int[] bounds = {0x80, 0x800, 0x10000, 0x110000};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(20); c > 0; c--) {
                int codePoint = random.nextInt(bounds[random.nextInt(bounds.length)]);
                boolean half = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
                text.appendCodePoint(half ? 'x' : codePoint);
            }
            String whole = text.toString();
            assertEquals(
                    whole.getBytes(StandardCharsets.UTF_8).length, Utf8.length(whole), () -> "seed " + seed + whole);
        }
    }

    /** It has no encoding; {@code getBytes} would write one byte, CESU-8 three. A limit must not be undercut. */
    @Test
    void half_a_character_counts_as_three_bytes() {
        assertEquals(3, Utf8.length("\uD83D"));
        assertEquals(3, Utf8.length("\uDE00"));
        assertEquals(6, Utf8.length("\uDE00\uD83D"));
        assertEquals(4, Utf8.length("\uD83Dx"));
        assertEquals(7, Utf8.length("\uD83D\uD83D\uDE00"));
    }
}

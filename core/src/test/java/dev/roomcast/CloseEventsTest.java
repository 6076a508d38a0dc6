package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CloseEventsTest {

    @Test
    void a_reason_that_fits_stays() {
        for (String reason : new String[] {"", "going down", "x".repeat(123), "ü".repeat(61) + "x", "€".repeat(41)}) {
            assertEquals(reason, CloseEvents.shorten(reason));
        }
    }

    @Test
    void a_longer_one_is_cut_between_two_characters() {
        assertEquals("x".repeat(123), CloseEvents.shorten("x".repeat(124)));
        assertEquals("ü".repeat(61), CloseEvents.shorten("ü".repeat(62)));
        assertEquals("€".repeat(41), CloseEvents.shorten("€".repeat(42)));
        assertEquals("\uD83D\uDE00".repeat(30), CloseEvents.shorten("\uD83D\uDE00".repeat(31)));
        assertEquals("x".repeat(123), CloseEvents.shorten("x".repeat(123) + "\uD83D\uDE00"));
        assertEquals("x".repeat(120), CloseEvents.shorten("x".repeat(120) + "\uD83D\uDE00"));
    }

    @Test
    void half_a_character_cannot_be_sent() {
        assertEquals("a?b", CloseEvents.shorten("a\uD83Db"));
        assertEquals("a?", CloseEvents.shorten("a\uD83D"));
        assertEquals("?a", CloseEvents.shorten("\uDE00a"));
    }

    @Test
    void any_reason_becomes_the_longest_beginning_that_fits() {
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(200); c > 0; c--) {
                text.appendCodePoint(random.nextBoolean() ? 'a' : 0x1F600 + random.nextInt(20));
            }
            String reason = text.toString();
            String cut = CloseEvents.shorten(reason);
            assertTrue(reason.startsWith(cut), reason);
            assertTrue(bytes(cut) <= 123, reason);
            if (cut.length() < reason.length()) {
                int more = reason.offsetByCodePoints(cut.length(), 1);
                assertTrue(bytes(reason.substring(0, more)) > 123, reason);
            }
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}

package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LogTextTest {

    @Test
    void a_failure_is_one_line_that_says_what_and_where() {
        String line =
                LogText.of(new IllegalStateException("a\r\nWARNING: forged \u001b[2J\u2028", new RuntimeException()));
        assertTrue(
                line.startsWith(
                        "java.lang.IllegalStateException: a\\u000d\\u000aWARNING: forged \\u001b[2J\\u2028 at "),
                line);
        assertTrue(line.endsWith("caused by java.lang.RuntimeException"), line);
        assertFalse(line.contains("\n"));
    }

    @Test
    void a_message_is_cut() {
        assertEquals("x".repeat(200) + "...", LogText.escaped("x".repeat(100_000)));
        assertEquals("x".repeat(200), LogText.escaped("x".repeat(200)));
        assertEquals("a\\u005cn", LogText.escaped("a\\n"));
    }
}

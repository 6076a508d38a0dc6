package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.api.Test;

class LogTextTest {

    @Test
    void a_failure_is_one_line_that_says_what_and_where_and_nothing_of_what_was_sent() {
        String line =
                LogText.of(new IllegalStateException("a\r\nWARNING: forged", new RuntimeException("token=secret")));
        assertTrue(
                line.startsWith("java.lang.IllegalStateException at dev.roomcast.jakarta.LogTextTest.a_failure"), line);
        assertTrue(line.endsWith(", caused by java.lang.RuntimeException"), line);
        assertFalse(line.contains("\n") || line.contains("forged") || line.contains("secret"), line);
    }

    @Test
    void the_line_is_bounded_whatever_the_failure_quotes() {
        Throwable failure = new RuntimeException(new Error(new RuntimeException()));
        for (int i = 0; i < 1000; i++) {
            failure = new IllegalArgumentException("x".repeat(1000), failure);
        }
        assertTrue(LogText.of(failure).length() < 600);
        try {
            URI.create("/rooms?user=auth0|5f7c&token=secret");
        } catch (IllegalArgumentException quoting) {
            assertFalse(LogText.of(quoting).contains("secret"));
        }
    }
}

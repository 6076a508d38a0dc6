package dev.roomcast.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultLogTest {

    private static final System.Logger.Level LEVEL = System.Logger.Level.ERROR;

    private final List<String> lines = new ArrayList<>();
    private final List<Runnable> later = new ArrayList<>();
    private boolean debug;
    private long now;
    private final FaultLog log = new FaultLog(new Recorder(), () -> now, later::add);

    @Test
    void of_a_flood_the_first_has_a_trace_and_the_others_a_number() {
        for (int i = 0; i < 1_000; i++) {
            log.hostFault(LEVEL, "The handler failed", "Connection[" + i + "]", new IllegalStateException("x"));
        }
        assertEquals(1, lines.size());
        assertTrue(
                lines.get(0).startsWith("The handler failed: Connection[0]\njava.lang.IllegalStateException\n\tat "));
        assertEquals(1, later.size(), "one timer, however many faults");
        later.remove(0).run();
        assertEquals("The handler failed: 999 more within a second", lines.get(1));
        now += 1_000_000_000;
        log.hostFault(LEVEL, "The handler failed", null, new IllegalStateException("x"));
        assertEquals(3, lines.size());
        assertEquals(List.of(), later);
    }

    @Test
    void places_do_not_hide_each_other_but_they_are_bounded() {
        for (int i = 0; i < 1_000; i++) {
            log.fault(LEVEL, "place " + i, null, null);
        }
        assertEquals(257, lines.size());
        assertEquals(1, later.size());
    }

    /** A client wrote a line of its own by what it made the host's code throw. */
    @Test
    void no_text_from_outside_makes_a_line_and_no_payload_is_logged() {
        Exception failure = new NumberFormatException("For input string: \"1\r\nSEVERE: forged\"");
        log.hostFault(LEVEL, "The handler failed", "a\nb\u202e", new RuntimeException(failure));
        assertFalse(lines.get(0).contains("forged"), lines.get(0));
        assertTrue(lines.get(0).startsWith("The handler failed: a\\u000ab\\u202e\n"), lines.get(0));
        assertTrue(lines.get(0).contains("Caused by: java.lang.NumberFormatException\n"), lines.get(0));
        debug = true;
        log.hostFault(LEVEL, "The listener failed", null, failure);
        assertTrue(
                lines.get(1).contains("NumberFormatException: For input string: \"1\\u000d\\u000aSEVERE: forged\"\n"));
    }

    @Test
    void what_is_logged_of_one_fault_is_bounded() {
        Throwable failure = new IllegalStateException("x".repeat(100_000));
        for (int i = 0; i < 100; i++) {
            failure = new IllegalStateException("y".repeat(100_000), failure);
        }
        StackTraceElement[] frames = new StackTraceElement[10_000];
        java.util.Arrays.fill(frames, new StackTraceElement("a.B", "c", "B.java", 1));
        failure.setStackTrace(frames);
        log.fault(LEVEL, "The bridge failed", "z".repeat(100_000), failure);
        assertTrue(lines.get(0).length() < 40_000, "" + lines.get(0).length());
    }

    @Test
    void a_fault_that_cannot_be_logged_harms_nobody() {
        log.fault(LEVEL, "one", null, new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        });
        assertEquals(List.of(), lines);
    }

    private final class Recorder implements System.Logger {

        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.DEBUG || debug;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
            StringWriter line = new StringWriter();
            line.append(text);
            if (thrown != null) {
                line.append('\n');
                thrown.printStackTrace(new PrintWriter(line, true));
            }
            lines.add(line.toString());
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String format, Object... params) {
            lines.add(format);
        }
    }
}

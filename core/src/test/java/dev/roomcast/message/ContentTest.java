package dev.roomcast.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTest {

    record Point(int x, int y) {}

    @Test
    void java_values_become_json() {
        assertEquals("\"a \\\"b\\\" \\n\"", Content.of("a \"b\" \n").json());
        assertEquals("1", Content.of(1).json());
        assertEquals("1.5", Content.of(1.5).json());
        assertEquals("true", Content.of(true).json());
        assertEquals("[1,null,\"x\"]", Content.of(Arrays.asList(1, null, "x")).json());
        assertEquals(
                "{\"a\":{\"b\":[]}}",
                Content.of(Map.of("a", Map.of("b", List.of()))).json());
        assertEquals("{\"x\":1,\"y\":2}", Content.of(new Point(1, 2)).json());
    }

    @Test
    void nothing_is_json_null() {
        assertSame(Content.NULL, Content.of(null));
        assertEquals("null", Content.NULL.json());
        assertNull(Content.NULL.as(Point.class));
        assertEquals("null", Content.NULL.text());
    }

    @Test
    void content_of_content_is_the_same() {
        Content content = Content.of("x");
        assertSame(content, Content.of(content));
    }

    @Test
    void what_is_no_json_value_is_refused() {
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        assertThrows(IllegalArgumentException.class, () -> Content.of(endless));
        assertThrows(IllegalArgumentException.class, () -> Content.of(new Object()));
        assertThrows(IllegalArgumentException.class, () -> Content.of(Instant.EPOCH));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.10",
                "-0.0",
                "1e400",
                "12345678901234567890",
                "\"\\u00fc\\/\"",
                "[ 1 ,\t2 ]",
                "{ \"b\" : 1, \"a\" : 2 }",
                "\"\uD83D\uDE00\u2028\"",
                "false"
            })
    void json_stays_as_it_was_written(String json) {
        assertEquals(json, Content.ofJson(json).json());
        assertEquals(json, Content.ofJson(" \n" + json + "\t ").json());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{a:1}",
                "'a'",
                "\"a",
                "1 2",
                "{}{}",
                "01",
                "NaN",
                "nul",
                "{\"a\":1,\"a\":2}",
                "[{\"a\":1,\"\\u0061\":2}]",
                "\"\n\"",
                "\u00A01",
                "1\u00A0",
                "\uFEFF1"
            })
    void json_is_checked(String text) {
        assertThrows(IllegalArgumentException.class, () -> Content.ofJson(text));
    }

    /** Json was checked with Jackson's default of 1,000 digits, though a client may send more. */
    @Test
    void a_number_may_have_any_number_of_digits() {
        String digits = "7".repeat(60_000);
        assertEquals(digits, Content.ofJson(digits).json());
    }

    /** Like {@code FrameDecoderTest.keys_of_one_message_do_no_harm_to_the_next}; here it broke every hub of the JVM. */
    @Test
    void keys_of_one_content_do_no_harm_to_the_next() {
        StringBuilder keys = new StringBuilder("{");
        for (int i = 0; i < 1024; i++) {
            keys.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < 10; bit++) {
                keys.append((i >> bit & 1) == 0 ? "AB" : "B!");
            }
            keys.append("\":1");
        }
        String hostile = keys.append('}').toString();
        assertEquals(1024, Content.ofJson(hostile).as(Map.class).size());
        StringBuilder others = new StringBuilder("{");
        for (int i = 0; i < 3000; i++) {
            others.append(i == 0 ? "\"k" : ",\"k").append(i).append("\":1");
        }
        String innocent = others.append('}').toString();
        assertEquals(3000, Content.ofJson(innocent).as(Map.class).size());
    }

    @Test
    void text_is_the_decoded_string_or_the_json_itself() {
        assertEquals("a\n\"b\" ü", Content.ofJson("\"a\\n\\\"b\\\" \\u00fc\"").text());
        assertEquals("", Content.ofJson("\"\"").text());
        assertEquals("1.10", Content.ofJson("1.10").text());
        assertEquals("[\"a\"]", Content.ofJson("[\"a\"]").text());
    }

    @Test
    void json_becomes_java_values() {
        assertEquals(
                new Point(1, 2),
                Content.ofJson("{\"y\":2,\"x\":1,\"later\":[]}").as(Point.class));
        assertEquals(Map.of("a", List.of(1)), Content.ofJson("{\"a\":[1]}").as(Map.class));
        assertEquals(1.1, Content.ofJson("1.10").as(Double.class));
        assertEquals("a", Content.ofJson("\"a\"").as(String.class));
    }

    @Test
    void what_does_not_fit_a_type_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> Content.of("x").as(Point.class));
        assertThrows(IllegalArgumentException.class, () -> Content.of("x").as(Integer.class));
        assertThrows(
                IllegalArgumentException.class, () -> Content.ofJson("1e400").as(Integer.class));
    }

    @Test
    void size_counts_bytes_on_the_wire() {
        assertEquals(3, Content.of("a").size());
        assertEquals(4, Content.of("ü").size());
        assertEquals(6, Content.of("\uD83D\uDE00").size());
        assertEquals(8, Content.ofJson("\"\\u00fc\"").size());
    }

    @Test
    void equal_means_written_the_same() {
        assertEquals(Content.of(1), Content.ofJson("1"));
        assertEquals(Content.of(1).hashCode(), Content.ofJson("1").hashCode());
        assertNotEquals(Content.ofJson("1"), Content.ofJson("1.0"));
        assertNotEquals(Content.of(1), (Object) "1");
    }

    @Test
    void what_it_says_stays_out_of_logs() {
        assertEquals("Content[8 chars]", Content.of("secret").toString());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Content.ofJson("[\"secret\", 1 2]"));
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            assertFalse(String.valueOf(cause.getMessage()).contains("secret"));
        }
        assertTrue(refused.getMessage().contains("JSON"));
    }

    /** It became an object without fields, or could not be written at all. */
    @Test
    void content_within_a_value_is_written_as_it_is() {
        Content inner = Content.ofJson("{\"n\":1.10}");
        assertEquals(
                "[{\"n\":1.10},null]",
                Content.of(java.util.Arrays.asList(inner, null)).json());
        assertEquals("{\"k\":{\"n\":1.10}}", Content.of(Map.of("k", inner)).json());
        assertEquals(
                "{\"inner\":{\"n\":1.10},\"n\":1}",
                Content.of(new Holder(inner, 1)).json());
    }

    /** A record with content in it. */
    record Holder(Content inner, int n) {}

    /** What a log shows of a failure quoted what a client had sent. */
    @Test
    void no_failure_quotes_the_content() {
        for (String text :
                new String[] {"secret", "{\"a\":secret}", "\"secret\" \"more\"", "{\"secret\":1,\"secret\":2}", ""}) {
            assertNoSecret(assertThrows(IllegalArgumentException.class, () -> Content.ofJson(text)));
        }
        Content content = Content.ofJson("{\"n\":\"secret\",\"inner\":null}");
        for (Class<?> type : new Class<?>[] {Holder.class, Integer.class, java.util.List.class}) {
            assertNoSecret(assertThrows(IllegalArgumentException.class, () -> content.as(type)));
        }
    }

    private static void assertNoSecret(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertFalse(trace.toString().contains("secret"), trace.toString());
    }
}

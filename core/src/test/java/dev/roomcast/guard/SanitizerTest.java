package dev.roomcast.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.message.Content;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SanitizerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "tab\tnewline\nreturn\r",
                "<b>markup</b> & \"quotes\" 'too'",
                "if (a < b && c > d) { return x; }",
                "👩\u200D👩\u200D👧 🏳️\u200D🌈 🇩🇪",
                "نص \u2068isolated\u2069 \u200Fmark",
                "e\u0301 ü \u00AD \u2028 \u00A0",
                "\uFEFF",
            })
    void text_leaves_what_a_reader_sees(String text) {
        assertSame(text, Sanitizer.text().clean(text));
    }

    @Test
    void text_drops_controls_overrides_and_halves_of_characters() {
        assertEquals("abc", Sanitizer.text().clean("a\u0000b\u001B\u007F\u0085c"));
        assertEquals("exe.gpj", Sanitizer.text().clean("\u202Eexe.gpj\u202C"));
        assertEquals("ab", Sanitizer.text().clean("a\u202A\u202B\u202Db"));
        assertEquals("x😀y", Sanitizer.text().clean("x\uD83D😀\uDE00y"));
    }

    @Test
    void content_that_needs_nothing_is_the_same_object() {
        for (String json : new String[] {"1.10", "[ 1, \"a\" ]", "{\"a\":\"\\n\"}", "\"\\u00fc\"", "null"}) {
            Content content = Content.ofJson(json);
            assertSame(content, Sanitizer.text().clean(content));
        }
    }

    @Test
    void every_string_and_key_is_reached_and_numbers_keep_their_digits() {
        Content content = Content.ofJson(
                "{ \"k\\u0000ey\" : [ \"a\\u202eb\", {\"n\": 1.100, \"big\": 12345678901234567890.10e400} ] }");
        assertEquals(
                "{\"key\":[\"ab\",{\"n\":1.100,\"big\":12345678901234567890.10e400}]}",
                Sanitizer.text().clean(content).json());
    }

    /** A hub may allow any depth; beyond 1,000 content with something to clean was refused for keys it did not have. */
    @Test
    void content_may_be_as_deep_as_one_likes() {
        Content content = Content.ofCheckedJson("[".repeat(5_000) + "\"a\\u0000\"" + "]".repeat(5_000));
        assertEquals(
                "[".repeat(5_000) + "\"a\"" + "]".repeat(5_000),
                Sanitizer.text().clean(content).json());
    }

    @Test
    void keys_that_become_the_same_are_refused() {
        Content content = Content.ofJson("{\"a\":1,\"a\\u0000\":2}");
        assertThrows(IllegalArgumentException.class, () -> Sanitizer.text().clean(content));
    }

    @Test
    void escape_makes_markup_readable() {
        assertEquals("&lt;b&gt;a &amp; b&lt;/b&gt;", Sanitizer.escapeHtml().clean("<b>a & b</b>"));
        assertEquals(
                "{\"&lt;k&gt;\":\"&lt;v&gt;\"}",
                Sanitizer.escapeHtml()
                        .clean(Content.ofJson("{\"<k>\":\"<v>\"}"))
                        .json());
    }

    @Test
    void safe_html_keeps_formatting_and_drops_the_rest() {
        String clean = Sanitizer.safeHtml()
                .clean("<b>bold</b><script>x</script><img src=x onerror=y><a href=\"javascript:z\">l</a>");
        assertEquals("<b>bold</b>l", clean);
    }

    @Test
    void two_keys_that_become_one_are_refused_wherever_they_stand_and_are_not_quoted() {
        for (String json : new String[] {
            "{\"secret\":1,\"secret\\u0000\":2}",
            "{\"secret\\u202e\":1,\"secret\":2}",
            "[{\"a\":{\"b\":0,\"secret\":1,\"\\u0001secret\":[]}}]"
        }) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> Sanitizer.text().clean(Content.ofJson(json)));
            assertEquals("two keys became the same", refusal.getMessage());
            assertNull(refusal.getCause());
        }
        String apart = "[{\"a\\u0000\":1},{\"a\":{\"a\\u0000\":2}}]";
        assertEquals(
                "[{\"a\":1},{\"a\":{\"a\":2}}]",
                Sanitizer.text().clean(Content.ofJson(apart)).json());
        Sanitizer lower = Sanitizer.of(text -> text.toLowerCase(java.util.Locale.ROOT));
        assertThrows(IllegalArgumentException.class, () -> lower.clean(Content.ofJson("{\"A\":1,\"a\":2}")));
    }

    @Test
    void none_changes_nothing() {
        assertEquals("\u0000<b>", Sanitizer.none().clean("\u0000<b>"));
    }

    @Test
    void different_names_stay_different() {
        for (Sanitizer sanitizer :
                new Sanitizer[] {Sanitizer.text(), Sanitizer.escapeHtml(), Sanitizer.safeHtml(), Sanitizer.none()}) {
            assertFalse(sanitizer.cleanName("a<i>b").equals(sanitizer.cleanName("ab")));
            assertFalse(sanitizer.cleanName("a&lt;").equals(sanitizer.cleanName("a<")));
        }
        assertFalse(Sanitizer.safeHtml().cleanName("<script>").contains("<"));
    }

    @Test
    void cleaning_twice_changes_nothing_more() {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(12); c > 0; c--) {
                text.append(
                        (char) (random.nextInt(3) == 0 ? 0x2020 + random.nextInt(32) : 0xD7F0 + random.nextInt(0x820)));
            }
            String once = Sanitizer.text().clean(text.toString());
            assertSame(
                    once,
                    Sanitizer.text().clean(once),
                    () -> "of " + Content.of(text.toString()).json());
        }
    }
}

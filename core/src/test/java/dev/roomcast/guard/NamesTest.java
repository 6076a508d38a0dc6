package dev.roomcast.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    private static final int LONGEST = 255;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "Ann Example",
                " padded ",
                "room/1:2?x=y&z#f",
                "<b>\"quotes\"</b>",
                "ü日本語",
                "نص",
                "\uD83D\uDE00",
                "\uD83D\uDC69\u200D\uD83D\uDC67",
                "\u2068isolated\u2069",
                "\u200Fmark",
                "a\u00A0b",
                "e\u0301"
            })
    void visible_text_on_one_line_is_a_name(String name) {
        assertEquals(Optional.empty(), Names.fault(name, LONGEST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", " \n ", "\u2003"})
    void a_blank_is_no_name(String name) {
        assertEquals(Optional.of("is empty"), Names.fault(name, LONGEST));
    }

    /** Nobody could see who spoke, or that there was a second user of that look. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u200B",
                "\u3164",
                "\u115F\u1160",
                "\uFFA0",
                "\u2800",
                "\u00AD",
                "\u2060 \uFEFF",
                "\u2068\u2069",
                "\u0301",
                "\uFE0F",
                "\uDB40\uDC41"
            })
    void what_cannot_be_seen_is_no_name(String name) {
        assertTrue(Names.fault(name, LONGEST).isPresent());
        assertEquals(Optional.empty(), Names.fault(name + "a", LONGEST));
    }

    /** What stood behind the name, or before it, was shown in another order. */
    @ParameterizedTest
    @ValueSource(strings = {"a\u2066", "a\u2067b", "\u2068a", "a\u2069", "\u2069a\u2066", "\u2066a\u2067b\u2069"})
    void an_isolate_is_closed_within_the_name(String name) {
        assertEquals(Optional.of("has a bidirectional isolate that is not closed"), Names.fault(name, LONGEST));
    }

    @Test
    void isolates_may_nest() {
        assertEquals(Optional.empty(), Names.fault("\u2066a\u2067b\u2069\u2069", LONGEST));
    }

    @Test
    void a_name_has_a_longest_length() {
        assertEquals(Optional.empty(), Names.fault("n".repeat(LONGEST), LONGEST));
        assertEquals(Optional.of("is longer than 255 characters"), Names.fault("n".repeat(LONGEST + 1), LONGEST));
        assertEquals(Optional.empty(), Names.fault("n", 1));
        assertTrue(Names.fault("nn", 1).isPresent());
    }

    /** As Java and JavaScript count: an emoji is two. */
    @Test
    void characters_are_counted_as_java_and_javascript_count_them() {
        assertTrue(Names.fault("\uD83D\uDE00", 1).isPresent());
        assertEquals(Optional.empty(), Names.fault("\uD83D\uDE00", 2));
    }

    static Stream<String> hidden() {
        IntStream controls = IntStream.concat(IntStream.rangeClosed(0, 0x1F), IntStream.rangeClosed(0x7F, 0x9F));
        IntStream linesAndOverrides = IntStream.rangeClosed(0x2028, 0x202E);
        IntStream halves = IntStream.of(0xD800, 0xDBFF, 0xDC00, 0xDFFF);
        return IntStream.concat(IntStream.concat(controls, linesAndOverrides), halves)
                .mapToObj(c -> String.valueOf((char) c));
    }

    @ParameterizedTest
    @MethodSource("hidden")
    void what_hides_breaks_or_turns_a_line_is_refused_wherever_it_stands(String c) {
        for (String name : new String[] {c + "ab", "a" + c + "b", "ab" + c}) {
            Optional<String> fault = Names.fault(name, LONGEST);
            assertTrue(fault.isPresent());
            assertFalse(fault.get().contains(c), "what was sent is not repeated");
        }
    }
}

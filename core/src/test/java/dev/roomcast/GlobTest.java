package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "lobby, lobby, true",
        "lobby, lobbyx, false",
        "lobby, xlobby, false",
        "'', '', true",
        "'', a, false",
        "*, '', true",
        "*, anything, true",
        "doc-*, doc-, true",
        "doc-*, doc-1, true",
        "doc-*, adoc-1, false",
        "*-doc, a-doc, true",
        "*-doc, a-doc-doc, true",
        "*-doc, a-docs, false",
        "a*b*c, abc, true",
        "a*b*c, a-b-b-c, true",
        "a*b*c, acb, false",
        "a.c, abc, false",
        "**, x, true"
    })
    void a_star_is_any_characters_and_all_else_is_itself(String pattern, String name, boolean matches) {
        assertEquals(matches, new Glob(pattern).matches(name));
    }

    @Test
    void it_matches_what_the_regular_expression_does() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String pattern = letters(random, "ab*", 8);
            String name = letters(random, "ab\n", 12);
            String expression =
                    Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
            boolean expected =
                    Pattern.compile(expression, Pattern.DOTALL).matcher(name).matches();
            assertEquals(expected, new Glob(pattern).matches(name), () -> pattern + " and " + name);
        }
    }

    @Test
    void a_name_that_nearly_matches_in_many_ways_takes_no_time() {
        Glob glob = new Glob("a*a*a*a*a*a*a*a*b");
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            for (int i = 0; i < 1000; i++) {
                assertFalse(glob.matches("a".repeat(255)));
            }
        });
    }

    private static String letters(Random random, String of, int most) {
        return random.ints(random.nextInt(most), 0, of.length())
                .mapToObj(i -> of.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}

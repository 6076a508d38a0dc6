package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryStringTest {

    @Test
    void names_and_values_are_decoded() {
        assertEquals(
                Map.of("room", List.of("a b"), "user", List.of("Zoë & 世界"), "x y", List.of("=")),
                QueryString.parse("room=a+b&user=Zo%C3%AB%20%26%20%e4%b8%96%E7%95%8C&x%20y=="));
    }

    @Test
    void a_name_may_come_several_times_and_a_value_may_be_missing() {
        assertEquals(
                Map.of("tag", List.of("1", "2", ""), "bare", List.of("")), QueryString.parse("tag=1&tag=2&bare&&tag="));
    }

    @Test
    void no_query_has_no_parameters() {
        assertEquals(Map.of(), QueryString.parse(null));
        assertEquals(Map.of(), QueryString.parse(""));
        assertEquals(Map.of(), QueryString.parse("&&"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%",
                "a=%1",
                "a=%g0",
                "a=%-1",
                "a=%80",
                "a=%ed%a0%80",
                "a=%f4%90%80%80",
                "ä=1",
                "%=1",
                "a=\u0001",
                "a=\u007f",
                "a\tb"
            })
    void what_is_malformed_is_refused(String query) {
        assertThrows(IllegalArgumentException.class, () -> QueryString.parse(query));
    }

    /** Browsers leave these as they are. */
    @Test
    void what_browsers_do_not_escape_is_taken_as_it_is() {
        String query = "user=auth0|5f7c&room={a}^\\`";
        Map<String, List<String>> expected = Map.of("user", List.of("auth0|5f7c"), "room", List.of("{a}^\\`"));
        assertEquals(expected, QueryString.parse(query));
        assertEquals("user=auth0%7C5f7c&room=%7Ba%7D%5E%5C%60", QueryString.escaped(query));
        assertEquals(expected, QueryString.parse(QueryString.escaped(query)));
    }

    @Test
    void an_escaped_query_is_one_that_a_uri_takes() {
        for (char c = 1; c < 0x80; c++) {
            if (c != '%') {
                String escaped = QueryString.escaped("a" + c);
                assertEquals(escaped, URI.create("/?" + escaped).getRawQuery());
            }
        }
        assertEquals("a%20b=%zz", QueryString.escaped("a%20b=%zz"));
    }

    @Test
    void a_plus_is_a_space_in_forms_only() {
        assertEquals("a b", QueryString.decode("a+b", true));
        assertEquals("a+b", QueryString.decode("a+b", false));
    }
}

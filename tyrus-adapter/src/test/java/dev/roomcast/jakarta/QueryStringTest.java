package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
    @ValueSource(strings = {"a=%", "a=%1", "a=%g0", "a=%-1", "a=%80", "a=%ed%a0%80", "a=%f4%90%80%80", "ä=1", "%=1"})
    void what_is_malformed_is_refused(String query) {
        assertThrows(IllegalArgumentException.class, () -> QueryString.parse(query));
    }

    @Test
    void a_plus_is_a_space_in_forms_only() {
        assertEquals("a b", QueryString.decode("a+b", true));
        assertEquals("a+b", QueryString.decode("a+b", false));
    }
}

package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTest {

    private final Keys keys = new Keys("app:rooms");

    @Test
    void all_keys_of_a_room_share_its_hash_tag() {
        assertEquals("app:rooms:{lobby}:c", text(keys.channel("lobby")));
        assertEquals("app:rooms:{lobby}:m", text(keys.meta("lobby")));
        assertEquals("app:rooms:{lobby}:s", text(keys.stream("lobby")));
        assertEquals("app:rooms:{lobby}:p:1z", text(keys.producer("lobby", "1z")));
        assertEquals("app:rooms:{lobby}:d:u%3A1", text(keys.ids("lobby", "u:1")));
        assertEquals("app:rooms:{lobby}:a", text(keys.ids("lobby", null)));
    }

    @Test
    void what_means_something_to_redis_is_encoded() {
        assertEquals("app:rooms:{%7B%7D%2A%3A%25%20%C3%BC}:m", text(keys.meta("{}*:% ü")));
        assertEquals("app:rooms:{a-b_c.d~9}:m", text(keys.meta("a-b_c.d~9")));
        assertEquals("app:rooms:{}:m", text(keys.meta("")));
    }

    @Test
    void a_prefix_is_of_plain_characters() {
        for (String prefix : List.of("", "a b", "{a}", "a*", "ü")) {
            assertThrows(IllegalArgumentException.class, () -> new Keys(prefix), prefix);
        }
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }
}

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
        assertEquals("app:rooms:{lobby}:v", text(keys.revision("lobby")));
        assertEquals("app:rooms:{lobby}:u", text(keys.users("lobby")));
        assertEquals("app:rooms:{lobby}:g", text(keys.graces("lobby")));
        assertEquals("app:rooms:{lobby}:i:a-1", text(keys.connections("lobby", "a-1")));
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
    void what_belongs_to_no_room_has_a_hash_tag_of_its_own() {
        assertEquals("app:rooms:{*}:l", text(keys.leases()));
        assertEquals("app:rooms:{*}:f:a-1", text(keys.fence("a-1")));
        assertEquals("app:rooms:{*}:r:a-1", text(keys.rooms("a-1")));
        assertEquals("app:rooms:{*}:u:a-1", text(keys.usersOf("a-1")));
        assertEquals("app:rooms:{*u%3A1%7D}:w", text(keys.places("u:1}")));
        assertEquals("app:rooms:i:a-1", text(keys.inbox("a-1")));
        assertEquals("app:rooms:all", text(keys.everyone()));
    }

    /** Redis delivers what is published to all of its databases. */
    @Test
    void another_database_has_channels_of_its_own_under_the_same_keys() {
        Keys other = keys.in(7);
        assertEquals("app:rooms@7:{lobby}:c", text(other.channel("lobby")));
        assertEquals("app:rooms@7:i:a-1", text(other.inbox("a-1")));
        assertEquals("app:rooms@7:all", text(other.everyone()));
        assertEquals("app:rooms:{lobby}:m", text(other.meta("lobby")));
        assertEquals("app:rooms:{lobby}:c", text(other.in(0).channel("lobby")));
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

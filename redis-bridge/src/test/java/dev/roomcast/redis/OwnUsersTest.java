package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.redis.OwnUsers.Own;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnUsersTest {

    private final OwnUsers own = new OwnUsers();

    @Test
    void a_user_is_there_from_the_first_connection_to_the_last() {
        assertTrue(own.add("one", "c1", 5));
        assertFalse(own.add("one", "c2", 6));
        assertFalse(own.add("one", "c1", 7));
        own.settle("one", "c1");
        own.settle("one", "no such");
        own.settle("nobody", "c1");
        assertEquals(List.of(new Own("c1", 5, false), new Own("c2", 6, true)), own.of("one"));
        assertTrue(own.remove("one", "c1"));
        assertFalse(own.remove("one", "c1"));
        assertTrue(own.has("one"));
        assertTrue(own.remove("one", "c2"));
        assertFalse(own.has("one"));
        assertFalse(own.remove("one", "c2"));
        assertEquals(List.of(), own.of("one"));
        assertTrue(own.isEmpty());
    }

    @Test
    void who_is_in_doubt_is_told_once() {
        own.doubt("gone");
        own.doubt("gone");
        assertFalse(own.isEmpty());
        assertEquals(List.of("gone"), own.takeDoubtful());
        assertEquals(List.of(), own.takeDoubtful());
        assertTrue(own.isEmpty());
    }

    @Test
    void what_is_in_doubt_is_bounded() {
        for (int i = 0; i < 100_000; i++) {
            own.doubt("user " + i);
        }
        assertEquals(65_536, own.takeDoubtful().size());
    }

    @Test
    void everyones_turn_comes_once_in_a_round() {
        for (int i = 0; i < 105; i++) {
            own.add("user " + i, "c" + i, 1);
        }
        for (int round = 0; round < 3; round++) {
            List<String> seen = new ArrayList<>();
            for (int call = 0; call < 10; call++) {
                List<String> turn = own.takeTurn(10);
                assertTrue(turn.size() <= 11, turn::toString);
                seen.addAll(turn);
            }
            assertEquals(105, seen.size());
            assertEquals(Set.copyOf(own.all()), new HashSet<>(seen));
        }
        assertEquals(List.of(), new OwnUsers().takeTurn(10));
    }
}

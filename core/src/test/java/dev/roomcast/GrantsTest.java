package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.guard.Access;
import org.junit.jupiter.api.Test;

class GrantsTest {

    private final Grants grants = new Grants();

    @Test
    void an_answer_is_remembered_until_all_are_forgotten() {
        assertNull(grants.get("a"));
        grants.put("a", true, grants.generation());
        grants.put("b", false, grants.generation());
        assertEquals(true, grants.get("a"));
        assertEquals(false, grants.get("b"));
        grants.forget();
        assertNull(grants.get("a"));
    }

    @Test
    void an_answer_to_a_question_asked_before_the_forgetting_is_not_remembered() {
        int asked = grants.generation();
        grants.forget();
        grants.put("a", true, asked);
        assertNull(grants.get("a"));
    }

    @Test
    void the_longest_unused_goes_first() {
        for (int i = 0; i < Access.REMEMBERED; i++) {
            grants.put("key " + i, true, 0);
        }
        assertEquals(true, grants.get("key 0"));
        grants.put("one more", true, 0);
        assertEquals(true, grants.get("key 0"));
        assertNull(grants.get("key 1"));
    }
}

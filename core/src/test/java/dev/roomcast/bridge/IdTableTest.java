package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdTableTest {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final IdTable ids = new IdTable(new LocalMemory(Bridge.Memory.DEFAULT));
    private long offset;

    @Test
    void a_free_id_is_nobodys_and_a_used_one_has_the_first_position() {
        Message message = named("one", "i", "a");
        assertNull(ids.claim(message, 0));
        Position first = use(message, 0);
        IdTable.Entry known = ids.claim(message, 1);
        assertNotNull(known);
        assertEquals(first, known.position());
    }

    @Test
    void the_same_id_of_another_user_and_of_nobody_is_another() {
        use(named("one", "i", "a"), 0);
        assertNull(ids.claim(named("two", "i", "a"), 0));
        assertNull(ids.claim(named(null, "i", "a"), 0));
        use(named(null, "i", "a"), 0);
        assertNotNull(ids.claim(named(null, "i", "a"), 0));
    }

    @Test
    void another_content_or_another_type_is_a_conflict() {
        use(named("one", "i", "a"), 0);
        assertEquals(
                BridgeException.Reason.ID_CONFLICT,
                refused(named("one", "i", "b"), 1).reason());
        Message otherType = Message.of("move", "a").in("r", 1).from("one").id("i");
        assertEquals(BridgeException.Reason.ID_CONFLICT, refused(otherType, 1).reason());
    }

    @Test
    void an_id_is_free_again_after_five_minutes_and_not_before() {
        Message message = named("one", "i", "a");
        use(message, 0);
        assertNotNull(ids.claim(message, IdTable.AGE.toNanos() - 1));
        assertNull(ids.claim(message, IdTable.AGE.toNanos()));
        assertTrue(ids.isEmpty());
    }

    @Test
    void a_repeat_does_not_make_it_last_longer() {
        Message message = named("one", "i", "a");
        use(message, 0);
        ids.claim(message, 4 * MINUTE);
        assertNull(ids.claim(message, 5 * MINUTE));
    }

    @Test
    void each_user_has_4096_ids_and_none_is_forgotten_early() {
        for (int i = 0; i < IdTable.PER_USER; i++) {
            assertNull(ids.claim(named("one", "i" + i, "a"), i));
            use(named("one", "i" + i, "a"), i);
        }
        assertEquals(
                BridgeException.Reason.TOO_MANY_IDS,
                refused(named("one", "more", "a"), 4096).reason());
        assertNotNull(ids.claim(named("one", "i0", "a"), 4096));
        assertNull(ids.claim(named("two", "more", "a"), 4096));
        assertNull(ids.claim(named("one", "more", "a"), IdTable.AGE.toNanos()));
    }

    /** It was told when the oldest id of anybody expires, which frees none of this user's. */
    @Test
    void a_user_who_has_none_left_is_told_when_the_oldest_of_its_own_expires() {
        use(named("another", "i", "a"), 0);
        for (int i = 0; i < IdTable.PER_USER; i++) {
            use(named("one", "i" + i, "a"), 4 * MINUTE + i);
        }
        Duration wait = refused(named("one", "more", "a"), 4 * MINUTE + 5_000).retryAfter();
        assertEquals(Duration.ofNanos(5 * MINUTE - 5_000), wait);
        assertNull(ids.claim(named("one", "more", "a"), 4 * MINUTE + 5_000 + wait.toNanos()));
    }

    @Test
    void the_table_is_empty_when_all_have_expired() {
        use(named("one", "i", "a"), 0);
        use(named("two", "i", "a"), MINUTE);
        assertFalse(ids.forgetOld(5 * MINUTE));
        assertFalse(ids.isEmpty());
        assertTrue(ids.forgetOld(6 * MINUTE));
        assertTrue(ids.isEmpty());
    }

    private Position use(Message message, long now) {
        Position position = new Position("e", ++offset);
        ids.remember(message, position, now);
        return position;
    }

    private BridgeException refused(Message message, long now) {
        return assertThrows(BridgeException.class, () -> ids.claim(message, now));
    }

    private static Message named(String user, String id, String content) {
        return Message.chat(content).in("r", 1).from(user).id(id);
    }
}

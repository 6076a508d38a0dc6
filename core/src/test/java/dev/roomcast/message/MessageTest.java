package dev.roomcast.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MessageTest {

    private static final Position POSITION = new Position("k3x", 7);
    private static final Exclusion EXCLUSION = new Exclusion("c1", "ann");

    private static final List<Function<Message, Object>> PARTS = List.of(
            Message::room,
            Message::type,
            message -> String.valueOf(message.userId()),
            Message::content,
            Message::timestamp,
            message -> String.valueOf(message.id()),
            Message::isVolatile,
            message -> String.valueOf(message.exclusion()),
            message -> String.valueOf(message.position()));

    @Test
    void a_new_message_has_a_type_and_content_and_nothing_else() {
        Message message = Message.of("move", 1);
        assertEquals("move", message.type());
        assertEquals(Content.of(1), message.content());
        assertEquals("", message.room());
        assertEquals(0, message.timestamp());
        assertNull(message.userId());
        assertNull(message.id());
        assertFalse(message.isVolatile());
        assertNull(message.exclusion());
        assertNull(message.position());
    }

    @Test
    void chat_is_the_type_of_a_message_that_names_none() {
        assertEquals("chat", Message.chat("x").type());
        assertEquals(Message.CHAT, Message.chat(null).type());
        assertSame(Content.NULL, Message.chat(null).content());
    }

    @Test
    void each_copy_changes_what_it_names_and_keeps_the_rest() {
        Message full = Message.of("move", 1)
                .from("ann")
                .in("r", 5)
                .at(POSITION)
                .id("i")
                .asVolatile()
                .excluding(EXCLUSION);
        assertEquals(
                List.of("r", "move", "ann", Content.of(1), 5L, "i", true, EXCLUSION.toString(), POSITION.toString()),
                parts(full));

        assertChanges(full, message -> message.from("bob"), 2);
        assertChanges(full, message -> message.in("s", 6), 0, 4, 8);
        assertChanges(full, message -> message.content(Content.of(2)), 3);
        assertChanges(full, message -> message.id(null), 5);
        assertChanges(full, message -> message.excluding(null), 7);
        assertChanges(full, message -> message.at(POSITION.next()), 8);
        assertChanges(Message.chat(1), Message::asVolatile, 6);
    }

    @Test
    void a_copy_leaves_the_original_alone() {
        Message original = Message.chat(1);
        List<Object> before = parts(original);
        assertTrue(original.asVolatile().isVolatile());
        assertEquals("ann", original.from("ann").userId());
        assertEquals("r", original.in("r", 1).room());
        assertEquals(POSITION, original.at(POSITION).position());
        assertEquals(before, parts(original));
    }

    @Test
    void an_id_has_a_longest_length_in_bytes() {
        Message message = Message.chat(1);
        assertEquals("i".repeat(64), message.id("i".repeat(64)).id());
        assertEquals("ü".repeat(32), message.id("ü".repeat(32)).id());
        assertNull(message.id(null).id());
        assertThrows(IllegalArgumentException.class, () -> message.id("i".repeat(65)));
        assertThrows(IllegalArgumentException.class, () -> message.id("ü".repeat(33)));
    }

    @Test
    void its_content_stays_out_of_logs() {
        String shown = Message.chat("secret").in("r", 1).at(POSITION).toString();
        assertFalse(shown.contains("secret"));
        assertTrue(shown.contains("chat in r"), shown);
    }

    private static void assertChanges(Message before, UnaryOperator<Message> change, Integer... parts) {
        Message after = change.apply(before);
        for (int part = 0; part < PARTS.size(); part++) {
            boolean differs = !parts(before).get(part).equals(parts(after).get(part));
            assertEquals(List.of(parts).contains(part), differs, "part " + part + " of " + after);
        }
    }

    private static List<Object> parts(Message message) {
        return PARTS.stream().map(part -> part.apply(message)).toList();
    }
}

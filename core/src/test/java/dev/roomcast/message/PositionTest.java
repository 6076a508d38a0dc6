package dev.roomcast.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PositionTest {

    @Test
    void offsets_begin_before_the_first_message_and_count_up() {
        assertEquals(new Position("k3x", 1), new Position("k3x", 0).next());
        assertEquals(new Position("k3x", 42), new Position("k3x", 41).next());
    }

    @Test
    void an_offset_is_not_negative() {
        assertThrows(IllegalArgumentException.class, () -> new Position("k3x", -1));
        assertThrows(IllegalArgumentException.class, () -> new Position("k3x", Long.MAX_VALUE).next());
    }

    @Test
    void an_epoch_has_1_to_32_characters() {
        assertEquals(32, new Position("e".repeat(32), 0).epoch().length());
        assertThrows(IllegalArgumentException.class, () -> new Position("", 0));
        assertThrows(IllegalArgumentException.class, () -> new Position("e".repeat(33), 0));
    }

    @Test
    void positions_of_one_epoch_can_be_compared() {
        assertTrue(new Position("k3x", 41).comparableTo(new Position("k3x", 44)));
        assertFalse(new Position("k3x", 41).comparableTo(new Position("p0q", 41)));
        assertFalse(new Position("k3x", 41).comparableTo(new Position("K3X", 41)));
    }
}

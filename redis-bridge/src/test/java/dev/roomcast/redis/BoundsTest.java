package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What waits is bounded, and so is the sum of it. */
class BoundsTest {

    @Test
    void all_that_waits_takes_a_small_part_of_the_heap() {
        long pots = Publisher.MOST_BYTES + Passing.MOST_BYTES + Publisher.MOST_BYTES;
        assertTrue(pots <= 3 * Runtime.getRuntime().maxMemory() / 64);
        assertTrue(Publisher.MOST_BYTES <= 16 << 20);
    }

    @Test
    void what_rooms_hold_is_bounded_for_each_and_for_all() {
        HeldBudget budget = new HeldBudget(1600);
        assertTrue(budget.take(60, 0));
        assertTrue(budget.take(40, 60));
        assertFalse(budget.take(1, 100));
        for (int room = 1; room < 16; room++) {
            assertTrue(budget.take(100, 0));
        }
        assertFalse(budget.take(1, 0));
        budget.giveBack(100);
        assertTrue(budget.take(1, 0));
        assertEquals(1501, budget.taken());
    }

    /** Someone may come into rooms that are made up, and leave them, for as long as Redis is away. */
    @Test
    void rooms_that_nobody_is_in_any_more_are_remembered_up_to_a_bound() {
        OwnConnections own = new OwnConnections();
        for (int i = 0; i < OwnConnections.MOST_DOUBTFUL; i++) {
            own.doubt("room " + i);
        }
        assertFalse(own.takeForgotten());
        own.doubt("one more");
        own.add("here", "c1", "ann", null);
        own.doubt("here");
        assertEquals(OwnConnections.MOST_DOUBTFUL + 1, own.rooms().size());
        assertTrue(own.takeForgotten());
        assertFalse(own.takeForgotten());
    }
}

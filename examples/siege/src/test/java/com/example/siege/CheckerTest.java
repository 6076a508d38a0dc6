package com.example.siege;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CheckerTest {

    private final Checker checker = new Checker(1_000_000_000);

    private void sent(int... numbers) {
        for (int number : numbers) {
            checker.sent("ann", Set.of("ben"), number, false, 0);
        }
    }

    private void arrived(int... numbers) {
        for (int number : numbers) {
            checker.arrived("ann", "ben", number, 0);
        }
    }

    @Test
    void everything_once_and_in_order_is_no_fault() {
        sent(1, 2, 3);
        arrived(1, 2, 3);
        assertTrue(checker.isSettled());
        assertEquals(List.of(), checker.takeFaults());
        assertEquals(3, checker.arrivals());
    }

    @Test
    void a_lost_message_is_a_fault() {
        sent(1, 2);
        arrived(1);
        assertFalse(checker.isSettled());
        assertEquals(1, checker.takeFaults().size());
    }

    @Test
    void a_hole_is_a_fault() {
        sent(1, 2, 3);
        arrived(1, 3);
        assertEquals(1, checker.takeFaults().size());
    }

    @Test
    void a_message_that_comes_twice_is_a_fault() {
        sent(1, 2);
        arrived(1, 1, 2);
        assertEquals(1, checker.takeFaults().size());
    }

    @Test
    void wrong_order_is_a_fault() {
        sent(1, 2);
        arrived(2, 1);
        assertEquals(2, checker.takeFaults().size());
    }

    @Test
    void a_late_message_is_a_fault() {
        sent(1);
        checker.arrived("ann", "ben", 1, 1_000_000_001);
        assertEquals(1, checker.takeFaults().size());
        assertEquals(1_000, checker.takeLongest());
    }

    @Test
    void an_acknowledgement_that_is_missing_late_or_unasked_is_a_fault() {
        checker.sent("ann", Set.of(), 1, true, 0);
        assertFalse(checker.isSettled());
        assertEquals(1, checker.takeFaults().size());
        checker.sent("ann", Set.of(), 2, true, 0);
        checker.acknowledged("ann", 2, 2_000_000_000);
        checker.acknowledged("ann", 2, 2_000_000_000);
        assertEquals(2, checker.takeFaults().size());
    }

    @Test
    void faults_are_bounded_and_counted() {
        for (int i = 0; i < 25; i++) {
            checker.fault("fault " + i);
        }
        List<String> faults = checker.takeFaults();
        assertEquals(21, faults.size());
        assertEquals("and 5 faults more", faults.get(20));
    }
}

package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CheckerTest {

    private final Faults faults = new Faults();
    private final Checker checker = new Checker("u1", 4, 2, faults);
    private final Stamp stamp = new Stamp();
    private long offset;

    @Test
    void whatComesOnceAndInOrderIsNoFault() {
        for (int i = 1; i <= 100; i++) {
            assertTrue(hear(4, i));
            assertTrue(hear(5, i));
        }
        checker.assertEnd(4, 100);
        checker.assertEnd(5, 100);
        assertEquals(0, faults.count(), () -> faults.first().toString());
    }

    @Test
    void aGapIsFound() {
        hear(4, 1);
        hear(4, 3);
        assertFaults("u1: publisher 4: gap: 3 came after 1");
        hear(4, 4);
        assertEquals(1, faults.count());
    }

    @Test
    void aGapAtTheBeginningIsFound() {
        hear(5, 2);
        assertFaults("u1: publisher 5: gap: 2 came after 0");
    }

    @Test
    void aGapAtTheEndIsFound() {
        hear(4, 1);
        checker.assertEnd(4, 2);
        assertFaults("u1: publisher 4: gap at the end: the last that came is 1 of 2");
    }

    @Test
    void aDuplicateIsFoundAndNotCounted() {
        assertTrue(hear(4, 1));
        assertTrue(hear(4, 2));
        assertEquals(false, hear(4, 2));
        assertEquals(false, hear(4, 1));
        assertFaults(
                "u1: publisher 4: duplicate: 2 came again after 2", "u1: publisher 4: duplicate: 1 came again after 2");
    }

    @Test
    void twoThatWereSwappedAreFound() {
        hear(4, 1);
        hear(4, 3);
        hear(4, 2);
        hear(4, 4);
        assertFaults("u1: publisher 4: gap: 3 came after 1", "u1: publisher 4: order: 2 came after 3");
    }

    @Test
    void anOffsetThatGoesBackIsFound() {
        hear(4, 1);
        offset = 0;
        hear(4, 2);
        assertFaults("u1: order: offset 1 came after 1");
    }

    @Test
    void aServerWithoutOffsetsIsCheckedByItsSequencesAlone() {
        offset = -2;
        hear(4, 1);
        offset = -2;
        hear(4, 2);
        assertEquals(0, faults.count());
    }

    @Test
    void aMessageOfAnotherRoomIsFound() {
        assertEquals(false, hear(3, 1));
        assertEquals(false, hear(6, 1));
        assertEquals(2, faults.count());
        assertTrue(faults.first().get(0).contains("another room"));
    }

    @Test
    void membersThatSawPublishersInAnotherOrderDiffer() {
        Checker other = new Checker("u2", 4, 2, faults);
        hear(4, 1);
        hear(5, 1);
        set(5, 1);
        other.received(stamp);
        set(4, 1);
        other.received(stamp);
        assertEquals(0, faults.count());
        assertNotEquals(checker.order(), other.order());
    }

    @Test
    void ofManyFaultsTheFirstTenAreKept() {
        for (int i = 0; i < 1000; i++) {
            hear(4, 1);
        }
        assertEquals(999, faults.count());
        assertEquals(10, faults.first().size());
    }

    private boolean hear(int publisher, long sequence) {
        set(publisher, sequence);
        return checker.received(stamp);
    }

    private void set(int publisher, long sequence) {
        stamp.publisher = publisher;
        stamp.sequence = sequence;
        stamp.offset = ++offset;
    }

    private void assertFaults(String... expected) {
        assertEquals(List.of(expected), faults.first());
    }
}

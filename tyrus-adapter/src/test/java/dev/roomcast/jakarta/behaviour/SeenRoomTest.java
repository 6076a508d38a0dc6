package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.jakarta.behaviour.SeenRoom.Event;
import dev.roomcast.message.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checker finds what it is there to find. */
class SeenRoomTest {

    private static final Position START = at(0);

    private final Map<Position, String> truth = new HashMap<>(Map.of(at(1), "a", at(2), "b", at(3), "c"));

    private static Position at(long offset) {
        return new Position("e", offset);
    }

    private static Event said(long offset, String content) {
        return Event.said(at(offset), content);
    }

    private int faults(Event... events) {
        return SeenRoom.faults(START, List.of(events), truth).size();
    }

    @Test
    void everything_once_and_in_order_is_right() {
        assertEquals(0, faults(said(1, "a"), said(2, "b"), said(3, "c")));
    }

    @Test
    void a_loss_that_was_not_told_is_found() {
        assertEquals(1, faults(said(1, "a"), said(3, "c")));
    }

    @Test
    void a_loss_that_was_told_is_right() {
        assertEquals(0, faults(said(1, "a"), Event.gap(at(1), at(2)), said(3, "c")));
    }

    @Test
    void a_gap_that_begins_elsewhere_is_found() {
        assertEquals(1, faults(said(1, "a"), Event.gap(at(2), at(2)), said(3, "c")));
    }

    @Test
    void a_repetition_is_found() {
        assertEquals(1, faults(said(1, "a"), said(1, "a"), said(2, "b")));
    }

    @Test
    void another_order_is_found() {
        assertEquals(3, faults(said(2, "b"), said(1, "a"), said(3, "c")));
    }

    @Test
    void another_content_is_found() {
        assertEquals(1, faults(said(1, "a"), said(2, "x")));
    }

    @Test
    void what_stands_twice_is_found() {
        truth.put(at(4), "a");
        assertEquals(1, SeenRoom.doubles(truth).size());
        assertEquals(1, SeenRoom.collect(List.of(said(3, "z")), truth).size());
    }
}

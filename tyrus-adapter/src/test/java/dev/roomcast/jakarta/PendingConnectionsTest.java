package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingConnectionsTest {

    private final List<String> ended = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5;
    private final PendingConnections<String> pending = new PendingConnections<>(3, ended::add, () -> now);

    @Test
    void whoever_is_late_is_ended_once() {
        pending.await("a", 10);
        pending.await("b", 20);
        now += 9;
        pending.sweep();
        assertEquals(List.of(), ended);
        now += 1;
        pending.sweep();
        pending.sweep();
        assertEquals(List.of("a"), ended);
        assertEquals(1, pending.size());
    }

    @Test
    void the_next_step_has_a_deadline_of_its_own() {
        pending.await("a", 10);
        now += 9;
        pending.await("a", 10);
        now += 9;
        pending.sweep();
        assertEquals(List.of(), ended);
    }

    @Test
    void a_step_that_goes_on_has_not() {
        pending.awaitOnce("a", 10);
        now += 9;
        pending.awaitOnce("a", 10);
        now += 1;
        pending.sweep();
        assertEquals(List.of("a"), ended);
    }

    @Test
    void one_too_many_ends_the_one_that_has_waited_longest() {
        pending.await("a", 10);
        pending.await("b", 10);
        pending.await("c", 10);
        pending.await("a", 10);
        pending.await("d", 10);
        assertEquals(List.of("b"), ended);
        pending.remove("c");
        pending.await("e", 10);
        assertEquals(List.of("b"), ended);
        assertEquals(3, pending.size());
        assertEquals(1, pending.evicted());
    }
}

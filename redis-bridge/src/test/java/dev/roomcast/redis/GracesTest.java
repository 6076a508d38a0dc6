package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GracesTest {

    private final ManualTime time = new ManualTime();
    private final Graces graces = new Graces(time);
    private final List<String> done = new ArrayList<>();

    @Test
    void each_ends_in_its_turn_and_all_share_one_timer() {
        for (int i = 0; i < 1000; i++) {
            String name = "b" + i;
            graces.after(Duration.ofSeconds(10), graces.now(), () -> done.add(name));
        }
        graces.after(Duration.ofSeconds(5), graces.now(), () -> done.add("a"));
        graces.after(Duration.ofSeconds(15), graces.now(), () -> done.add("c"));
        assertEquals(1, time.pending());
        time.advance(Duration.ofSeconds(5));
        assertEquals(List.of("a"), done);
        assertEquals(1, time.pending());
        time.advance(Duration.ofSeconds(5));
        assertEquals(1001, done.size());
        assertEquals("b999", done.get(1000));
        time.advance(Duration.ofSeconds(5));
        assertEquals("c", done.get(1001));
        assertEquals(0, time.pending());
    }

    /** Each lost connection looked at its room when the first grace there was over, and again, and again. */
    @Test
    void a_room_is_looked_at_once_for_all_who_were_lost_before() {
        for (int i = 0; i < 1000; i++) {
            graces.look("r", Duration.ofSeconds(10), () -> done.add("r"));
        }
        graces.look("other", Duration.ofSeconds(10), () -> done.add("other"));
        time.advance(Duration.ofSeconds(10));
        assertEquals(List.of("r", "other"), done);
        graces.look("r", Duration.ofSeconds(1), () -> done.add("again"));
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("r", "other", "again"), done);
        assertEquals(0, time.pending());
    }

    /** Instances may have different graces. */
    @Test
    void an_earlier_look_does_not_wait_for_a_later_one() {
        graces.look("r", Duration.ofSeconds(10), () -> done.add("late"));
        graces.look("r", Duration.ofSeconds(1), () -> done.add("early"));
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("early"), done);
        time.advance(Duration.ofSeconds(9));
        assertEquals(List.of("early", "late"), done);
    }

    @Test
    void a_grace_counts_from_its_beginning() {
        long since = graces.now();
        time.advance(Duration.ofSeconds(4));
        graces.after(Duration.ofSeconds(5), since, () -> done.add("rest"));
        graces.after(Duration.ofSeconds(3), since, () -> done.add("over"));
        time.advance(Duration.ofMillis(999));
        assertEquals(List.of("over"), done);
        time.advance(Duration.ofMillis(1));
        assertEquals(List.of("over", "rest"), done);
    }

    @Test
    void what_is_done_may_ask_for_more() {
        graces.look(
                "r", Duration.ofSeconds(1), () -> graces.look("r", Duration.ofSeconds(1), () -> done.add("second")));
        graces.after(
                Duration.ofSeconds(1),
                graces.now(),
                () -> graces.after(Duration.ofSeconds(Long.MAX_VALUE), graces.now(), () -> done.add("never")));
        time.advance(Duration.ofSeconds(2));
        assertEquals(List.of("second"), done);
    }
}

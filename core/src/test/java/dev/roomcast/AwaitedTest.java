package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitedTest {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final List<String> over = new ArrayList<>();
    private final Awaited awaited = new Awaited(time, this::isOver);

    private void isOver() {
        over.addAll(awaited.over());
    }

    @Test
    void each_is_waited_for_and_all_share_one_timer() {
        for (int i = 0; i < 5; i++) {
            awaited.add("user " + i, GRACE);
            assertEquals(1, time.pending());
            time.advance(Duration.ofSeconds(1));
        }
        time.advance(Duration.ofSeconds(4));
        assertEquals(List.of(), over);
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("user 0"), over);
        assertEquals(1, time.pending());
        time.advance(Duration.ofSeconds(2));
        assertEquals(List.of("user 0", "user 1", "user 2"), over);
        time.advance(GRACE);
        assertEquals(5, over.size());
        assertEquals(0, time.pending());
    }

    @Test
    void after_the_last_it_begins_anew() {
        awaited.add("a", GRACE);
        time.advance(GRACE);
        awaited.add("b", GRACE);
        time.advance(GRACE);
        assertEquals(List.of("a", "b"), over);
    }

    @Test
    void a_grace_without_end_ends_never() {
        awaited.add("a", Duration.ofSeconds(Long.MAX_VALUE));
        awaited.add("b", Duration.ofSeconds(Long.MAX_VALUE));
        time.advance(Duration.ofDays(365));
        assertEquals(List.of(), over);
    }
}

package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffencesTest {

    /** It was a bucket that leaked: twice as many within the period went unnoticed. */
    @Test
    void so_many_within_the_period_are_too_many_however_they_are_spread() {
        Offences offences = new Offences(3, 60);
        assertFalse(offences.add(0));
        assertFalse(offences.add(59));
        assertFalse(offences.add(60));
        assertTrue(offences.add(118));
    }

    @Test
    void one_is_one_too_many_where_none_is_forgiven() {
        assertTrue(new Offences(1, 60).add(0));
        assertTrue(new Offences(0, 60).add(0));
    }

    @Test
    void a_bound_that_is_never_reached_costs_nothing() {
        Offences offences = new Offences(Integer.MAX_VALUE, 60);
        for (int i = 0; i < 1_000; i++) {
            assertFalse(offences.add(i));
        }
    }

    @Test
    void it_tells_what_counting_all_of_them_would() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int most = 2 + random.nextInt(20);
            Offences offences = new Offences(most, 100);
            List<Long> all = new ArrayList<>();
            long now = random.nextLong();
            for (int i = 0; i < 200; i++) {
                now += random.nextInt(15);
                all.add(now);
                long at = now;
                long within = all.stream().filter(moment -> at - moment < 100).count();
                assertEquals(within >= most, offences.add(now), "seed " + seed);
            }
        }
    }
}

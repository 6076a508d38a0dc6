package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Rate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllowanceTest {

    private static final long SECOND = 1_000_000_000;
    private static final long MILLI = 1_000_000;

    private final Allowance allowance = new Allowance(new Rate(100, 200), 0);

    @Test
    void a_burst_may_come_at_once_and_is_told_in_blocks_of_an_eighth() {
        int told = 0;
        for (int i = 0; i < 200; i++) {
            assertTrue(allowance.take(0).isZero());
            told += allowance.due();
        }
        assertFalse(allowance.take(0).isZero());
        assertEquals(200, told);
        assertEquals(0, allowance.due());
    }

    @Test
    void what_was_spent_elsewhere_is_paid_for_here_a_burst_in_debt_at_most() {
        allowance.pay(150, 0);
        assertEquals(50, taken(allowance, 0));
        allowance.pay(1_000_000, 0);
        assertEquals(0, taken(allowance, 2 * SECOND));
        assertEquals(100, taken(allowance, 3 * SECOND));
    }

    @Test
    void who_sends_less_than_an_eighth_of_the_rate_costs_no_signal() {
        for (int i = 0; i < 1000; i++) {
            assertTrue(allowance.take(80 * MILLI * i).isZero());
            assertEquals(0, allowance.due());
        }
    }

    @Test
    void a_rate_with_a_small_burst_is_not_told_message_by_message() {
        Allowance quick = new Allowance(new Rate(1000, 1), 0);
        int signals = 0;
        for (int i = 0; i < 1000; i++) {
            assertTrue(quick.take(i * MILLI).isZero());
            signals += quick.due() > 0 ? 1 : 0;
        }
        assertTrue(signals <= 8, signals + " signals");
        assertTrue(signals >= 6, signals + " signals");
    }

    /** Three instances, on each of which a user sends as fast as it is let, from the end of the burst on. */
    @Test
    void on_three_instances_a_user_gets_the_rate_and_two_eighths_at_most() {
        List<Allowance> instances = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            instances.add(new Allowance(new Rate(100, 200), 0));
        }
        int[] sent = new int[3];
        int before = 0;
        for (long now = 0; now < 30 * SECOND; now += MILLI) {
            if (now == 10 * SECOND) {
                before = sent[0] + sent[1] + sent[2];
            }
            for (int i = 0; i < 3; i++) {
                if (instances.get(i).take(now).isZero()) {
                    sent[i]++;
                }
                int due = instances.get(i).due();
                for (int other = 0; other < 3; other++) {
                    if (other != i && due > 0) {
                        instances.get(other).pay(due, now);
                    }
                }
            }
        }
        int inTwentySeconds = sent[0] + sent[1] + sent[2] - before;
        assertTrue(inTwentySeconds <= 20 * 125 + 30, inTwentySeconds + " messages");
        assertTrue(inTwentySeconds >= 20 * 95, inTwentySeconds + " messages");
    }

    private static int taken(Allowance allowance, long now) {
        int taken = 0;
        while (allowance.take(now).isZero()) {
            taken++;
        }
        return taken;
    }
}

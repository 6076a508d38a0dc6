package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.roomcast.redis.Passing.Mark;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted of volatile messages that Redis has not answered. */
class PassingTest {

    private final Passing passing = new Passing();

    @Test
    void it_is_bounded_in_number() {
        assertEquals(10_000, fill(1));
    }

    @Test
    void it_is_bounded_in_bytes() {
        assertEquals(16, fill(1 << 20));
    }

    /** Were only one in so many looked at, the ones behind it could fill the bound for ever. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 100_000, 1 << 20})
    void when_all_that_was_marked_is_answered_there_is_space(int most) {
        Random random = new Random(7);
        for (int round = 0; round < 1000; round++) {
            Mark last = null;
            for (int i = random.nextInt(100); i >= 0 && !passing.isFull(); i--) {
                Mark mark = passing.send(1 + random.nextInt(most));
                last = mark == null ? last : mark;
            }
            if (last != null) {
                passing.answered(last);
            }
            assertFalse(passing.isFull());
        }
    }

    @Test
    void an_answer_that_is_told_late_takes_nothing_back() {
        Mark first = passing.send(1 << 20);
        Mark second = passing.send(1 << 20);
        passing.answered(second);
        passing.answered(first);
        assertEquals(16, fill(1 << 20));
    }

    private int fill(int bytes) {
        int sent = 0;
        while (!passing.isFull()) {
            passing.send(bytes);
            sent++;
        }
        return sent;
    }
}

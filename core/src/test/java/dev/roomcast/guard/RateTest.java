package dev.roomcast.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    /** {@link System#nanoTime()} may start anywhere, also shortly before it overflows. */
    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MAX_VALUE, Long.MAX_VALUE - SECOND, Long.MIN_VALUE})
    void a_burst_may_come_at_once_and_then_one_token_after_the_other(long start) {
        Rate.Bucket bucket = new Rate(10, 3).bucket(start);
        for (int i = 0; i < 3; i++) {
            assertEquals(Duration.ZERO, bucket.take(start));
        }
        assertEquals(Duration.ofMillis(100), bucket.take(start));
        assertEquals(Duration.ofMillis(60), bucket.take(start + 40 * MILLI));
        long almost = bucket.take(start + 100 * MILLI - 1).toNanos();
        assertTrue(almost == 1 || almost == 2, "rounding may cost a nanosecond: " + almost);
        assertEquals(Duration.ZERO, bucket.take(start + 100 * MILLI));
        assertEquals(Duration.ofMillis(100), bucket.take(start + 100 * MILLI));
        assertEquals(Duration.ZERO, bucket.take(start + 2 * SECOND));
    }

    @Test
    void a_refusal_takes_nothing() {
        Rate.Bucket bucket = new Rate(1, 1).bucket(0);
        assertEquals(Duration.ZERO, bucket.take(0));
        for (int i = 1; i <= 999; i++) {
            assertTrue(bucket.take(i * MILLI).compareTo(Duration.ZERO) > 0);
        }
        assertEquals(Duration.ZERO, bucket.take(SECOND));
    }

    @Test
    void a_bucket_holds_no_more_than_the_burst_however_long_it_rests() {
        Rate.Bucket bucket = new Rate(1_000, 2).bucket(0);
        long later = Duration.ofDays(100).toNanos();
        assertEquals(Duration.ZERO, bucket.take(later));
        assertEquals(Duration.ZERO, bucket.take(later));
        assertEquals(Duration.ofMillis(1), bucket.take(later));
    }

    @Test
    void buckets_do_not_share_tokens() {
        Rate rate = new Rate(1, 1);
        assertEquals(Duration.ZERO, rate.bucket(0).take(0));
        assertEquals(Duration.ZERO, rate.bucket(0).take(0));
    }

    @Test
    void less_than_one_per_second_works_too() {
        Rate.Bucket bucket = new Rate(0.1, 1).bucket(0);
        assertEquals(Duration.ZERO, bucket.take(0));
        assertEquals(Duration.ofSeconds(10), bucket.take(0));
        assertEquals(Duration.ZERO, bucket.take(10 * SECOND));
    }

    /**
     * In any window there are at most burst + rate × time, and who keeps coming gets that. From a burst of 2 on: a bucket for
     * one is full, and loses what comes, until the next message fetches its token.
     */
    @Test
    void in_the_long_run_the_rate_holds_whenever_they_come() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 50; run++) {
            Rate rate = new Rate(1 + random.nextInt(200), 2 + random.nextInt(50));
            Rate.Bucket bucket = rate.bucket(0);
            long nanos = 0;
            int taken = 0;
            for (int i = 0; i < 20_000; i++) {
                nanos += random.nextInt((int) (2 * MILLI));
                taken += bucket.take(nanos).isZero() ? 1 : 0;
            }
            double allowed = rate.burst() + rate.perSecond() * nanos / SECOND;
            assertTrue(taken <= allowed + 1e-3, taken + " > " + allowed + " of " + rate + ", seed " + seed);
            assertTrue(
                    taken >= allowed - rate.burst() - 1, taken + " << " + allowed + " of " + rate + ", seed " + seed);
        }
    }

    /** Give or take the nanosecond that rounding may cost: a client that waits as told is let in. */
    @Test
    void who_waits_as_long_as_it_is_told_is_let_in() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 20_000; run++) {
            Rate rate = new Rate(0.01 + random.nextDouble() * 1_000, 1 + random.nextInt(5));
            long nanos = random.nextInt();
            Rate.Bucket bucket = rate.bucket(nanos);
            Duration wait = bucket.take(nanos);
            while (wait.isZero()) {
                nanos += random.nextInt((int) MILLI);
                wait = bucket.take(nanos);
            }
            assertTrue(wait.toNanos() > 0);
            assertEquals(Duration.ZERO, bucket.take(nanos + wait.toNanos() + 1), () -> rate + ", seed " + seed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "50/s,        50,    100",
        "1/s,         1,     2",
        "600/m,       10,    20",
        "1/m,         0.016666666666666666, 1",
        "90/m,        1.5,   3",
        "7200/h,      2,     4",
        "1000/H,      0.2777777777777778, 1",
        "100/S,       100,   200",
        "999999999/s, 999999999, 1999999998"
    })
    void a_rate_is_read_from_text(String text, double perSecond, int burst) {
        assertEquals(new Rate(perSecond, burst), Rate.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "50",
                "/s",
                "50/",
                "50/d",
                "50 / s",
                " 50/s",
                "50/s ",
                "-1/s",
                "+1/s",
                "1.5/s",
                "1e3/s",
                "50/ms",
                "50/s/s",
                "0/s",
                "0/h",
                "1000000000/s",
                "\u0665/s",
                "50/s\n"
            })
    void what_is_not_a_rate_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Rate.parse(text));
    }

    @Test
    void both_numbers_are_checked() {
        for (double perSecond : new double[] {0, -0.0, -1, Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Rate(perSecond, 1));
        }
        for (int burst : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> new Rate(1, burst));
        }
    }

    @Test
    void the_default_is_50_per_second_and_100_at_once() {
        assertEquals(Rate.parse("50/s"), Rate.DEFAULT);
    }

    @Test
    void what_was_spent_elsewhere_is_taken_also_when_it_is_not_there_up_to_a_burst() {
        Rate.Bucket bucket = new Rate(10, 5).bucket(0);
        bucket.pay(4, 0);
        assertEquals(Duration.ZERO, bucket.take(0));
        bucket.pay(1_000_000, 0);
        assertEquals(Duration.ofMillis(600), bucket.take(0));
        assertEquals(Duration.ZERO, bucket.take(600_000_000));
    }
}

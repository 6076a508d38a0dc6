package dev.roomcast.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: anything between the shortest pause and a ceiling that doubles with each failure, so
 * that clients that were cut together do not come back together. Guarded by the session's lock.
 */
final class Backoff {

    /** Times the shortest pause, where the server asks for patience. */
    private static final int PATIENCE = 10;

    /** More doublings than any ceiling needs. */
    private static final int MOST_DOUBLINGS = 30;

    private final long shortest;
    private final long longest;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration shortest, Duration longest, RandomGenerator random) {
        this.shortest = shortest.toNanos();
        this.longest = longest.toNanos();
        this.random = random;
    }

    /** The next pause. */
    Duration next(boolean patient) {
        long least = Math.min(longest, patient ? shortest * PATIENCE : shortest);
        failures = Math.min(MOST_DOUBLINGS, failures + 1);
        double ceiling = Math.min((double) longest, (double) least * (1L << failures));
        return Duration.ofNanos(least + (long) (random.nextDouble() * (ceiling - least)));
    }

    /** How long a connection must have stood to count as a success: a server that flaps is not to be hammered. */
    Duration settled() {
        return Duration.ofNanos(longest / 2);
    }

    /** Whether nothing has failed since the last success. */
    boolean isUnused() {
        return failures == 0;
    }

    void succeeded() {
        failures = 0;
    }
}

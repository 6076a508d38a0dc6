package dev.roomcast.jakarta;

import java.util.function.LongSupplier;

/**
 * How many frames that say nothing may come within a second, counted from the first of them. Used by one thread at a time.
 */
final class FrameRate {

    private static final long SECOND = 1_000_000_000;

    private final int most;
    private final LongSupplier clock;

    private int count;
    private long since;

    /**
     * A rate of one client.
     *
     * @param most frames within a second
     * @param clock nanoseconds
     */
    FrameRate(int most, LongSupplier clock) {
        this.most = most;
        this.clock = clock;
    }

    /** Counts a frame; true if it is one too many. */
    boolean isExceeded() {
        long now = clock.getAsLong();
        if (count == 0 || now - since >= SECOND) {
            count = 0;
            since = now;
        }
        return ++count > most;
    }
}

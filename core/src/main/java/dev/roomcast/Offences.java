package dev.roomcast;

import java.util.Arrays;

/**
 * Tells when so many things have happened within a period, whenever it began: the moment of each is remembered until as many
 * came after it, in a ring that grows with what happens. Not thread-safe.
 */
final class Offences {

    private static final int FIRST = 4;

    private final int most;
    private final long period;
    private long[] moments = new long[0];
    private int count;
    private int next;

    /** {@code most} of them within {@code period} nanoseconds are too many. */
    Offences(int most, long period) {
        this.most = most;
        this.period = period;
    }

    /** One more has happened; true if that makes too many. */
    boolean add(long now) {
        if (most <= 1) {
            return true;
        }
        // The last most - 1, this one not among them.
        int remembered = most - 1;
        if (count < remembered) {
            if (count == moments.length) {
                moments = Arrays.copyOf(moments, (int) Math.min(remembered, Math.max(FIRST, 2L * count)));
            }
            moments[count++] = now;
            return false;
        }
        long oldest = moments[next];
        moments[next] = now;
        next = next + 1 == remembered ? 0 : next + 1;
        return now - oldest < period;
    }
}

package dev.roomcast.bridge;

import java.time.Duration;

/**
 * How much of a room is kept for those who come back. The first limit that is hit drops the oldest messages.
 *
 * @param messages how many messages at most, 256 by default; 0 keeps none
 * @param age how old at most, 5 min by default
 * @param bytes how many bytes of content at most, 1 MiB by default
 */
public record HistoryLimits(int messages, Duration age, long bytes) {

    /** 256 messages, 5 minutes, 1 MiB. */
    public static final HistoryLimits DEFAULT = new HistoryLimits(256, Duration.ofMinutes(5), 1 << 20);

    /**
     * Checks the limits.
     *
     * @param messages not negative
     * @param age not negative
     * @param bytes not negative
     * @throws IllegalArgumentException if one of them is negative
     */
    public HistoryLimits {
        if (messages < 0 || bytes < 0 || age.isNegative()) {
            throw new IllegalArgumentException("history limits are not negative");
        }
    }
}

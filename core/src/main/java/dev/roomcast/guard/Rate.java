package dev.roomcast.guard;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many messages may come: so many per second on average, and so many at once. A token bucket: it holds {@code burst}
 * tokens, gets {@code perSecond} new ones each second, and each message takes one.
 *
 * @param perSecond messages per second in the long run, more than 0
 * @param burst messages that may come at once, at least 1
 */
public record Rate(double perSecond, int burst) {

    /** 50 messages per second, 100 at once. */
    public static final Rate DEFAULT = new Rate(50, 100);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})/(s|m|h)");

    /**
     * Checks both numbers.
     *
     * @param perSecond more than 0
     * @param burst at least 1
     * @throws IllegalArgumentException if one of them is too small
     */
    public Rate {
        if (!(perSecond > 0) || Double.isInfinite(perSecond) || burst < 1) {
            throw new IllegalArgumentException("a rate is more than 0 per second, with a burst of at least 1");
        }
    }

    /**
     * Reads a rate such as {@code 50/s}, {@code 600/m} or {@code 1000/h}. The burst is what comes in two seconds, at
     * least 1.
     *
     * @param text the rate
     * @return the rate
     * @throws IllegalArgumentException if the text is not a rate
     */
    public static Rate parse(String text) {
        Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a rate such as 50/s: " + text);
        }
        double seconds = switch (matcher.group(2)) {
            case "h" -> 3600;
            case "m" -> 60;
            default -> 1;
        };
        double perSecond = Integer.parseInt(matcher.group(1)) / seconds;
        return new Rate(perSecond, (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.ceil(2 * perSecond))));
    }

    /**
     * A full bucket. Not safe for use by several threads at once.
     *
     * @param nanos the time now
     * @return a new bucket
     */
    public Bucket bucket(long nanos) {
        return new Bucket(this, nanos);
    }

    /** The tokens of one sender. Not safe for use by several threads at once. */
    public static final class Bucket {

        private final Rate rate;
        private double tokens;
        private long filledAt;

        private Bucket(Rate rate, long nanos) {
            this.rate = rate;
            this.tokens = rate.burst;
            this.filledAt = nanos;
        }

        /**
         * Takes a token.
         *
         * @param nanos the time now, never earlier than in the call before
         * @return zero if there was a token; otherwise how long until there is one, and nothing was taken
         */
        public Duration take(long nanos) {
            fill(nanos);
            if (tokens >= 1) {
                tokens -= 1;
                return Duration.ZERO;
            }
            return Duration.ofNanos((long) Math.ceil((1 - tokens) / rate.perSecond * 1e9));
        }

        /**
         * Takes tokens that were spent elsewhere, whether they are there or not: at most a burst is owed.
         *
         * @param count how many, not negative
         * @param nanos the time now, never earlier than in the call before
         */
        public void pay(int count, long nanos) {
            fill(nanos);
            tokens = Math.max(-rate.burst, tokens - count);
        }

        /**
         * How long until the bucket is as good as a new one, if nothing is taken meanwhile.
         *
         * @param nanos the time now, never earlier than in the call before
         * @return zero if it holds a whole burst
         */
        public Duration untilFull(long nanos) {
            fill(nanos);
            return Duration.ofNanos((long) Math.ceil((rate.burst - tokens) / rate.perSecond * 1e9));
        }

        private void fill(long nanos) {
            tokens = Math.min(rate.burst, tokens + (nanos - filledAt) / 1e9 * rate.perSecond);
            filledAt = nanos;
        }
    }
}

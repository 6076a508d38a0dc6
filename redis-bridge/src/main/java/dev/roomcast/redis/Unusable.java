package dev.roomcast.redis;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what came from Redis and was not used: garbage, envelopes of a later version or too big, batches that fit nowhere.
 * Whoever may write to Redis can send them as fast as they like, so only one in a thousand is logged. Safe for use by any
 * thread.
 */
final class Unusable {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");
    private static final int LOG_EVERY = 1000;

    private final LongAdder count = new LongAdder();
    private long loggedAt = -LOG_EVERY;

    void add(long envelopes) {
        if (envelopes > 0) {
            count.add(envelopes);
            log();
        }
    }

    private synchronized void log() {
        long now = count.sum();
        if (now - loggedAt >= LOG_EVERY) {
            loggedAt = now;
            LOG.log(System.Logger.Level.WARNING, "What came from Redis cannot be used ({0} envelopes so far)", now);
        }
    }

    long sum() {
        return count.sum();
    }
}

package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.time.Duration;

/**
 * What one user may still send, all connections and all instances together.
 *
 * <p>Each instance has a bucket for the user, of the whole rate, and no message waits for another instance. The instances
 * tell each other what was spent, in blocks, and each takes that out of its own bucket, into debt if need be. So one idle
 * connection elsewhere takes nothing from a busy one, and messages that are sent on several instances pay on all of them.
 *
 * <p>A block is an eighth of the burst (or of what comes in a second, if that is more), so telling costs one signal for that
 * many messages. An eighth of the rate goes untold, so that who sends little costs nothing. In the long run a user on
 * {@code k} instances therefore gets the rate times {@code 1 + (k - 1) / 8} at most; for a moment, the burst on each.
 *
 * <p>Safe for use by any thread; guarded by {@code this}.
 */
final class Allowance {

    private static final int SHARE = 8;

    private final double untoldPerNano;
    private final int block;

    // Guarded by this.
    private final Rate.Bucket bucket;
    private double spent;
    private long countedAt;

    Allowance(Rate rate, long now) {
        bucket = rate.bucket(now);
        untoldPerNano = rate.perSecond() / SHARE / 1e9;
        block = (int) Math.max(1, Math.max(rate.burst(), Math.min(rate.perSecond(), Integer.MAX_VALUE)) / SHARE);
        countedAt = now;
    }

    /** Takes a token; zero, or how long until there is one. */
    synchronized Duration take(long now) {
        Duration wait = bucket.take(now);
        if (wait.isZero()) {
            spent = Math.max(0, spent - (now - countedAt) * untoldPerNano) + 1;
            countedAt = now;
        }
        return wait;
    }

    /** How much was spent here that other instances are to be told of now; 0 while it is no block. */
    synchronized int due() {
        if (spent < block) {
            return 0;
        }
        spent -= block;
        return block;
    }

    /** Whether it is as good as new. */
    synchronized boolean isFull(long now) {
        return bucket.untilFull(now).isZero();
    }

    /** Pays for what was spent on another instance. */
    synchronized void pay(int messages, long now) {
        bucket.pay(messages, now);
    }
}

package dev.roomcast.redis;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This instance as the one that publishes: a random number that no other instance has, and what is counted under it. Safe
 * for use by any thread.
 */
final class Producer {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final long id = RANDOM.nextLong();
    private final byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    private final String name = Long.toUnsignedString(id, 36);
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLong epochs = new AtomicLong();

    long id() {
        return id;
    }

    /** The number as eight bytes; not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    String name() {
        return name;
    }

    /** A name for this instance that was never used. */
    String nextInstance() {
        return nextEpoch();
    }

    /** The number of the next batch, over all rooms. */
    long nextSequence() {
        return sequence.incrementAndGet();
    }

    /** An epoch that was never used: at most 13 + 1 + 13 characters. */
    String nextEpoch() {
        return name + '-' + Long.toUnsignedString(epochs.incrementAndGet(), 36);
    }
}

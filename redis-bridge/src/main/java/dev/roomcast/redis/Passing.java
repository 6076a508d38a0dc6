package dev.roomcast.redis;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The volatile messages that were sent on one connection and not yet answered, which wait in Lettuce's queue when Redis is
 * slower than those who publish. Redis answers in order, so the answer of one in many is enough to know of the others: an
 * object for each costs as much again as the message. Safe for use by any thread.
 */
final class Passing {

    static final int MOST_MESSAGES = 10_000;
    static final long MOST_BYTES = Publisher.MOST_BYTES;

    private static final int MARK_ONE_IN = 64;

    /** Large ones are marked more often: those behind the last mark count as unanswered until the next one is answered. */
    private static final int MARK_BYTES = 64 * 1024;

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong answeredBytes = new AtomicLong();

    /** How much had been sent with one message, itself included. */
    record Mark(long messages, long bytes) {}

    /** Whether too much waits for another one to be sent. */
    boolean isFull() {
        return sent.get() - answered.get() >= MOST_MESSAGES || sentBytes.get() - answeredBytes.get() >= MOST_BYTES;
    }

    /** Counts a message that is about to be sent; a mark if its answer is to be told. */
    @Nullable
    Mark send(int bytes) {
        long messages = sent.incrementAndGet();
        long all = sentBytes.addAndGet(bytes);
        boolean isMarked = messages % MARK_ONE_IN == 0 || all / MARK_BYTES != (all - bytes) / MARK_BYTES;
        return isMarked ? new Mark(messages, all) : null;
    }

    void answered(Mark mark) {
        answered.accumulateAndGet(mark.messages, Math::max);
        answeredBytes.accumulateAndGet(mark.bytes, Math::max);
    }
}

package dev.roomcast.redis;

import dev.roomcast.message.Message;
import dev.roomcast.redis.Envelope.Batch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much the rooms of this instance hold together of what came too early, while they read what is before it. What does not
 * fit is read with the rest: the stream has it. Safe for use by any thread.
 */
final class HeldBudget {

    /** No room takes more of it. */
    private static final int MOST_ROOMS_SHARE = 16;

    /** What a message costs beside its content, about. */
    private static final int BYTES_PER_MESSAGE = 256;

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    HeldBudget() {
        this(Publisher.MOST_BYTES);
    }

    HeldBudget(long most) {
        this.most = most;
    }

    /** Takes something for a room that has so much by now; false if it does not fit. */
    boolean take(long bytes, long has) {
        if (has + bytes > most / MOST_ROOMS_SHARE) {
            return false;
        }
        if (taken.addAndGet(bytes) > most) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes that are held. */
    long taken() {
        return taken.get();
    }

    static long sizeOf(Batch batch) {
        long size = 0;
        for (Message message : batch.messages()) {
            size += message.content().size() + BYTES_PER_MESSAGE;
        }
        return size;
    }
}

package dev.roomcast.redis;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the failure of one part from the others: of one room from the rooms after it in a beat, of one message from the
 * connection that brought it. The first failure and one in a thousand are logged.
 */
final class Guarded {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");
    private static final int LOGGED_ONE_IN = 1000;
    private static final AtomicLong FAILURES = new AtomicLong();

    private Guarded() {}

    /** Runs a part; true if it did not fail. */
    static boolean run(Runnable part) {
        try {
            part.run();
            return true;
        } catch (RuntimeException | Error e) {
            long before = FAILURES.getAndIncrement();
            if (before % LOGGED_ONE_IN == 0) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "A part of the bridge failed and is tried again; the " + (before + 1) + ". time",
                        e);
            }
            return false;
        }
    }
}

package dev.roomcast.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Carries out, outside of the session's lock, what was decided under it, in the order of the decisions: whoever finds nobody
 * at it does all there is. Holds no more than the threads that are in the session at this moment have decided.
 */
final class Outputs {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.client");

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();

    /** Called under the session's lock. */
    void add(Runnable output) {
        waiting.add(output);
    }

    /** Called without it. */
    void run() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                try {
                    next.run();
                } catch (Throwable e) {
                    LOG.log(System.Logger.Level.ERROR, "A step of the client failed", e);
                }
            }
            seen = work.addAndGet(-seen);
        }
    }
}

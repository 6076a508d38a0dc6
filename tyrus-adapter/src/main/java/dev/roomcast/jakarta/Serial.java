package dev.roomcast.jakarta;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time in the order in which they came. Who finds it idle runs its own task, and then what others have
 * added meanwhile; who finds it busy only adds. Never blocks by itself.
 *
 * <p>A container delivers the messages of a connection one by one, but reports its end from whatever thread saw it, also in
 * the middle of a message. The hub is promised one call at a time, so all of them go through here.
 */
final class Serial {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    void run(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() > 0) {
            return;
        }
        do {
            runGuarded(tasks.remove());
        } while (waiting.decrementAndGet() > 0);
    }

    private static void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "An event of a connection failed", e);
        }
    }
}

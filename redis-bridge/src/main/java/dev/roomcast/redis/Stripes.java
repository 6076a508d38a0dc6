package dev.roomcast.redis;

import dev.roomcast.log.FaultLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads on which the bridge's stages complete, so that what a host hangs on them never runs on a thread of the
 * connection. What belongs to one room completes in order. What waits is bounded by what the bridge lets wait. The threads
 * are daemons and end when idle.
 */
final class Stripes implements AutoCloseable {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.redis"));
    private static final int COUNT = 4;

    private final List<ThreadPoolExecutor> stripes = new ArrayList<>();

    Stripes() {
        for (int i = 0; i < COUNT; i++) {
            String name = "roomcast-redis-" + i;
            ThreadPoolExecutor stripe =
                    new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                        Thread thread = new Thread(task, name);
                        thread.setDaemon(true);
                        return thread;
                    });
            stripe.allowCoreThreadTimeOut(true);
            stripes.add(stripe);
        }
    }

    void execute(String room, Runnable task) {
        try {
            stripes.get(Math.floorMod(room.hashCode(), COUNT)).execute(() -> run(task));
        } catch (RejectedExecutionException closed) {
            // The threads of the connections have ended by now, so this one may be used.
            run(task);
        }
    }

    /** Runs what waits, and then ends the threads. */
    @Override
    public void close() {
        stripes.forEach(ThreadPoolExecutor::shutdown);
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            FAULTS.hostFault(System.Logger.Level.ERROR, "What waited for Redis failed", null, e);
        }
    }
}

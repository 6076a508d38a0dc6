package dev.roomcast.jakarta;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What may block in somebody else's container, on a few threads that end when there is nothing to do. The hub's own threads
 * must not wait: its timer pings everybody, and whoever delivers delivers to all.
 */
final class Errands implements Executor {

    private static final int THREADS = 8;
    private static final int MOST_WAITING = 10_000;
    private static final long IDLE_SECONDS = 5;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
                Thread thread = new Thread(task, "roomcast-errand");
                thread.setDaemon(true);
                return thread;
            });

    Errands() {
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs a task soon.
     *
     * @throws RejectedExecutionException if too many wait
     */
    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }
}

package dev.roomcast.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where the application is told, one thing after the other, on its own executor or on one thread of the client's, which is
 * there only while there is something to tell. What waits is bounded by who puts it here: one frame of the server with what
 * follows from it, as many answers as sends may wait, and one change of state.
 */
final class Desk {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.client");
    private static final long IDLE_SECONDS = 5;

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean finished;
    private final Executor executor;
    private final @Nullable ExecutorService own;

    Desk(@Nullable Executor executor, String threadName) {
        if (executor == null) {
            ExecutorService thread = oneThread(threadName);
            this.own = thread;
            this.executor = thread;
        } else {
            this.own = null;
            this.executor = executor;
        }
    }

    private static ExecutorService oneThread(String name) {
        ThreadPoolExecutor thread =
                new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread made = new Thread(task, name);
                    made.setDaemon(true);
                    return made;
                });
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }

    void execute(Runnable task) {
        if (finished) {
            return;
        }
        waiting.add(task);
        if (work.getAndIncrement() == 0) {
            try {
                executor.execute(this::run);
            } catch (RejectedExecutionException e) {
                // Nobody will be told anything any more.
                finished = true;
                waiting.clear();
                LOG.log(System.Logger.Level.WARNING, "The client's executor takes no more", e);
            }
        }
    }

    private void run() {
        int seen = work.get();
        while (seen != 0) {
            for (int i = 0; i < seen; i++) {
                Runnable next = waiting.poll();
                if (next != null) {
                    guarded(next);
                }
            }
            seen = work.addAndGet(-seen);
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "The application's listener failed", e);
        }
    }

    /** Behind what waits already. */
    void finish() {
        finished = true;
        if (own != null) {
            own.shutdown();
        }
    }
}

package dev.roomcast.client;

import dev.roomcast.time.Time;
import java.time.Duration;
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
 * follows from it, as many answers as sends may wait, and one change of state. An executor that is full for the moment is asked
 * again; one that was shut down is told nothing more.
 */
final class Desk {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.client");
    private static final long IDLE_SECONDS = 5;
    private static final Duration AGAIN = Duration.ofMillis(100);

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();
    private volatile boolean finished;

    /** Whether the executor has refused the last time; touched by whoever is to start it. */
    private volatile boolean isRefused;

    private final Executor executor;
    private final Time time;
    private final @Nullable ExecutorService own;

    Desk(@Nullable Executor executor, Time time, String threadName) {
        this.time = time;
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
            start();
        }
    }

    private void start() {
        try {
            executor.execute(this::run);
            isRefused = false;
        } catch (RejectedExecutionException e) {
            boolean isOver = finished || (executor instanceof ExecutorService service && service.isShutdown());
            if (!isRefused) {
                LOG.log(System.Logger.Level.WARNING, "The client's executor takes no more", e);
            }
            isRefused = true;
            if (isOver) {
                finished = true;
                waiting.clear();
            } else {
                time.after(AGAIN, this::start);
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

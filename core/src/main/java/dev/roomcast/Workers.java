package dev.roomcast;

import dev.roomcast.log.FaultLog;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads of the hub: daemon, as many as cores, started when needed and ended when idle. They take over what may not run
 * where it arose: a lane that a publisher has drained long enough, what an I/O or timer thread has appended, frames that waited
 * for an asynchronous step. Code of the host, which may block, has other threads of this kind, see {@link HostThreads}. The
 * queue is unbounded in form only: each lane, each connection and each room with news has at most one task in it.
 */
final class Workers implements Executor, AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");

    /** Of all hubs together: it bounds what is written to the log, which is one. */
    private static final FaultLog FAULTS = new FaultLog(LOG);

    private final ThreadPoolExecutor pool;
    private final int cores;

    Workers(String threadName, int cores) {
        this.cores = cores;
        int threads = Math.max(2, cores);
        AtomicInteger count = new AtomicInteger();
        pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new Worker(task, threadName, count.incrementAndGet()));
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs a task; one that throws is logged and ends no thread. After {@link #close} tasks are dropped. If there is no thread
     * and the system has none left this throws an error, and the task does not run.
     */
    @Override
    public void execute(Runnable task) {
        if (!offer(new Task(task, false))) {
            LOG.log(System.Logger.Level.DEBUG, "The hub is closed; a task was dropped");
        }
    }

    /**
     * Runs a short task that somebody waits for: on a thread of these; on the calling one once {@link #close} was called, or
     * if there is no thread to be had; and on the closing one if no time was left for it.
     */
    void executeSurely(Runnable task) {
        boolean taken = false;
        try {
            taken = offer(new Task(task, true));
        } catch (Throwable noThread) {
            FAULTS.fault(System.Logger.Level.ERROR, "No thread to be had; a task runs where it arose", null, noThread);
        }
        if (!taken) {
            guarded(task);
        }
    }

    private boolean offer(Task task) {
        try {
            pool.execute(task);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        } catch (Throwable noThread) {
            if (isLeftToOthers(task)) {
                return true;
            }
            throw noThread;
        }
    }

    /** Queues a task for which no thread could be started; false if there is none either that could take it. */
    private boolean isLeftToOthers(Task task) {
        // It may have been queued before that was found out.
        pool.remove(task);
        pool.getQueue().add(task);
        // The last thread may end right now: it looks into the queue after it has left the pool.
        boolean someoneLooks = pool.getPoolSize() > 0 && !pool.isShutdown();
        return someoneLooks || !pool.remove(task);
    }

    /** Whether the current thread belongs to a hub. */
    static boolean isWorker() {
        return Thread.currentThread() instanceof Worker;
    }

    /** Whether the current thread is one of these. */
    boolean isMine() {
        return Thread.currentThread() instanceof Worker worker && worker.isOf(this);
    }

    /** For tests. */
    void startThreadsWith(ThreadFactory factory) {
        pool.setThreadFactory(factory);
    }

    /** How many may work beside the one that asks. */
    int helpers() {
        return cores - 1;
    }

    /** Of this thread among its fellows; 0 for one that is none of them. */
    static int numberOfThread() {
        return Thread.currentThread() instanceof Worker worker ? worker.number : 0;
    }

    /** Whatever it throws: code of a host in another language throws checked exceptions, too. */
    static void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            FAULTS.hostFault(System.Logger.Level.ERROR, "A task of the hub failed", null, e);
        }
    }

    /** Ends the threads and waits for them, at most a second; one of them does not wait, for it would wait for itself. */
    @Override
    public void close() {
        shutdown();
        awaitEnd(TimeUnit.SECONDS.toNanos(1));
    }

    /** Takes no tasks any more. */
    void shutdown() {
        pool.shutdown();
    }

    /** Waits for what runs, so many nanoseconds, and drops the rest. One of these threads does not wait. */
    void awaitEnd(long nanos) {
        if (isMine()) {
            return;
        }
        try {
            boolean ended = pool.awaitTermination(nanos, TimeUnit.NANOSECONDS);
            if (!ended) {
                cut();
            }
        } catch (InterruptedException e) {
            cut();
            Thread.currentThread().interrupt();
        }
    }

    private void cut() {
        for (Runnable never : pool.shutdownNow()) {
            if (never instanceof Task task && task.isAwaited) {
                task.run();
            }
        }
    }

    private record Task(Runnable body, boolean isAwaited) implements Runnable {

        @Override
        public void run() {
            guarded(body);
        }
    }

    private final class Worker extends Thread {

        private final int number;

        Worker(Runnable task, String name, int number) {
            super(task, name + "-" + number);
            this.number = number;
            setDaemon(true);
        }

        boolean isOf(Workers workers) {
            return workers == Workers.this;
        }
    }
}

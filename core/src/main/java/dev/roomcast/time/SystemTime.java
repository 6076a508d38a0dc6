package dev.roomcast.time;

import dev.roomcast.log.FaultLog;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** {@link Time} of the machine: the JDK's clocks and one daemon thread. */
final class SystemTime implements Time {

    private static final FaultLog LOG = new FaultLog(System.getLogger("dev.roomcast.time"));
    private static final Timer NEVER = () -> {};

    private final ScheduledThreadPoolExecutor timers;

    SystemTime(String threadName) {
        timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        try {
            // Saturates: a delay of more than 292 years is as good as never.
            long nanos = TimeUnit.NANOSECONDS.convert(delay);
            Future<?> scheduled = timers.schedule(() -> run(task), nanos, TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return NEVER;
        }
    }

    @Override
    public int pending() {
        return timers.getQueue().size();
    }

    @Override
    public void close() {
        timers.shutdownNow();
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.hostFault(System.Logger.Level.ERROR, "A timer task failed", null, e);
        }
    }
}

package dev.roomcast.jakarta;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.nio.SelectorRunner;
import org.glassfish.grizzly.threadpool.DefaultWorkerThread;

/**
 * The threads of Grizzly's selectors, which it takes for immortal.
 *
 * <p>It catches what fails in a selector's loop and logs it. When there is no memory left the logging fails, too, and ends
 * the loop: the port accepts as before, and nobody is answered, for ever. Here the loop goes on where it stood. If it fails
 * again and again, or ends without having been told to, it is given up, and that is told.
 */
final class SelectorThreads extends ThreadPoolExecutor {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    /** Failures of one selector within a minute that it survives. */
    static final int MOST_FAILURES = 10;

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final Consumer<Throwable> ended;

    /**
     * So many threads, which begin with their selectors.
     *
     * @param ended told, on a selector's thread, that its selector has ended for good, and why
     */
    SelectorThreads(int count, Consumer<Throwable> ended) {
        super(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> thread("roomcast-selector", task));
        this.ended = ended;
    }

    /** Grizzly keeps its caches of objects with threads of this kind. */
    static Thread thread(String name, Runnable task) {
        return new DefaultWorkerThread(Grizzly.DEFAULT_ATTRIBUTE_BUILDER, name, null, task);
    }

    @Override
    public void execute(Runnable task) {
        super.execute(task instanceof SelectorRunner selector ? () -> run(selector) : task);
    }

    private void run(SelectorRunner selector) {
        long since = System.nanoTime();
        int failures = 0;
        Throwable cause = null;
        while (cause == null) {
            try {
                selector.run();
                cause = new IllegalStateException("a selector has ended");
            } catch (RuntimeException | Error failed) {
                if (System.nanoTime() - since > MINUTE) {
                    since = System.nanoTime();
                    failures = 0;
                }
                if (++failures > MOST_FAILURES) {
                    cause = failed;
                } else {
                    log(System.Logger.Level.ERROR, "A selector failed and goes on", failed);
                    // What it takes for a pause it goes on from.
                    selector.postpone();
                }
            }
        }
        if (!isShutdown()) {
            ended.accept(cause);
        }
    }

    private static void log(System.Logger.Level level, String message, Throwable failed) {
        try {
            LOG.log(level, message + ": {0}", LogText.of(failed));
        } catch (RuntimeException | Error noLog) {
            // There may be no memory for it.
        }
    }
}

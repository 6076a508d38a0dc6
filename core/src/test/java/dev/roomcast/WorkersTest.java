package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkersTest {

    /** As when the system has none left; another error than that, since the test engine ends with it. */
    static final ThreadFactory NO_THREAD = task -> {
        throw new InternalError("unable to create native thread");
    };

    private final Workers workers = new Workers("workers-test", 2);

    @AfterEach
    void close() {
        workers.close();
    }

    @Test
    void tasks_run_on_daemon_threads_that_bear_the_name() {
        Thread thread = run(Thread::currentThread);
        assertTrue(thread.isDaemon());
        assertTrue(thread.getName().startsWith("workers-test-"), thread.getName());
    }

    @Test
    void a_task_that_throws_ends_no_thread() {
        for (int i = 0; i < 20; i++) {
            workers.execute(() -> {
                throw new IllegalStateException("on purpose");
            });
            workers.execute(() -> {
                throw new AssertionError("on purpose");
            });
            // What Java calls checked, a host in another language throws all the same.
            workers.execute(() -> {
                throw Sneaky.raise(new java.io.IOException("on purpose"));
            });
        }
        assertEquals(
                "workers-test-1".length(), run(Thread::currentThread).getName().length());
    }

    @Test
    void what_was_taken_before_the_end_is_done_and_what_comes_after_is_dropped() {
        CompletableFuture<String> before = new CompletableFuture<>();
        CompletableFuture<String> after = new CompletableFuture<>();
        workers.execute(() -> before.complete("done"));
        workers.close();
        workers.execute(() -> after.complete("done"));
        assertTrue(before.isDone());
        assertFalse(after.isDone());
    }

    /** What a host waited for was dropped with the rest, and the host waited for ever. */
    @Test
    void what_somebody_waits_for_is_done_in_any_case() throws Exception {
        CountDownLatch began = new CountDownLatch(2);
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < threads; i++) {
            workers.execute(() -> {
                began.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        began.await();
        CompletableFuture<Thread> before = new CompletableFuture<>();
        CompletableFuture<Thread> after = new CompletableFuture<>();
        workers.executeSurely(() -> before.complete(Thread.currentThread()));
        workers.close();
        workers.executeSurely(() -> after.complete(Thread.currentThread()));
        assertEquals(Thread.currentThread(), before.getNow(null));
        assertEquals(Thread.currentThread(), after.getNow(null));
    }

    /** The error went to whoever had asked, and of the task nothing was left. */
    @Test
    void a_task_for_which_no_thread_can_be_started_is_done_by_those_that_there_are() throws Exception {
        Thread only = run(Thread::currentThread);
        CountDownLatch ends = new CountDownLatch(1);
        workers.startThreadsWith(NO_THREAD);
        workers.execute(() -> {
            try {
                ends.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        CompletableFuture<Thread> second = new CompletableFuture<>();
        workers.execute(() -> second.complete(Thread.currentThread()));
        ends.countDown();
        assertEquals(only, second.get(10, TimeUnit.SECONDS));
    }

    @Test
    void without_any_thread_a_task_is_refused_and_never_done_but_one_that_somebody_waits_for_is_done_at_once() {
        CompletableFuture<Thread> refused = new CompletableFuture<>();
        CompletableFuture<Thread> awaited = new CompletableFuture<>();
        workers.startThreadsWith(NO_THREAD);
        assertThrows(InternalError.class, () -> workers.execute(() -> refused.complete(Thread.currentThread())));
        workers.executeSurely(() -> awaited.complete(Thread.currentThread()));
        assertEquals(Thread.currentThread(), awaited.getNow(null));
        workers.startThreadsWith(Thread::new);
        run(Thread::currentThread);
        assertFalse(refused.isDone());
    }

    @Test
    void a_task_that_does_not_end_is_interrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch began = new CountDownLatch(1);
        workers.execute(() -> {
            began.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        began.await();
        workers.close();
        assertTrue(interrupted.await(10, TimeUnit.SECONDS));
    }

    /** A host that closes its hub from a listener waited a second for itself, and was then interrupted. */
    @Test
    void a_worker_that_ends_them_does_not_wait_for_itself() {
        long start = System.nanoTime();
        boolean interrupted = run(() -> {
            workers.close();
            return Thread.currentThread().isInterrupted();
        });
        assertFalse(interrupted);
        assertTrue(System.nanoTime() - start < Duration.ofMillis(900).toNanos());
    }

    private <T> T run(java.util.function.Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        workers.execute(() -> result.complete(task.get()));
        return result.orTimeout(10, TimeUnit.SECONDS).join();
    }
}

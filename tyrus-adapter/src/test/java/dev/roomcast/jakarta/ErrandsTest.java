package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ErrandsTest {

    private final Errands errands = new Errands();
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void open() {
        gate.countDown();
    }

    private void block() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("roomcast-errand"))
                .count();
    }

    /** Each abort started a thread of its own, without bound. */
    @Test
    void threads_and_what_waits_for_them_are_bounded() {
        await().atMost(Duration.ofSeconds(20)).until(() -> threads() == 0);
        for (int i = 0; i < 10_008; i++) {
            errands.execute(this::block);
        }
        assertEquals(8, threads());
        assertThrows(RejectedExecutionException.class, () -> errands.execute(this::block));
    }

    @Test
    void idle_threads_end() {
        errands.execute(() -> {});
        await().atMost(Duration.ofSeconds(20)).until(() -> threads() == 0);
    }
}

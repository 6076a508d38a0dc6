package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SerialTest {

    private final Serial serial = new Serial();
    private final List<String> done = new ArrayList<>();

    @Test
    void a_task_runs_at_once_on_the_thread_that_brings_it() {
        serial.run(() -> done.add(Thread.currentThread().getName()));
        assertEquals(List.of(Thread.currentThread().getName()), done);
    }

    @Test
    void a_task_that_comes_out_of_a_task_runs_after_it() {
        serial.run(() -> {
            serial.run(() -> done.add("inner"));
            done.add("outer");
        });
        assertEquals(List.of("outer", "inner"), done);
    }

    @Test
    void a_task_that_fails_does_not_stop_the_next() {
        serial.run(() -> {
            throw new IllegalStateException("on purpose");
        });
        serial.run(() -> {
            throw new AssertionError("on purpose");
        });
        serial.run(() -> done.add("next"));
        assertEquals(List.of("next"), done);
    }

    @Test
    void tasks_of_many_threads_never_overlap_and_none_is_lost() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        int[] count = {0};
        CountDownLatch all = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            serial.run(() -> {
                                overlaps.addAndGet(inside.getAndIncrement());
                                count[0]++;
                                inside.decrementAndGet();
                                all.countDown();
                            });
                        }
                    })
                    .start();
        }
        assertTrue(all.await(30, TimeUnit.SECONDS));
        assertEquals(0, overlaps.get());
        assertEquals(threads * each, count[0]);
    }
}

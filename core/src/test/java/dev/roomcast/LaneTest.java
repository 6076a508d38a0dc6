package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneTest {

    private final ManualTime time = new ManualTime();
    private final Deque<Runnable> workers = new ArrayDeque<>();
    private final List<List<Integer>> batches = new ArrayList<>();
    private final Lane<Integer> lane = new Lane<>(batch -> batches.add(List.copyOf(batch)), workers::add, time);

    @Test
    void who_finds_it_idle_drains_on_its_own_thread() {
        lane.append(1);
        assertEquals(List.of(), batches);
        lane.drain();
        assertEquals(List.of(List.of(1)), batches);
        assertTrue(workers.isEmpty());
    }

    @Test
    void all_that_waits_is_one_batch() {
        IntStream.range(0, 10).forEach(lane::append);
        lane.drain();
        assertEquals(1, batches.size());
        lane.drain();
        assertEquals(1, batches.size());
    }

    @Test
    void what_is_appended_during_a_batch_is_the_next_batch_of_the_same_pass() {
        List<Integer> seen = new ArrayList<>();
        List<Lane<Integer>> self = new ArrayList<>();
        Lane<Integer> answering = new Lane<>(
                batch -> {
                    seen.addAll(batch);
                    if (seen.size() < 5) {
                        self.get(0).append(seen.size());
                        self.get(0).drain();
                    }
                    return true;
                },
                workers::add,
                time);
        self.add(answering);
        answering.append(0);
        answering.drain();
        assertEquals(List.of(0, 1, 2, 3, 4), seen);
    }

    @Test
    void a_pass_ends_after_sixty_four_entries_and_hands_over() {
        IntStream.range(0, 150).forEach(lane::append);
        lane.drain();
        assertEquals(64, entries());
        lane.drain();
        assertEquals(64, entries(), "busy until the worker has done its part");
        workers.remove().run();
        workers.remove().run();
        assertEquals(
                IntStream.range(0, 150).boxed().toList(),
                batches.stream().flatMap(List::stream).toList());
        assertTrue(workers.isEmpty());
    }

    @Test
    void a_pass_that_leaves_nothing_hands_over_nothing() {
        IntStream.range(0, Lane.PASS_ENTRIES).forEach(lane::append);
        lane.drain();
        assertTrue(workers.isEmpty());
        lane.append(Lane.PASS_ENTRIES);
        lane.drain();
        assertEquals(Lane.PASS_ENTRIES + 1, entries());
    }

    @Test
    void a_pass_ends_after_a_millisecond_and_hands_over() {
        List<Lane<Integer>> self = new ArrayList<>();
        Lane<Integer> slow = new Lane<>(
                batch -> {
                    batches.add(List.copyOf(batch));
                    time.advance(Duration.ofNanos(Lane.PASS_NANOS));
                    if (batches.size() == 1) {
                        self.get(0).append(2);
                    }
                    return true;
                },
                workers::add,
                time);
        self.add(slow);
        slow.append(1);
        slow.drain();
        assertEquals(List.of(List.of(1)), batches);
        workers.remove().run();
        assertEquals(List.of(List.of(1), List.of(2)), batches);
    }

    @Test
    void random_appends_drains_and_workers_lose_and_swap_nothing() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int appended = 0;
        for (int step = 0; step < 200_000; step++) {
            int what = random.nextInt(10);
            if (what < 7) {
                lane.append(appended++);
            } else if (what < 9) {
                lane.drain();
            } else if (!workers.isEmpty()) {
                workers.remove().run();
            }
        }
        lane.drain();
        while (!workers.isEmpty()) {
            workers.remove().run();
        }
        assertEquals(
                IntStream.range(0, appended).boxed().toList(),
                batches.stream().flatMap(List::stream).toList(),
                "seed " + seed);
    }

    @Test
    void many_threads_at_once_each_entry_once_in_the_order_of_its_thread_and_one_drainer_at_a_time() throws Exception {
        int producers = 4;
        int each = 100_000;
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        AtomicInteger drainers = new AtomicInteger();
        AtomicInteger consumed = new AtomicInteger();
        int[] last = new int[producers];
        ExecutorService threads = Executors.newFixedThreadPool(producers + 2);
        try {
            Lane<int[]> busy = new Lane<>(
                    batch -> {
                        if (drainers.incrementAndGet() != 1) {
                            faults.add("two drainers");
                        }
                        for (int[] entry : batch) {
                            if (entry[1] != last[entry[0]] + 1) {
                                faults.add(entry[1] + " follows " + last[entry[0]]);
                            }
                            last[entry[0]] = entry[1];
                        }
                        consumed.addAndGet(batch.size());

                        drainers.decrementAndGet();
                        return true;
                    },
                    threads,
                    dev.roomcast.time.Time.system("lane-test"));
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> work = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int producer = p;
                work.add(threads.submit(() -> {
                    start.await();
                    for (int i = 1; i <= each; i++) {
                        busy.append(new int[] {producer, i});
                        busy.drain();
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : work) {
                one.get();
            }
            while (consumed.get() < producers * each && faults.isEmpty()) {
                Thread.onSpinWait();
            }
            assertEquals(List.of(), List.copyOf(faults));
        } finally {
            threads.shutdown();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
        }
        assertEquals(producers * each, consumed.get());
    }

    @Test
    void a_batch_that_others_work_off_holds_the_lane_until_they_are_done() {
        List<List<Integer>> begun = new ArrayList<>();
        Lane<Integer> slow = new Lane<>(
                batch -> {
                    begun.add(batch);
                    return false;
                },
                workers::add,
                time);
        slow.append(1);
        slow.drain();
        slow.append(2);
        slow.append(3);
        slow.drain();
        assertEquals(List.of(List.of(1)), begun);
        slow.resume();
        assertEquals(List.of(List.of(1), List.of(2, 3)), begun);
        slow.resume();
        slow.append(4);
        slow.drain();
        assertEquals(List.of(List.of(1), List.of(2, 3), List.of(4)), begun);
        assertTrue(workers.isEmpty());
    }

    @Test
    void a_lane_closes_only_when_nothing_waits_and_takes_nothing_then() {
        lane.append(1);
        assertFalse(lane.close());
        assertTrue(lane.append(2));
        lane.drain();
        assertTrue(lane.close());
        assertFalse(lane.append(3));
        assertTrue(lane.close());
        lane.drain();
        assertEquals(List.of(List.of(1, 2)), batches);
        assertEquals(0, lane.size());
    }

    @Test
    void a_consumer_that_throws_costs_its_batch_and_no_other() {
        List<Integer> seen = new ArrayList<>();
        Lane<Integer> fragile = new Lane<>(
                batch -> {
                    seen.addAll(batch);
                    throw Sneaky.raise(new LinkageError("on purpose"));
                },
                workers::add,
                time);
        for (int i = 0; i < 3; i++) {
            fragile.append(i);
            fragile.drain();
        }
        assertEquals(List.of(0, 1, 2), seen);
    }

    /** The lane stayed busy for a worker that had never got it, and its room was dumb for ever. */
    @Test
    void a_lane_that_could_not_be_handed_over_is_taken_up_by_who_comes_next() {
        boolean[] full = {true};
        Lane<Integer> unlucky = new Lane<>(
                batch -> batches.add(List.copyOf(batch)),
                task -> {
                    if (full[0]) {
                        throw new OutOfMemoryError("no thread to be had");
                    }
                    workers.add(task);
                },
                time);
        IntStream.range(0, 100).forEach(unlucky::append);
        unlucky.drain();
        assertEquals(64, entries());
        full[0] = false;
        unlucky.drain();
        assertEquals(100, entries());
    }

    /** The same of a wide room after a long pass: it stayed busy before anything had been delivered. */
    @Test
    void a_lane_for_which_no_worker_can_be_had_is_drained_by_who_comes() {
        boolean[] full = {true};
        Lane<Integer> unlucky = new Lane<>(
                batch -> {
                    time.advance(Duration.ofNanos(Lane.PASS_NANOS));
                    return batches.add(List.copyOf(batch));
                },
                task -> {
                    if (full[0]) {
                        throw new InternalError("no thread to be had");
                    }
                    workers.add(task);
                },
                time);
        for (int i = 0; i < 3; i++) {
            unlucky.append(i);
            unlucky.drain();
        }
        assertEquals(3, entries());
        full[0] = false;
        unlucky.append(3);
        unlucky.drain();
        assertEquals(3, entries());
        workers.remove().run();
        assertEquals(4, entries());
    }

    /** As a big room's lane: a batch is worked off elsewhere, sometimes before consume has returned. */
    @Test
    void many_threads_and_a_consumer_that_ends_elsewhere_each_entry_once_in_order_and_one_batch_at_a_time()
            throws Exception {
        int producers = 3;
        int each = 30_000;
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        AtomicInteger atWork = new AtomicInteger();
        // Not volatile, not locked: the lane itself must make one batch see what the one before has written.
        int[] last = new int[producers];
        int[] consumed = new int[1];
        AtomicInteger seen = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(producers + 3);
        Random random = new Random(1);
        try {
            List<Lane<int[]>> self = new ArrayList<>();
            Lane<int[]> busy = new Lane<>(
                    batch -> {
                        if (atWork.incrementAndGet() != 1) {
                            faults.add("two batches at once");
                        }
                        boolean elsewhere = random.nextInt(3) == 0;
                        Runnable work = () -> {
                            for (int[] entry : batch) {
                                if (entry[1] != last[entry[0]] + 1) {
                                    faults.add(entry[1] + " follows " + last[entry[0]]);
                                }
                                last[entry[0]] = entry[1];
                            }
                            consumed[0] += batch.size();
                            seen.set(consumed[0]);
                            atWork.decrementAndGet();
                        };
                        if (!elsewhere) {
                            work.run();
                            return true;
                        }
                        threads.execute(() -> {
                            work.run();
                            self.get(0).resume();
                        });
                        return false;
                    },
                    threads,
                    time);
            self.add(busy);
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> work = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int producer = p;
                work.add(threads.submit(() -> {
                    start.await();
                    for (int i = 1; i <= each; i++) {
                        busy.append(new int[] {producer, i});
                        busy.drain();
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : work) {
                one.get();
            }
            await().until(() -> seen.get() == producers * each || !faults.isEmpty());
            assertEquals(List.of(), List.copyOf(faults));
        } finally {
            threads.shutdown();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
        }
        assertEquals(producers * each, consumed[0]);
        assertTrue(IntStream.of(last).allMatch(one -> one == each));
    }

    private int entries() {
        return batches.stream().mapToInt(List::size).sum();
    }
}

package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.testkit.ManualTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InboxTest {

    private final Hub hub = new Hub(Rooms.builder()
            .time(new ManualTime())
            .limit(Limit.INBOX_MESSAGES, 3)
            .limit(Limit.INBOX_BYTES, 100)
            .limit(Limit.LOGIN_BYTES, 10)
            .limit(Limit.BACKLOG_MESSAGES, 5)
            .limit(Limit.BACKLOG_BYTES, 200));
    private final Inbox inbox = new Inbox(hub);
    private final List<String> done = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_step_is_done_at_once_when_none_is_under_way() {
        says("a");
        says("b");
        assertEquals(List.of("a", "b"), done);
    }

    @Test
    void what_comes_during_a_step_is_done_after_it_and_not_within() {
        inbox.frame(
                () -> {
                    says("inner");
                    done.add("outer");
                    return null;
                },
                1);
        assertEquals(List.of("outer", "inner"), done);
    }

    @Test
    void what_comes_while_a_step_is_awaited_waits_and_is_done_in_order() {
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        says("a");
        says("b");
        assertEquals(List.of("join"), done);
        join.complete(null);
        await().untilAsserted(() -> assertEquals(List.of("join", "a", "b"), done));
    }

    @Test
    void a_step_that_is_complete_when_it_returns_is_not_waited_for() {
        inbox.frame(() -> new Pending(CompletableFuture.completedFuture(null), Kind.GATE), 1);
        says("a");
        assertEquals(List.of("a"), done);
    }

    @Test
    void a_failed_stage_and_a_step_that_throws_end_nothing() {
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        says("a");
        join.completeExceptionally(new IllegalStateException("on purpose"));
        await().untilAsserted(() -> assertEquals(List.of("join", "a"), done));
        inbox.frame(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                1);
        says("b");
        await().untilAsserted(() -> assertEquals(List.of("join", "a", "b"), done));
    }

    @Test
    void the_next_message_does_not_overtake_those_that_wait() {
        for (int i = 0; i < 200; i++) {
            done.clear();
            CompletableFuture<Void> join = awaited("join", Kind.GATE);
            says("a");
            says("b");
            join.complete(null);
            says("c");
            untilAllIsDone(inbox);
            assertEquals(List.of("join", "a", "b", "c"), done);
        }
    }

    /** It may be a thread of the bridge's I/O, on which no handler must run. */
    @Test
    void the_thread_that_completes_a_stage_does_no_step() {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        inbox.frame(
                () -> {
                    threads.add(Thread.currentThread());
                    return null;
                },
                1);
        join.complete(null);
        await().until(() -> threads.size() == 1);
        assertFalse(threads.contains(Thread.currentThread()));
    }

    /** The next message may come before the inbox hears that a stage has completed; what it then hears is old. */
    @Test
    void a_stage_whose_message_was_overtaken_does_not_end_the_wait_for_the_next_one() {
        for (int i = 0; i < 100; i++) {
            Inbox fresh = new Inbox(hub);
            CompletableFuture<Void> first = new CompletableFuture<>();
            CompletableFuture<Void> second = new CompletableFuture<>();
            CompletableFuture<Boolean> third = new CompletableFuture<>();
            fresh.frame(() -> new Pending(first, Kind.GATE), 1);
            CompletableFuture<Void> overtaking = first.thenRun(() -> {
                fresh.frame(() -> new Pending(second, Kind.GATE), 1);
                fresh.host(
                        () -> {
                            third.complete(second.isDone());
                            return null;
                        },
                        () -> {});
            });
            first.complete(null);
            overtaking.join();
            // What the inbox has heard was queued before this.
            CompletableFuture.runAsync(() -> {}, hub.workers).join();
            second.complete(null);
            assertTrue(third.orTimeout(20, TimeUnit.SECONDS).join(), "began before the second stage had completed");
        }
    }

    @Test
    void few_may_wait_at_a_gate() {
        waitsForEver(inbox, Kind.GATE);
        assertNull(says("a"));
        assertNull(says("b"));
        assertNull(says("c"));
        assertEquals(Limit.INBOX_MESSAGES, says("d"));
    }

    @Test
    void not_many_bytes_may_wait_at_a_gate_and_very_few_before_the_login() {
        waitsForEver(inbox, Kind.GATE);
        assertNull(says("a", 100));
        assertEquals(Limit.INBOX_BYTES, says("b", 1));
        Inbox stranger = new Inbox(hub);
        waitsForEver(stranger, Kind.LOGIN);
        assertNull(stranger.frame(() -> null, 10));
        assertEquals(Limit.LOGIN_BYTES, stranger.frame(() -> null, 1));
    }

    @Test
    void who_is_let_in_during_a_step_has_the_bounds_of_a_gate_at_once() {
        waitsForEver(inbox, Kind.LOGIN);
        assertEquals(Limit.LOGIN_BYTES, says("a", 11));
        inbox.letIn();
        assertNull(says("a", 100));
        assertEquals(Limit.INBOX_BYTES, says("b", 1));
    }

    /** The sum was an int, and two gigabytes a negative number that is below any bound. */
    @Test
    void what_waits_is_counted_beyond_two_gigabytes() {
        Hub wide = new Hub(Rooms.builder().time(new ManualTime()).limit(Limit.INBOX_BYTES, 3L << 30));
        try {
            Inbox full = new Inbox(wide);
            waitsForEver(full, Kind.GATE);
            for (int i = 0; i < 3; i++) {
                assertNull(full.frame(() -> null, 1 << 30));
            }
            assertEquals(Limit.INBOX_BYTES, full.frame(() -> null, 1 << 30));
        } finally {
            wide.close();
        }
    }

    /** The one who brings the next message may be the first to see that a step has ended; nobody else need come. */
    @Test
    void the_thread_that_brings_the_next_message_goes_on_by_itself() {
        CountDownLatch free = new CountDownLatch(1);
        int many = 2 * Math.max(2, Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < many; i++) {
            hub.workers.execute(() -> {
                try {
                    free.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        says("a");
        join.complete(null);
        says("b");
        assertEquals(List.of("join", "a", "b"), done);
        free.countDown();
    }

    @Test
    void a_burst_may_wait_behind_a_handler() {
        waitsForEver(inbox, Kind.HANDLER);
        for (int i = 0; i < 5; i++) {
            assertNull(says("a"));
        }
        assertEquals(Limit.BACKLOG_MESSAGES, says("b"));
        Inbox other = new Inbox(hub);
        waitsForEver(other, Kind.HANDLER);
        assertNull(other.frame(() -> null, 200));
        assertEquals(Limit.BACKLOG_BYTES, other.frame(() -> null, 1));
    }

    /** The word came while the step was still returning, was lost, and who went on after its answer was closed. */
    @Test
    void a_step_that_is_as_good_as_settled_before_it_is_awaited_has_the_bounds_of_a_handler() {
        CompletableFuture<Void> join = new CompletableFuture<>();
        inbox.frame(
                () -> {
                    inbox.relax();
                    return new Pending(join, Kind.GATE);
                },
                1);
        for (int i = 0; i < 5; i++) {
            assertNull(inbox.frame(() -> null, 1));
        }
        assertEquals(Limit.BACKLOG_MESSAGES, inbox.frame(() -> null, 1));
        join.complete(null);
        untilAllIsDone(inbox);
        CompletableFuture<Void> next = awaited("next", Kind.GATE);
        for (int i = 0; i < 3; i++) {
            assertNull(inbox.frame(() -> null, 1));
        }
        assertEquals(Limit.INBOX_MESSAGES, inbox.frame(() -> null, 1), "the next one is not");
        next.complete(null);
    }

    @Test
    void what_was_done_makes_room_for_more() {
        for (int round = 0; round < 3; round++) {
            CompletableFuture<Void> join = awaited("join", Kind.GATE);
            says("a", 30);
            says("b", 30);
            says("c", 30);
            assertEquals(Limit.INBOX_MESSAGES, says("d"));
            int before = done.size();
            join.complete(null);
            await().until(() -> done.size() == before + 3);
        }
    }

    @Test
    void what_the_host_asks_for_counts_not_and_keeps_its_place() {
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        says("a");
        for (int i = 0; i < 10; i++) {
            hosts("h" + i);
        }
        assertNull(says("b"));
        join.complete(null);
        await().until(() -> done.size() == 13);
        assertEquals("a", done.get(1));
        assertEquals("h0", done.get(2));
        assertEquals("b", done.get(12));
    }

    @Test
    void after_the_end_nothing_is_begun_and_the_host_is_told() {
        CompletableFuture<Void> join = awaited("join", Kind.GATE);
        says("a");
        hosts("b");
        inbox.stop();
        await().untilAsserted(() -> assertEquals(List.of("join", "b dropped"), done));
        join.complete(null);
        assertNull(says("c"));
        hosts("d");
        assertEquals(List.of("join", "b dropped", "d dropped"), done);
    }

    /** The timer thread, when it found a client dead, ran what the host had chained to a join. */
    @Test
    void the_host_is_told_on_a_thread_that_may_run_its_code() {
        waitsForEver(inbox, Kind.GATE);
        List<Thread> threads = new CopyOnWriteArrayList<>();
        inbox.host(() -> null, () -> threads.add(Thread.currentThread()));
        inbox.stop();
        await().until(() -> threads.size() == 1);
        assertFalse(threads.contains(Thread.currentThread()));
    }

    @Test
    void an_end_during_a_step_forgets_what_waits() {
        inbox.frame(
                () -> {
                    says("after");
                    inbox.stop();
                    done.add("step");
                    return null;
                },
                1);
        assertEquals(List.of("step"), done);
    }

    @Test
    void whoever_completes_and_whenever_steps_are_done_one_at_a_time_and_in_order() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Hub wide = new Hub(Rooms.builder()
                .time(new ManualTime())
                .limit(Limit.INBOX_MESSAGES, 1_000_000)
                .limit(Limit.BACKLOG_MESSAGES, 1_000_000));
        ExecutorService completers = Executors.newFixedThreadPool(2);
        AtomicInteger at = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger swapped = new AtomicInteger();
        int steps = 50_000;
        try {
            Inbox busy = new Inbox(wide);
            for (int i = 0; i < steps; i++) {
                int step = i;
                boolean waits = random.nextInt(4) == 0;
                Inbox.Step body = () -> {
                    overlaps.addAndGet(at.getAndIncrement());
                    swapped.addAndGet(next.getAndIncrement() == step ? 0 : 1);
                    CompletableFuture<Void> later = new CompletableFuture<>();
                    at.decrementAndGet();
                    if (waits) {
                        completers.execute(() -> later.complete(null));
                    }
                    return waits ? new Pending(later, Kind.GATE) : null;
                };
                assertNull(busy.frame(body, 1));
            }
            untilAllIsDone(busy);
            assertEquals(steps, next.get(), "seed " + seed);
            assertEquals(0, swapped.get(), "seed " + seed);
            assertEquals(0, overlaps.get(), "seed " + seed);
        } finally {
            completers.shutdownNow();
            wide.close();
        }
    }

    private static void untilAllIsDone(Inbox inbox) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        inbox.host(
                () -> {
                    end.complete(null);
                    return null;
                },
                () -> end.completeExceptionally(new IllegalStateException("dropped")));
        end.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private Limit says(String text) {
        return says(text, 1);
    }

    private Limit says(String text, int size) {
        return inbox.frame(
                () -> {
                    done.add(text);
                    return null;
                },
                size);
    }

    private void hosts(String text) {
        inbox.host(
                () -> {
                    done.add(text);
                    return null;
                },
                () -> done.add(text + " dropped"));
    }

    private static void waitsForEver(Inbox inbox, Kind kind) {
        inbox.frame(() -> new Pending(new CompletableFuture<>(), kind), 1);
    }

    private CompletableFuture<Void> awaited(String text, Kind kind) {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        inbox.frame(
                () -> {
                    done.add(text);
                    return new Pending(stage, kind);
                },
                1);
        return stage;
    }
}

package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Signal;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Refusal;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HubTest {

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()).limit(Limit.SHUTDOWN_DEADLINE, 30_000));
    private final Handshake handshake =
            Handshake.builder().parameter("user", "one").build();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_closing_hub_goes_on_as_soon_as_the_last_connection_has_ended() {
        AtomicReference<@Nullable Inbound> way = new AtomicReference<>();
        way.set(hub.accept(handshake, new NullTransport() {
            @Override
            public void close(int code, String reason) {
                CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)
                        .execute(() -> way.get().closed(code));
            }
        }));
        long start = System.nanoTime();
        hub.close();
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(15).toNanos());
        assertEquals(0, hub.stats().hits(Limit.SHUTDOWN_DEADLINE));
    }

    /** A foreign page that tried again and again shut its visitors' address out of the pages of the host. */
    @Test
    void a_foreign_page_spends_nothing_of_the_allowance_of_its_visitors_address() {
        try (Rooms one = Rooms.builder().handshakes(new Rate(0.001, 1)).build()) {
            Handshake.Builder visitor =
                    Handshake.builder().header("Host", "a.example").remoteAddress("192.0.2.1");
            Handshake foreign = visitor.header("Origin", "https://evil.example").build();
            Handshake own = visitor.header("Origin", "https://a.example").build();
            for (int i = 0; i < 5; i++) {
                assertEquals(403, one.refusal(foreign).map(Refusal::status).orElseThrow());
            }
            assertTrue(one.refusal(own).isEmpty());
            assertEquals(429, one.refusal(own).map(Refusal::status).orElseThrow());
            assertEquals(6, one.stats().handshakesRefused());
        }
    }

    @Test
    void a_closing_hub_refuses_handshakes_and_messages_and_tells_who_comes_all_the_same() {
        hub.close();
        assertEquals(503, hub.refusal(handshake).map(Refusal::status).orElseThrow());
        assertFalse(hub.room("lobby").broadcast("chat", 1));
        int[] closedWith = new int[1];
        Inbound late = hub.accept(handshake, new NullTransport() {
            @Override
            public void close(int code, String reason) {
                closedWith[0] = code;
            }
        });
        assertEquals(CloseCode.GOING_AWAY.code(), closedWith[0]);
        late.closed(1001);
        assertEquals(0, hub.connections.size());
    }

    @Test
    void what_is_there_is_gone_on_with_at_once_and_what_is_not_by_a_worker() {
        Thread here = Thread.currentThread();
        CompletionStage<?> now = hub.then(CompletableFuture.completedFuture(1), (result, failure) -> {
            assertSame(here, Thread.currentThread());
            return CompletableFuture.completedFuture(result);
        });
        assertEquals(1, now.toCompletableFuture().join());
        CompletableFuture<Integer> later = new CompletableFuture<>();
        CompletionStage<?> then = hub.then(later, (result, failure) -> {
            assertFalse(Thread.currentThread() == here);
            return CompletableFuture.completedFuture(result);
        });
        later.complete(2);
        assertEquals(2, then.toCompletableFuture().join());
    }

    @Test
    void a_failure_is_gone_on_with_too_and_its_root_is_found() {
        IllegalStateException root = new IllegalStateException("on purpose");
        CompletionStage<?> stage = hub.then(CompletableFuture.failedFuture(root), (result, failure) -> {
            assertSame(root, Hub.rootOf(failure));
            return CompletableFuture.completedFuture(null);
        });
        assertFalse(stage.toCompletableFuture().isCompletedExceptionally());
        assertSame(root, Hub.rootOf(new CompletionException(root)));
        assertSame(root, Hub.rootOf(root));
    }

    /** The end of a connection, which the timer or an I/O thread brings, was delivered to the other members right there. */
    @Test
    void who_ends_a_connection_delivers_nothing_to_the_others() {
        List<Thread> writers = new CopyOnWriteArrayList<>();
        Handshake there = Handshake.builder()
                .parameter("user", "other")
                .parameter("room", "lobby")
                .build();
        Inbound other = hub.accept(there, new NullTransport() {
            @Override
            public void write(FrameBatch batch, Completion completion) {
                super.write(batch, completion);
                writers.add(Thread.currentThread());
            }
        });
        Handshake here = Handshake.builder()
                .parameter("user", "one")
                .parameter("room", "lobby")
                .build();
        for (int i = 0; i < 20; i++) {
            Inbound connection = hub.accept(here, new NullTransport());
            await().until(() -> hub.stats().memberships() == 2);
            writers.clear();
            connection.closed(1000);
            await().until(() -> !writers.isEmpty());
            assertFalse(writers.contains(Thread.currentThread()));
        }
        other.closed(1000);
    }

    /** It was taken for one that had its worker already, and what others brought lay there for ever. */
    @Test
    void a_room_for_which_no_thread_can_be_had_asks_again() {
        LiveRoom room = hub.rooms.hold("r");
        hub.workers.startThreadsWith(WorkersTest.NO_THREAD);
        room.append(new LaneEntry.Subscribed());
        hub.drainElsewhere(room);
        assertFalse(room.lane.isIdle());
        hub.workers.startThreadsWith(Thread::new);
        hub.drainElsewhere(room);
        await().until(room.lane::isIdle);
    }

    /** Whoever came next left it to a worker that had never been had. */
    @Test
    void signals_and_changes_of_the_status_for_which_no_thread_can_be_had_have_theirs_with_the_next() {
        ManualTime time = new ManualTime();
        Hub poor = new Hub(Rooms.builder().time(time));
        poor.workers.startThreadsWith(WorkersTest.NO_THREAD);
        assertTrue(poor.signals.arrived(new Signal.Recheck("one")));
        poor.isolation.changed(true);
        AtomicInteger started = new AtomicInteger();
        poor.workers.startThreadsWith(task -> {
            started.incrementAndGet();
            return new Thread(task);
        });
        poor.signals.arrived(new Signal.Recheck("one"));
        assertEquals(1, started.get());
        poor.isolation.changed(false);
        time.advance(Duration.ofSeconds(1));
        assertEquals(2, started.get());
        poor.close();
    }

    @Test
    void an_observer_that_throws_harms_nothing() {
        Hub observed = new Hub(Rooms.builder().time(new ManualTime()).observer(new Observer() {
            @Override
            public void onOpen(Connection connection) {
                throw new IllegalStateException("on purpose");
            }
        }));
        Inbound connection = observed.accept(handshake, new NullTransport());
        assertEquals(1, observed.connections.size());
        connection.closed(1000);
        observed.close();
    }

    /** It got its close, but the timer that would have cut it had ended with the hub. */
    @Test
    void who_comes_after_the_end_and_does_not_answer_the_close_is_cut_all_the_same() throws InterruptedException {
        Hub ended = new Hub(Rooms.builder().limit(Limit.CLOSE_DEADLINE, 20));
        ended.close();
        CountDownLatch cut = new CountDownLatch(1);
        ended.accept(handshake, new NullTransport() {
            @Override
            public void abort() {
                cut.countDown();
            }
        });
        assertTrue(cut.await(10, TimeUnit.SECONDS));
        await().untilAsserted(() -> assertEquals(0, ended.stats().connections()));
        assertEquals(1, ended.stats().hits(Limit.CLOSE_DEADLINE));
    }
}

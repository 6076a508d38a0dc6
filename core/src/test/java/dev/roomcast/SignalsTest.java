package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Signal;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Content;
import dev.roomcast.testkit.FakeClient;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What other instances want done here, brought as a bridge brings it. */
class SignalsTest {

    private final StagedBridge bridge = new StagedBridge();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private final Set<Thread> asking = ConcurrentHashMap.newKeySet();

    /** Until it completes, what carries out an eviction stands still. */
    private volatile CompletableFuture<?> busy = CompletableFuture.completedFuture(null);

    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .limit(Limit.SIGNAL_BYTES, 4096)
            .userRate(new Rate(0.001, 16))
            .observer(new Observer() {
                @Override
                public void onLimit(Limit limit, @Nullable Connection connection) {
                    if (limit == Limit.CONNECTIONS_PER_USER) {
                        busy.join();
                    }
                }
            })
            .access(new Access() {
                @Override
                public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                    asking.add(Thread.currentThread());
                    return CompletableFuture.completedFuture(!forbidden.contains(who.userId()));
                }
            })
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void an_event_reaches_each_connection_of_its_user_and_no_one_else() {
        FakeClient first = connect("one");
        FakeClient second = connect("one");
        FakeClient other = connect("two");
        signal(new Signal.Send("one", "invoice", Content.of(7), 99));
        signal(new Signal.Send(null, "news", Content.of("x"), 100));
        for (FakeClient client : List.of(first, second)) {
            assertEquals(7, client.last("invoice").number("content"));
            assertEquals(99, client.last("invoice").number("timestamp"));
            assertEquals("x", client.last("news").text("content"));
        }
        other.last("news");
        assertTrue(other.frames("invoice").isEmpty());
        assertEquals(1, first.frames("invoice").size());
    }

    @Test
    void a_disconnect_closes_all_connections_of_its_user_and_an_unknown_code_is_no_reason_not_to() {
        FakeClient first = connect("one");
        FakeClient other = connect("two");
        signal(new Signal.Disconnect("one", 4403, "banned"));
        await().until(() -> first.closeCode().isPresent());
        assertThat(first).wasClosed(CloseCode.FORBIDDEN);
        assertEquals("banned", first.closeReason());
        assertThat(other).isOpen();
        signal(new Signal.Disconnect("two", 4999, "later"));
        await().until(() -> other.closeCode().isPresent());
        assertThat(other).wasClosed(CloseCode.POLICY);
    }

    @Test
    void an_eviction_closes_that_one_connection() {
        FakeClient first = connect("one");
        FakeClient second = connect("one");
        String id = first.last("welcome").text("connection");
        signal(new Signal.Evict("two", id));
        signal(new Signal.Evict("one", "no such"));
        signal(new Signal.Evict("one", id));
        await().until(() -> first.closeCode().isPresent());
        assertThat(first).wasClosed(CloseCode.CONNECTION_LIMIT);
        assertThat(second).isOpen();
        assertEquals(1, rooms.stats().hits(Limit.CONNECTIONS_PER_USER));
    }

    @Test
    void a_recheck_asks_the_host_on_a_thread_that_may_run_its_code() {
        FakeClient one = connect("one");
        FakeClient two = connect("two");
        forbidden.addAll(Set.of("one", "two"));
        asking.clear();
        signal(new Signal.Recheck("one"));
        one.last("left");
        assertTrue(two.frames("left").isEmpty());
        assertTrue(asking.stream().allMatch(thread -> thread.getName().contains("-host-")), asking::toString);
    }

    @Test
    void what_was_spent_elsewhere_is_not_there_to_be_spent_here() {
        FakeClient one = connect("one");
        signal(new Signal.Spent("one", 15));
        signal(new Signal.Spent("nobody", 15));
        signal(new Signal.Send("one", "done", Content.of(1), 1));
        one.last("done");
        one.says("first");
        assertThat(one).received("first");
        one.says("second");
        assertEquals("rate_limited", one.last("error").text("code"));
    }

    @Test
    void what_is_spent_here_is_told_to_the_others_block_by_block() {
        FakeClient one = connect("one");
        for (int i = 0; i < 7; i++) {
            one.says("message " + i);
        }
        one.await("all messages", client -> client.frames("chat").size() == 7);
        assertEquals(3, bridge.asked("directory signal"));
    }

    /** Whoever may write to the backend could speak as the protocol. */
    @Test
    void a_type_of_the_protocol_is_not_passed_on_and_harms_nothing() {
        FakeClient one = connect("one");
        signal(new Signal.Send("one", "user_left", Content.of(1), 1));
        signal(new Signal.Send("one", "fine", Content.of(1), 1));
        one.last("fine");
        assertTrue(one.frames("user_left").isEmpty());
    }

    @Test
    void what_waits_is_bounded_and_what_is_dropped_is_counted() {
        FakeClient one = connect("one");
        FakeClient two = connect("two");
        busy = new CompletableFuture<>();
        signal(new Signal.Evict("two", two.last("welcome").text("connection")));
        for (int i = 0; i < 100; i++) {
            signal(new Signal.Send("one", "many", Content.of(1), 1));
        }
        assertTrue(rooms.broadcast("news", 1).toCompletableFuture().isCompletedExceptionally());
        busy.complete(null);
        await().until(() -> one.frames("many").size() == 14);
        assertEquals(87, rooms.stats().hits(Limit.SIGNAL_BYTES));
        signal(new Signal.Send("one", "again", Content.of(1), 1));
        one.last("again");
        assertEquals(14, one.frames("many").size());
    }

    private void signal(Signal signal) {
        bridge.delivery().signal(signal);
    }

    private FakeClient connect(String user) {
        FakeClient client = FakeClient.connect(rooms, user, "lobby");
        client.last("joined");
        return client;
    }
}

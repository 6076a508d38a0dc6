package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LocalBroadcasterTest {

    private static final HistoryLimits NONE = new HistoryLimits(0, Duration.ZERO, 0);

    private final ManualTime time = new ManualTime();
    private final RecordingDelivery delivery = new RecordingDelivery();
    private final LocalBroadcaster broadcaster = broadcaster(HistoryLimits.DEFAULT);

    @Test
    void a_million_rooms_that_nobody_said_anything_in_leave_nothing() {
        for (int i = 0; i < 1_000_000; i++) {
            broadcaster.subscribe("room " + i).close();
        }
        assertEquals(0, broadcaster.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void a_room_that_was_talked_in_costs_nothing_once_its_history_has_expired() {
        for (int i = 0; i < 10_000; i++) {
            Subscription interest = broadcaster.subscribe("room " + i);
            broadcaster.publish(message("room " + i));
            interest.close();
            interest.close();
        }
        assertEquals(10_000, broadcaster.remembered());
        time.advance(Duration.ofMinutes(5));
        assertEquals(0, broadcaster.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void without_history_a_room_that_nobody_is_in_costs_nothing_at_once() {
        LocalBroadcaster forgetful = broadcaster(NONE);
        for (int i = 0; i < 1_000; i++) {
            assertEquals(1, get(forgetful.publish(message("room " + i))).offset());
        }
        assertEquals(0, forgetful.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void looking_into_an_unknown_room_leaves_nothing() {
        HistorySlice slice =
                broadcaster.history("r", null, 1).toCompletableFuture().join();
        assertEquals(List.of(), slice.messages());
        assertEquals(0, slice.top().offset());
        assertNull(get(broadcaster.publish(message("r").asVolatile())));
        assertEquals(0, broadcaster.remembered());
    }

    @Test
    void a_slice_has_at_least_one_message() {
        assertThrows(IllegalArgumentException.class, () -> broadcaster.history("r", null, 0));
    }

    @Test
    void an_open_subscription_keeps_the_epoch_though_others_come_and_go() {
        Subscription kept = broadcaster.subscribe("r");
        Position top = get(kept.top());
        broadcaster.subscribe("r").close();
        Position next = get(broadcaster.publish(message("r")));
        assertEquals(top.next(), next);
        time.advance(Duration.ofMinutes(11));
        assertEquals(next, get(kept.top()));
        kept.close();
        assertEquals(0, broadcaster.remembered());
        Position anew = get(broadcaster.publish(message("r")));
        assertFalse(anew.comparableTo(next));
        assertEquals(1, anew.offset());
    }

    @Test
    void a_closed_broadcaster_refuses_and_holds_nothing() {
        broadcaster.publish(message("r"));
        broadcaster.close();
        assertEquals(0, broadcaster.remembered());
        assertEquals(0, time.pending());
        CompletionException refusal =
                assertThrows(CompletionException.class, () -> get(broadcaster.publish(message("r"))));
        assertEquals(BridgeException.Reason.UNAVAILABLE, ((BridgeException) refusal.getCause()).reason());
    }

    @Test
    void many_threads_in_one_room_are_delivered_in_ascending_offsets_without_a_hole() throws Exception {
        int threads = 4;
        int each = 2_500;
        List<List<Long>> got = together(threads, thread -> {
            List<Long> mine = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                mine.add(get(broadcaster.publish(message("r"))).offset());
            }
            return mine;
        });
        List<Long> all =
                LongStream.rangeClosed(1, (long) threads * each).boxed().toList();
        assertEquals(all, delivery.offsets("r"));
        for (List<Long> mine : got) {
            assertEquals(mine.stream().sorted().toList(), mine, "two calls by one thread keep their order");
        }
        assertEquals(all, got.stream().flatMap(List::stream).sorted().toList());
    }

    /** Rooms retire and come back all the time here; who holds one must notice nothing of it. */
    @Test
    void who_is_subscribed_stands_in_one_epoch_while_others_let_the_room_go() throws Exception {
        LocalBroadcaster forgetful = broadcaster(NONE);
        together(4, thread -> {
            for (int i = 0; i < 2_000; i++) {
                Subscription interest = forgetful.subscribe("r");
                Position top = get(interest.top());
                Position mine = get(forgetful.publish(message("r")));
                assertTrue(mine.comparableTo(top), "another epoch under an open subscription");
                assertTrue(mine.offset() > top.offset());
                interest.close();
            }
            return List.of();
        });
        assertEquals(0, forgetful.remembered());
    }

    private LocalBroadcaster broadcaster(HistoryLimits limits) {
        return new LocalBroadcaster(new Bridge.Context(delivery, time, room -> limits));
    }

    private static List<List<Long>> together(int count, Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<List<Long>>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int thread = i;
                running.add(threads.submit(() -> work.of(thread)));
            }
            List<List<Long>> results = new ArrayList<>();
            for (Future<List<Long>> one : running) {
                results.add(one.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private interface Work {
        List<Long> of(int thread);
    }

    private static Message message(String room) {
        return Message.chat("a").in(room, 1);
    }

    private static <T> T get(CompletionStage<T> stage) {
        assertNotNull(stage);
        return stage.toCompletableFuture().join();
    }
}

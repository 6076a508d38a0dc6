package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One client that went from room to room filled each: a thousand rooms held 317 MB. */
class LocalMemoryTest {

    private static final int ONE = RoomLog.ROOM_COST + RoomLog.MESSAGE_COST + 2;
    private static final int MOST = 100 * ONE;

    private final ManualTime time = new ManualTime();
    private final AtomicInteger dropped = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final LocalBroadcaster broadcaster = new LocalBroadcaster(new Bridge.Context(
            new RecordingDelivery(),
            time,
            room -> new HistoryLimits(1_000_000, Duration.ofMinutes(5), 1L << 40),
            new Bridge.Memory(MOST, 50, dropped::incrementAndGet, refused::incrementAndGet)));
    private final LocalMemory memory = broadcaster.memory();

    @Test
    void history_of_all_rooms_is_bounded_and_nothing_stays_of_the_rooms_that_lost_theirs() {
        for (int i = 0; i < 1_000; i++) {
            say("room " + i);
            assertTrue(memory.bytes() <= MOST, () -> memory.bytes() + " bytes");
        }
        assertEquals(100, memory.rooms());
        assertEquals(100, broadcaster.remembered());
        assertEquals(100, time.pending());
        assertEquals(900, dropped.get());
    }

    @Test
    void messages_without_content_are_bounded_too() {
        for (int i = 0; i < 10_000; i++) {
            broadcaster.publish(Message.chat(0).in("r", 1));
            assertTrue(memory.bytes() <= MOST);
        }
        assertTrue(dropped.get() > 0);
    }

    /** Two clients that filled rooms of their own took the history of all the others. */
    @Test
    void the_largest_room_loses_the_older_half_of_its_history_first() {
        for (int i = 0; i < 60; i++) {
            say("small " + i);
        }
        for (int i = 0; i < 200; i++) {
            say("large " + i % 10);
        }
        for (int i = 0; i < 60; i++) {
            assertEquals(1, kept("small " + i));
        }
        assertTrue(kept("large 0") < 20);
        assertTrue(memory.bytes() <= MOST);
    }

    @Test
    void no_room_holds_more_than_its_share() {
        for (int i = 0; i < 90; i++) {
            say("r");
            assertTrue(memory.bytes() <= MOST / LocalMemory.SHARE, () -> memory.bytes() + " bytes");
        }
        assertTrue(kept("r") > 1);
    }

    @Test
    void no_user_holds_more_than_a_share_of_the_history_in_however_many_rooms() {
        for (int i = 0; i < 50; i++) {
            broadcaster.publish(Message.chat(1).from("greedy").in("his " + i, 1));
            broadcaster.publish(Message.chat(1).from("user " + i).in("theirs " + i, 1));
        }
        int greedy = 0;
        for (int i = 0; i < 50; i++) {
            greedy += kept("his " + i);
            assertEquals(1, kept("theirs " + i));
        }
        assertTrue(greedy > 1 && greedy <= MOST / LocalMemory.SHARE / RoomLog.MESSAGE_COST, greedy + " messages");
        assertEquals(51, memory.users());
        time.advance(Duration.ofMinutes(10));
        assertEquals(0, memory.users());
    }

    @Test
    void what_a_reader_is_told_stays_true() {
        Broadcaster.Subscription interest = broadcaster.subscribe("read");
        Position first = say("read");
        Position second = say("read");
        for (int i = 0; i < 200; i++) {
            say("room " + i);
        }
        HistorySlice missed = slice("read", first);
        assertFalse(missed.complete());
        assertEquals(List.of(), missed.messages());
        assertEquals(second, missed.top());
        assertTrue(slice("read", second).complete());
        Position third = say("read");
        assertEquals(second.next(), third);
        assertTrue(slice("read", second).complete());
        assertEquals(1, slice("read", second).messages().size());
        assertFalse(slice("read", first).complete());
        interest.close();
    }

    @Test
    void what_expires_is_given_back() {
        for (int i = 0; i < 60; i++) {
            say("room " + i);
            if (i < 40) {
                broadcaster.publish(named("room " + i, "id"));
            }
        }
        assertEquals(40, memory.ids());
        time.advance(Duration.ofMinutes(10));
        assertEquals(0, memory.bytes());
        assertEquals(0, memory.rooms());
        assertEquals(0, memory.ids());
        assertEquals(0, broadcaster.remembered());
    }

    @Test
    void a_bound_that_not_even_one_message_fits_in_keeps_nothing() {
        LocalBroadcaster none = new LocalBroadcaster(new Bridge.Context(
                new RecordingDelivery(),
                time,
                room -> HistoryLimits.DEFAULT,
                new Bridge.Memory(0, 0, dropped::incrementAndGet, refused::incrementAndGet)));
        none.publish(Message.chat(1).in("r", 1)).toCompletableFuture().join();
        assertEquals(0, none.memory().bytes());
        assertEquals(0, none.remembered());
        assertEquals(0, time.pending());
    }

    /** Seventeen users could take all ids, and so silence everyone who wants an answer. */
    @Test
    void users_who_take_all_the_ids_they_can_get_leave_some_to_others() {
        AtomicInteger turnedAway = new AtomicInteger();
        LocalBroadcaster many = new LocalBroadcaster(new Bridge.Context(
                new RecordingDelivery(),
                time,
                room -> HistoryLimits.DEFAULT,
                new Bridge.Memory(1 << 20, 10_000, () -> {}, turnedAway::incrementAndGet)));
        for (int i = 0; i < 1_000; i++) {
            for (int user = 0; user < 40; user++) {
                many.publish(
                        Message.chat(1).id("id " + i).from("greedy " + user).in("room " + user, 1));
            }
        }
        assertTrue(turnedAway.get() > 0);
        assertTrue(many.memory().ids() < 9_000, () -> many.memory().ids() + " ids");
        for (int i = 0; i < 100; i++) {
            assertNotNull(
                    many.publish(Message.chat(1).id("id " + i).from("honest").in("hall", 1))
                            .toCompletableFuture()
                            .join());
        }
        time.advance(IdTable.AGE);
        assertEquals(0, many.memory().ids());
        assertEquals(0, many.memory().users());
    }

    /** The bound of 4,096 per user and room was none for who goes from room to room. */
    @Test
    void ids_of_all_rooms_are_bounded_and_a_known_one_is_known_all_the_same() {
        Position first = position(named("room 0", "id"));
        for (int i = 1; i < 50; i++) {
            position(named("room " + i, "id"));
        }
        BridgeException refusal = assertInstanceOf(
                BridgeException.class,
                assertThrows(CompletionException.class, () -> position(named("room 50", "id")))
                        .getCause());
        assertEquals(BridgeException.Reason.TOO_MANY_IDS, refusal.reason());
        assertFalse(refusal.retryAfter().isZero());
        assertEquals(1, refused.get());
        assertEquals(first, position(named("room 0", "id")));
        assertNotNull(say("room 50"));
        time.advance(IdTable.AGE);
        position(named("room 50", "id"));
        assertEquals(1, memory.ids());
    }

    @Test
    void the_sums_are_right_whoever_writes_and_whoever_gives_way() throws Exception {
        int count = 4;
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                int thread = t;
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        say("room " + (i * 31 + thread) % 300);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        say("last");
        assertTrue(memory.bytes() <= MOST);
        long held = 0;
        for (int i = 0; i < 300; i++) {
            int messages = kept("room " + i);
            held += messages == 0 ? 0 : RoomLog.ROOM_COST + (long) messages * (RoomLog.MESSAGE_COST + 2);
        }
        assertEquals(held + ONE, memory.bytes());
        time.advance(Duration.ofMinutes(10));
        assertEquals(0, memory.bytes());
        assertEquals(0, memory.rooms());
        assertEquals(0, broadcaster.remembered());
    }

    private Position say(String room) {
        return position(Message.chat("").in(room, 1));
    }

    private static Message named(String room, String id) {
        return Message.chat("").in(room, 1).from("user of " + room).id(id);
    }

    private Position position(Message message) {
        Position position = broadcaster.publish(message).toCompletableFuture().join();
        assertNotNull(position);
        return position;
    }

    private int kept(String room) {
        return broadcaster
                .history(room, null, 10_000)
                .toCompletableFuture()
                .join()
                .messages()
                .size();
    }

    private HistorySlice slice(String room, Position after) {
        return broadcaster.history(room, after, 100).toCompletableFuture().join();
    }
}

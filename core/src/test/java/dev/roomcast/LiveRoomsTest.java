package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveRoomsTest {

    private final ManualTime time = new ManualTime();
    private final Hub hub = new Hub(Rooms.builder().time(time).limit(Limit.LANE_MESSAGES, 10_000_000));
    private final LiveRooms rooms = hub.rooms;

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_room_is_there_as_long_as_someone_holds_it() {
        LiveRoom room = rooms.hold("a");
        assertSame(room, rooms.hold("a"));
        assertSame(room, rooms.find("a"));
        release(room);
        assertSame(room, rooms.find(room.name));
        release(room);
        assertNotSame(room, rooms.find(room.name));
        assertNull(rooms.find("a"));
        assertEquals(0, rooms.size());
    }

    @Test
    void a_room_that_comes_back_is_another_one() {
        LiveRoom first = rooms.hold("a");
        release(first);
        LiveRoom second = rooms.hold("a");
        assertNotSame(first, rooms.find(first.name));
        assertSame(second, rooms.find(second.name));
    }

    @Test
    void its_subscription_is_opened_once_and_ends_with_it() {
        LiveRoom room = rooms.hold("a");
        assertSame(room.subscription(), room.subscription());
        Position before = top(room);
        release(room);
        LiveRoom again = rooms.hold("a");
        assertFalse(top(again).comparableTo(before), "nobody was interested meanwhile, so the order began anew");
    }

    /** A new room took what followed while the old one still had something to tell: the host heard of a going before the coming. */
    @Test
    void a_room_with_something_in_its_lane_stays_the_one_that_whoever_comes_finds() {
        LiveRoom room = rooms.hold("a");
        hub.turns.run(() -> {
            rooms.release(room);
            assertTrue(room.append(new LaneEntry.LookAgain()));
            assertSame(room, rooms.hold("a"));
        });
        assertSame(room, rooms.find("a"));
        release(room);
        assertNull(rooms.find("a"));
        assertFalse(room.append(new LaneEntry.LookAgain()), "what is over takes nothing");
    }

    /** As many as were opened during an outage stayed until its end. */
    @Test
    void a_room_that_waits_for_the_backend_does_not_outlive_its_last_holder() {
        hub.isolation.changed(true);
        LiveRoom room = rooms.hold("a");
        hub.isolation.await(room);
        assertEquals(1, hub.isolation.waiting());
        release(room);
        assertEquals(0, hub.isolation.waiting());
    }

    @Test
    void whoever_holds_and_releases_at_the_same_time_nothing_is_left_and_nobody_holds_a_dead_room() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                work.add(threads.submit(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        LiveRoom room = rooms.hold("room " + i % 3);
                        Position top = top(room);
                        Position next = hub.publish(
                                        Message.of("x", 1).in(room.name, 0).asVolatile())
                                .toCompletableFuture()
                                .join();
                        assertNull(next);
                        assertSame(room, rooms.find(room.name));
                        assertEquals(top, top(room), "one order for as long as it is held");
                        release(room);
                    }
                }));
            }
            for (Future<?> one : work) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        // A pass that has become long is ended by a worker.
        await().until(() -> rooms.size() == 0);
        assertEquals(0, time.pending());
    }

    /** Within a turn, so that what follows is done when it has ended, and not by a worker. */
    private void release(LiveRoom room) {
        hub.turns.run(() -> rooms.release(room));
    }

    private static Position top(LiveRoom room) {
        return room.subscription().top().toCompletableFuture().join();
    }
}

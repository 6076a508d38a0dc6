package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.testkit.ManualTime;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether a room was drained shows in whether its lane, which holds one entry here, has space. */
class TurnsTest {

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()).limit(Limit.LANE_MESSAGES, 1));
    private final Turns turns = hub.turns;
    private final LiveRoom room = full("a");
    private final LiveRoom other = full("b");

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void outside_a_turn_a_room_is_drained_at_once() {
        turns.drain(room);
        assertTrue(room.hasSpace());
        assertFalse(other.hasSpace());
        assertFalse(turns.isOn());
    }

    @Test
    void during_a_turn_rooms_wait_until_it_has_ended() {
        turns.run(() -> {
            assertTrue(turns.isOn());
            turns.drain(room);
            turns.drain(other);
            turns.drain(other);
            turns.drain(room);
            assertFalse(room.hasSpace());
            assertFalse(other.hasSpace());
        });
        assertTrue(room.hasSpace());
        assertTrue(other.hasSpace());
        assertFalse(turns.isOn());
    }

    @Test
    void a_turn_within_a_turn_is_a_part_of_it() {
        turns.run(() -> {
            turns.run(() -> turns.drain(room));
            assertFalse(room.hasSpace(), "the turn goes on");
        });
        assertTrue(room.hasSpace());
    }

    @Test
    void a_turn_is_of_one_thread() {
        turns.run(() -> {
            turns.drain(room);
            CompletableFuture.runAsync(() -> {
                        assertFalse(turns.isOn());
                        turns.drain(other);
                        assertTrue(other.hasSpace());
                    })
                    .join();
            assertFalse(room.hasSpace());
        });
    }

    @Test
    void a_turn_of_another_hub_is_none_of_this_one() {
        Hub stranger = new Hub(Rooms.builder().time(new ManualTime()));
        stranger.turns.run(() -> {
            assertFalse(turns.isOn());
            turns.drain(room);
            assertTrue(room.hasSpace());
        });
        stranger.close();
    }

    @Test
    void a_task_that_throws_ends_its_turn() {
        assertThrows(
                IllegalStateException.class,
                () -> turns.run(() -> {
                    throw new IllegalStateException("on purpose");
                }));
        assertFalse(turns.isOn());
        turns.drain(room);
        assertTrue(room.hasSpace());
    }

    private LiveRoom full(String name) {
        LiveRoom full = new LiveRoom(name, hub);
        full.append(entry());
        return full;
    }

    private static LaneEntry entry() {
        return new LaneEntry.Read(RosterSnapshot.EMPTY);
    }
}

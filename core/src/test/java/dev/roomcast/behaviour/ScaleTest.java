package dev.roomcast.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Large numbers: still correct, and nothing is left when it is over. */
class ScaleTest {

    /** A million, or some where {@code ROOMCAST_THOROUGH} is not {@code true}. */
    private static final int JOINS = "true".equals(System.getenv("ROOMCAST_THOROUGH")) ? 1_000_000 : 200_000;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final ManualTime time = new ManualTime();

    @Test
    void a_room_with_ten_thousand_connections() {
        try (Rooms rooms =
                Rooms.builder().time(time).heartbeat(Duration.ofDays(1)).build()) {
            List<StrictMember> members = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                members.add(StrictMember.connect(rooms, "user" + i, "lobby", Runnable::run, faults));
            }
            // A hundred are told one by one, which is a hundred times a hundred frames; the rest costs each its own.
            assertTrue(
                    rooms.stats().delivered() < 10_000,
                    "frames: " + rooms.stats().delivered());
            members.get(17).sends("{\"content\":\"hello\"}");
            for (int i = 1; i < 100; i++) {
                assertTrue(rooms.room("lobby").broadcast("chat", i));
            }
            await().untilAsserted(() -> members.forEach(member -> assertEquals(100, member.messages())));
            members.subList(1, 10_000).forEach(StrictMember::closes);
            await().untilAsserted(() -> assertEquals(1, rooms.stats().memberships()));
            assertEquals(
                    1,
                    rooms.room("lobby").members().toCompletableFuture().join().size());
            assertEquals(List.of(), List.copyOf(faults));
        }
    }

    @Test
    void joins_and_leaves_leave_nothing_behind_however_many() {
        try (Rooms rooms = Rooms.builder()
                .time(time)
                .heartbeat(Duration.ofDays(1))
                .rate(new Rate(1e9, Integer.MAX_VALUE))
                .build()) {
            StrictMember member = StrictMember.connect(rooms, "one", "", Runnable::run, faults);
            long before = 0;
            for (int i = 0; i < JOINS; i++) {
                String room = "\"room " + i % (JOINS / 3) + "\"";
                member.sends("{\"type\":\"join\",\"room\":" + room + "}");
                member.sends("{\"type\":\"leave\",\"room\":" + room + "}");
                if (i == JOINS / 5) {
                    before = usedMemory();
                }
            }
            long after = usedMemory();
            assertEquals(0, rooms.stats().rooms());
            assertEquals(0, rooms.stats().memberships());
            assertEquals(List.of(), List.copyOf(faults));
            assertTrue(after - before < 4_000_000, "grew by " + (after - before) + " bytes");
            member.closes();
            time.advance(Duration.ofDays(2));
            assertEquals(0, rooms.stats().timers());
        }
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}

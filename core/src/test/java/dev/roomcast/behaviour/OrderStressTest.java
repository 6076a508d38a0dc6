package dev.roomcast.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.LateBridge;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many threads at once say things, come and go, while the sockets complete now here, now there. For every member, each
 * message once and in the order of the offsets, from its {@code joined} to its {@code left}.
 */
class OrderStressTest {

    private static final int ROOMS = 4;
    private static final int MEMBERS = 24;
    private static final int THREADS = 4;
    private static final int MESSAGES = 4_000;
    private static final int GUESTS = 150;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS + 2);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @ParameterizedTest(name = "late bridge: {0}")
    @ValueSource(booleans = {false, true})
    void each_member_gets_each_message_once_and_in_order(boolean late) throws Exception {
        Bridge bridge = late ? new LateBridge(Bridge.local()) : Bridge.local();
        try (Rooms rooms = Rooms.builder()
                .bridge(bridge)
                .rate(new Rate(1e9, Integer.MAX_VALUE))
                .limit(Limit.OUTBOX_FRAMES, 1_000_000)
                .limit(Limit.OUTBOX_BYTES, 1_000_000_000)
                .history(new HistoryLimits(10, Duration.ofMinutes(1), 10_000))
                .build()) {
            List<StrictMember> members = new ArrayList<>();
            for (int i = 0; i < MEMBERS; i++) {
                boolean inline = i % 2 == 0;
                members.add(StrictMember.connect(
                        rooms, "user" + i % 20, "room" + i % ROOMS, inline ? Runnable::run : threads, faults));
            }
            await().until(() ->
                    members.stream().allMatch(member -> rooms.stats().memberships() == MEMBERS));
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> talk = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                talk.add(threads.submit(() -> {
                    for (int i = 0; i < MESSAGES || !over.get(); i++) {
                        say(rooms, i);
                    }
                }));
            }
            Future<?> traffic = threads.submit(() -> comeAndGo(rooms));
            traffic.get();
            over.set(true);
            for (Future<?> each : talk) {
                each.get();
            }
            await().untilAsserted(() -> assertEquals(
                    rooms.stats().published(),
                    members.subList(0, ROOMS).stream()
                            .mapToLong(StrictMember::messages)
                            .sum()));
            await().untilAsserted(() -> assertEquals(MEMBERS, rooms.stats().memberships()));
            assertEquals(List.of(), List.copyOf(faults));
            for (int i = 0; i < MEMBERS; i++) {
                String room = "room" + i % ROOMS;
                long top = members.get(i % ROOMS).offset(room);
                StrictMember member = members.get(i);
                await().untilAsserted(() -> assertEquals(top, member.offset(room)));
            }
        }
    }

    /** Says something as the application, and now and then waits for room. */
    private static void say(Rooms rooms, int i) {
        String room = "room" + ThreadLocalRandom.current().nextInt(ROOMS);
        while (!rooms.room(room).broadcast("chat", i)) {
            Thread.onSpinWait();
        }
    }

    /** Guests stay for a while, so that they hear something, and leave and join in between. */
    private void comeAndGo(Rooms rooms) {
        Deque<StrictMember> guests = new ArrayDeque<>();
        for (int i = 0; i < GUESTS; i++) {
            StrictMember guest = StrictMember.connect(rooms, "guest" + i, "room" + i % ROOMS, Runnable::run, faults);
            guest.sends("{\"type\":\"join\",\"room\":\"room" + (i + 1) % ROOMS + "\"}");
            guest.sends("{\"type\":\"leave\",\"room\":\"room" + i % ROOMS + "\"}");
            guest.sends("{\"type\":\"join\",\"room\":\"room" + i % ROOMS + "\"}");
            guests.add(guest);
            if (guests.size() > 8) {
                StrictMember leaving = guests.remove();
                while (leaving.messages() == 0 && faults.isEmpty()) {
                    Thread.onSpinWait();
                }
                leaving.closes();
            }
        }
        guests.forEach(StrictMember::closes);
    }
}

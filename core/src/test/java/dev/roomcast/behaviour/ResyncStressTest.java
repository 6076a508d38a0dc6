package dev.roomcast.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.LateBridge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Publishers that never wait, members that overflow again and again, others that are cut and come back where they were: each
 * checks that every message comes once and in order. The members are many enough for several threads to deliver.
 */
class ResyncStressTest {

    private static final int FAST = 100;
    private static final int SLOW = 12;
    private static final int COMEBACKS = 100;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final ExecutorService publishers = Executors.newFixedThreadPool(2);
    private final ExecutorService reader = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        publishers.shutdownNow();
        reader.shutdownNow();
    }

    @ParameterizedTest(name = "late bridge: {0}")
    @ValueSource(booleans = {false, true})
    void whoever_is_slow_or_comes_back_misses_nothing(boolean late) throws Exception {
        Bridge bridge = late ? new LateBridge(Bridge.local()) : Bridge.local();
        try (Rooms rooms = Rooms.builder()
                .bridge(bridge)
                .rate(new Rate(1e9, Integer.MAX_VALUE))
                .limit(Limit.OUTBOX_BYTES, 4_000)
                .limit(Limit.WRITE_DEADLINE, 600_000)
                .history(new HistoryLimits(1_000_000, Duration.ofMinutes(5), 200_000_000))
                .build()) {
            List<StrictMember> members = new ArrayList<>();
            for (int i = 0; i < FAST; i++) {
                members.add(StrictMember.connect(rooms, "fast" + i, "r", Runnable::run, faults));
            }
            for (int i = 0; i < SLOW; i++) {
                members.add(StrictMember.connect(rooms, "slow" + i, "r", this::later, faults));
            }
            await().until(() -> rooms.stats().memberships() == FAST + SLOW);
            AtomicBoolean over = new AtomicBoolean();
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                work.add(publishers.submit(() -> publish(rooms, over)));
            }
            StrictMember guest = StrictMember.connect(rooms, "guest", "r", Runnable::run, faults);
            await().until(() -> guest.messages() > 0);
            StrictMember back = comeBackAgainAndAgain(rooms, guest);
            over.set(true);
            for (Future<?> each : work) {
                each.get();
            }
            members.add(back);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !faults.isEmpty()
                            || members.stream()
                                    .allMatch(member ->
                                            member.offset("r") == rooms.stats().published()));
            assertEquals(List.of(), List.copyOf(faults));
            assertTrue(rooms.stats().hits(Limit.OUTBOX_BYTES) > SLOW, "nobody was slow");
        }
    }

    /** One thread for all of the slow, each time a little late. */
    private void later(Runnable completion) {
        reader.execute(() -> {
            LockSupport.parkNanos(50_000);
            completion.run();
        });
    }

    private StrictMember comeBackAgainAndAgain(Rooms rooms, StrictMember guest) {
        StrictMember now = guest;
        for (int i = 0; i < COMEBACKS && faults.isEmpty(); i++) {
            now.vanishes();
            now = StrictMember.comesBack(rooms, now, "guest", "r");
            StrictMember back = now;
            if (i % 3 == 0) {
                await().pollInterval(Duration.ofMillis(2)).until(() -> back.messages() > 5 || !faults.isEmpty());
            }
        }
        return now;
    }

    private static void publish(Rooms rooms, AtomicBoolean over) {
        for (int i = 0; i < 8_000 || !over.get(); i++) {
            while (!rooms.room("r").broadcast("chat", i)) {
                Thread.onSpinWait();
            }
            if (i > 8_000) {
                LockSupport.parkNanos(100_000);
            }
        }
    }
}

package dev.roomcast.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.StagedBridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All clients of a room come back at once, each to its own place, while others go on talking. */
class StormTest {

    private static final int CLIENTS = 1_000;

    private final StagedBridge bridge = new StagedBridge();
    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .time(new ManualTime())
            .heartbeat(Duration.ofDays(1))
            .rate(new Rate(1e6, 1_000_000))
            .history(new HistoryLimits(1_000, Duration.ofMinutes(5), 8 << 20))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .limit(Limit.PRESENCE_MEMBERS, 0)
            .build();

    @AfterEach
    void close() throws Exception {
        rooms.close();
        threads.shutdown();
        assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }

    /**
     * One reading for the first who asks, and one for each who comes back from further back than any before it has, which
     * were not yet among those who waited: here the second reading serves all of them.
     */
    @Test
    void a_thousand_that_come_back_while_messages_are_said_read_history_at_most_twice() throws Exception {
        List<StrictMember> lost = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            lost.add(StrictMember.connect(rooms, "user " + i, "r", threads, faults));
            if (i % 50 == 0) {
                rooms.room("r").broadcast(Message.chat(i));
            }
        }
        // Each is lost at a place of its own, of twenty.
        for (int i = 0; i < CLIENTS; i++) {
            if (i % 50 == 0) {
                rooms.room("r").broadcast(Message.chat(i));
                long top = 21L + i / 50;
                StrictMember next = lost.get(i);
                await().until(() -> next.offset("r") == top);
            }
            lost.get(i).vanishes();
        }
        bridge.holdsAnswers("history");
        int before = bridge.asked("history");
        List<StrictMember> back = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            StrictMember gone = lost.get(at(i));
            back.add(StrictMember.comesBack(rooms, gone, "user " + at(i), "r"));
            if (i % 10 == 0) {
                rooms.room("r").broadcast(Message.chat(i));
            }
            if (i == CLIENTS / 2) {
                bridge.letsGo("history");
            }
        }
        rooms.room("r").broadcast(Message.chat("the last"));
        long top = 41L + CLIENTS / 10;
        await().atMost(Duration.ofSeconds(60))
                .until(() -> back.stream().allMatch(one -> one.offset("r") == top) || !faults.isEmpty());
        assertEquals(List.of(), List.copyOf(faults));
        int readings = bridge.asked("history") - before;
        assertTrue(readings <= 2, "readings: " + readings);
    }

    /** In an order in which the first one is not the one that was away longest. */
    private static int at(int turn) {
        return (turn * 7 + CLIENTS / 2) % CLIENTS;
    }
}

package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Overflow;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Each queue was bounded, and their sum was not: 700 slow clients, each with its megabyte, filled a heap of 512 MB, and the
 * OutOfMemoryError ended the threads that read sockets.
 */
class MemoryTest {

    private static final long MIB = 1 << 20;
    private static final String LARGE = "x".repeat(50_000);

    private final ManualTime time = new ManualTime();
    private Rooms rooms = hub(16 * MIB, Overflow.RESYNC);

    private Rooms hub(long memory, Overflow overflow) {
        return Rooms.builder()
                .time(time)
                .limit(Limit.MEMORY_BYTES, memory)
                .limit(Limit.GRACE, 0)
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .overflow(overflow)
                .rate(new Rate(1_000_000, 1_000_000))
                .build();
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void slow_clients_together_take_no_more_than_the_budget_and_a_healthy_client_misses_nothing() {
        FakeClient healthy = FakeClient.connect(rooms, "healthy", "hall");
        List<FakeClient> slow = slowClients(60);
        for (int i = 0; i < 40; i++) {
            for (FakeClient client : slow) {
                client.says(LARGE);
                assertTrue(rooms.stats().memory() < 19 * MIB, () -> rooms.stats() + "");
            }
            // The flood is faster than any network, so that what frees memory may not have had a thread yet.
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
                time.advance(Duration.ofMillis(10));
                return rooms.stats().memory() < 17 * MIB;
            });
            healthy.says("message " + i);
        }
        assertEquals(40, healthy.frames("chat").size());
        assertThat(healthy).sawEveryOffsetInOrder();
        assertThat(healthy).isOpen();
        assertTrue(rooms.stats().hits(Limit.MEMORY_BYTES) > 0);
        slow.forEach(FakeClient::vanishes);
        healthy.closes();
        time.advance(Duration.ofMinutes(10));
        assertEquals(0, rooms.stats().memory());
    }

    /** With the messages that a slow client gets again from history, nothing is lost and nobody is closed. */
    @Test
    void as_memory_runs_short_slow_clients_queue_less_and_read_the_rest_from_history_later() {
        List<FakeClient> slow = slowClients(20);
        for (int i = 0; i < 12; i++) {
            slow.forEach(client -> client.says(LARGE));
        }
        assertEquals(0, rooms.stats().closed(CloseCode.TOO_SLOW));
    }

    @Test
    void the_connections_that_hold_most_are_closed_first() {
        rooms.close();
        rooms = hub(4 * MIB, Overflow.RESYNC);
        List<FakeClient> joined = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            joined.add(FakeClient.connect(rooms, "light " + i, "light " + i));
        }
        String meta = "{\"m\":\"" + "m".repeat(4_000) + "\"}";
        FakeClient heavy = FakeClient.connect(rooms, "heavy");
        for (int i = 0; i < 128; i++) {
            heavy.sends("{\"type\":\"join\",\"room\":\"own " + i + "\",\"meta\":" + meta + "}");
        }
        FakeClient other = FakeClient.connect(rooms, "other");
        for (int i = 0; i < 128 && isOpen(other); i++) {
            other.sends("{\"type\":\"join\",\"room\":\"other " + i + "\",\"meta\":" + meta + "}");
        }
        for (int i = 0; i < 128; i++) {
            FakeClient.connect(rooms, "late " + i);
        }
        await().until(() -> rooms.stats().closed(CloseCode.TOO_SLOW) > 0);
        assertFalse(isOpen(heavy) && isOpen(other));
        joined.forEach(client -> assertThat(client).isOpen());
    }

    @Test
    void a_burst_to_many_slow_members_is_in_memory_once_and_closes_none_of_them() {
        List<FakeClient> members = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            FakeClient member = FakeClient.connect(rooms, "member " + i, "hall");
            member.stopsReading();
            members.add(member);
        }
        long before = rooms.stats().memory();
        for (int i = 0; i < 5; i++) {
            rooms.room("hall").broadcast("news", LARGE);
        }
        assertTrue(
                rooms.stats().memory() - before < 2 * MIB, () -> rooms.stats().memory() - before + " bytes");
        members.forEach(FakeClient::readsAgain);
        for (FakeClient member : members) {
            assertEquals(5, member.frames("news").size());
        }
        assertTrue(rooms.stats().memory() < before + MIB);
    }

    /** History is read once for all who come back, and what was read is kept for those who come a moment later. */
    @Test
    void history_that_was_read_for_those_who_come_back_counts_as_long_as_it_is_kept() {
        FakeClient host = FakeClient.connect(rooms, "host", "hall");
        for (int i = 0; i < 10; i++) {
            host.says(LARGE);
        }
        long before = rooms.stats().memory();
        Received joined = host.last("joined");
        FakeClient back = FakeClient.connect(rooms, "back");
        back.sends("{\"type\":\"join\",\"room\":\"hall\",\"epoch\":\"" + joined.text("epoch") + "\",\"offset\":0}");
        back.await("all messages", client -> client.frames("chat").size() == 10);
        assertTrue(rooms.stats().memory() - before > 10L * LARGE.length(), () -> rooms.stats() + "");
        time.advance(Duration.ofSeconds(5));
        await().until(() -> rooms.stats().memory() - before < MIB / 10);
        back.closes();
        host.closes();
        time.advance(Duration.ofMinutes(10));
        await().until(() -> rooms.stats().memory() == 0);
    }

    @Test
    void unfinished_messages_count_and_those_who_hold_most_of_them_go_first() {
        rooms.close();
        rooms = hub(4 * MIB, Overflow.RESYNC);
        FakeClient healthy = FakeClient.connect(rooms, "healthy", "hall");
        long before = rooms.stats().memory();
        List<FakeClient> attackers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            FakeClient attacker = FakeClient.connect(rooms, "attacker " + i);
            attacker.ignoresClose();
            attacker.sendsUnfinished(60_000);
            attackers.add(attacker);
        }
        await().until(() -> rooms.stats().closed(CloseCode.TOO_SLOW) > 0);
        assertThat(healthy).isOpen();
        for (FakeClient attacker : attackers) {
            attacker.vanishes();
            attacker.sendsUnfinished(60_000);
        }
        assertEquals(before, rooms.stats().memory());
    }

    @Test
    void a_hub_without_memory_lets_nobody_in_until_there_is_some_again() {
        rooms.close();
        rooms = hub(MIB, Overflow.RESYNC);
        List<FakeClient> crowd = new ArrayList<>();
        Handshake next = Handshake.builder().parameter("user", "next").build();
        while (rooms.refusal(next).isEmpty()) {
            crowd.add(FakeClient.connect(rooms, "user " + crowd.size(), "hall " + crowd.size()));
        }
        assertEquals(503, rooms.refusal(next).orElseThrow().status());
        assertTrue(crowd.size() > 40, crowd.size() + " clients");
        crowd.get(0).closes();
        assertTrue(rooms.refusal(next).isEmpty());
    }

    private static boolean isOpen(FakeClient client) {
        return client.closeCode().isEmpty();
    }

    private List<FakeClient> slowClients(int count) {
        List<FakeClient> slow = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FakeClient client = FakeClient.connect(rooms, "slow " + i, "own " + i);
            client.stopsReading();
            slow.add(client);
        }
        return slow;
    }
}

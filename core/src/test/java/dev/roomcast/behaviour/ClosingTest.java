package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Refusal;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.LateBridge;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingObserver;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Everything that begins ends. */
class ClosingTest {

    @Test
    void a_closed_hub_has_told_everyone_and_runs_no_thread() {
        Set<Thread> before = hubThreads();
        Rooms rooms = Rooms.builder().build();
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "garden");
        allJoined(one, two);
        rooms.close();
        rooms.close();
        assertThat(one).wasClosed(CloseCode.GOING_AWAY);
        assertThat(two).wasClosed(CloseCode.GOING_AWAY);
        assertEquals(0, rooms.stats().connections());
        await().until(() -> before.containsAll(hubThreads()));
    }

    @Test
    void a_closed_hub_refuses_newcomers_and_messages() {
        Rooms rooms = Rooms.builder().build();
        rooms.close();
        Handshake handshake = Handshake.builder().parameter("user", "late").build();
        assertEquals(503, rooms.refusal(handshake).map(Refusal::status).orElse(0));
        assertThat(FakeClient.connect(rooms, handshake)).wasClosed(CloseCode.GOING_AWAY);
        assertFalse(rooms.room("lobby").broadcast("chat", "hello"));
        assertThrows(
                CompletionException.class,
                () -> rooms.room("lobby")
                        .publish(Message.chat("hello"))
                        .toCompletableFuture()
                        .join());
    }

    @Test
    void a_client_that_does_not_answer_is_cut_when_the_hub_closes() {
        Rooms rooms = Rooms.builder().limit(Limit.SHUTDOWN_DEADLINE, 20).build();
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        one.ignoresClose();
        rooms.close();
        assertThat(one).wasClosed(CloseCode.GOING_AWAY).wasCut();
        assertEquals(0, rooms.stats().connections());
        assertEquals(1, rooms.stats().hits(Limit.SHUTDOWN_DEADLINE));
    }

    @Test
    void two_hubs_do_not_know_of_each_other() {
        Rooms second = Rooms.builder().build();
        try (Rooms first = Rooms.builder().build()) {
            FakeClient here = FakeClient.connect(first, "one", "lobby");
            FakeClient there = FakeClient.connect(second, "two", "lobby");
            allJoined(here, there);
            here.says("hello");
            assertThat(here).received("hello");
            assertThat(there).received();
            assertEquals(1, there.last("joined").number("count"));
            second.close();
            assertThat(here).isOpen();
            here.says("still here");
            assertThat(here).received("hello", "still here");
            Connection foreign = first.connections().iterator().next();
            try (Rooms third = Rooms.builder().build()) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> third.room("lobby").join(foreign));
            }
        }
    }

    @Test
    void a_client_that_is_dead_is_found_between_one_and_two_rounds_and_waited_for() {
        ManualTime time = new ManualTime();
        RecordingObserver observer = new RecordingObserver();
        try (Rooms rooms = Rooms.builder()
                .time(time)
                .observer(observer)
                .heartbeat(Duration.ofSeconds(30))
                .build()) {
            FakeClient alive = FakeClient.connect(rooms, "alive", "lobby");
            FakeClient dead = FakeClient.connect(rooms, "dead", "lobby");
            FakeClient talking = FakeClient.connect(rooms, "talking", "lobby");
            dead.ignoresPings();
            dead.ignoresClose();
            talking.ignoresPings();
            for (int second = 0; second < 60; second++) {
                time.advance(Duration.ofSeconds(1));
                talking.says(second);
            }
            assertThat(dead).wasClosed(CloseCode.HEARTBEAT_LOST);
            assertThat(talking).isOpen();
            assertThat(alive).isOpen();
            assertEquals(2, alive.pings());
            time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue()));
            assertThat(dead).wasCut();
            time.advance(Duration.ofMillis(Limit.GRACE.defaultValue()));
            assertEquals("dead", alive.last("user_left").text("userId"));
            assertTrue(observer.events().contains("close dead 1006 HEARTBEAT_LOST"));
        }
    }

    @Test
    void when_all_have_gone_nothing_is_left() {
        ManualTime time = new ManualTime();
        try (Rooms rooms = Rooms.builder().time(time).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            FakeClient two = FakeClient.connect(rooms, "two", "lobby");
            one.stopsReading();
            two.says("hello");
            one.vanishes();
            two.closes();
            time.advance(Duration.ofMinutes(6));
            await().untilAsserted(() -> {
                assertEquals(0, rooms.stats().connections());
                assertEquals(0, rooms.stats().rooms());
                assertEquals(0, rooms.stats().memberships());
                assertEquals(0, rooms.stats().timers());
            });
        }
    }

    @Test
    void a_connection_that_ends_while_it_joins_leaves_nothing_behind() {
        ManualTime time = new ManualTime();
        try (Rooms rooms = Rooms.builder()
                .time(time)
                .bridge(new LateBridge(dev.roomcast.bridge.Bridge.local()))
                .build()) {
            for (int i = 0; i < 500; i++) {
                FakeClient.connect(rooms, "user" + i, "room" + i % 7).closes();
            }
            await().untilAsserted(() -> {
                assertEquals(0, rooms.stats().rooms());
                assertEquals(0, rooms.stats().memberships());
            });
            for (int i = 0; i < 7; i++) {
                assertTrue(rooms.room("room" + i)
                        .members()
                        .toCompletableFuture()
                        .join()
                        .isEmpty());
            }
        }
    }

    private static Set<Thread> hubThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("roomcast-"))
                .collect(Collectors.toSet());
    }
}

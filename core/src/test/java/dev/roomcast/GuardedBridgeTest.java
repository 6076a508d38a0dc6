package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A bridge of somebody else, which does everything that it must not. */
class GuardedBridgeTest {

    private final BrokenBridge bridge = new BrokenBridge();
    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .limit(Limit.SHUTDOWN_DEADLINE, 20_000)
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    /** With null, methods return null in the place of a stage. */
    static Stream<@Nullable Throwable> breaks() {
        return Stream.of(
                new IllegalStateException("on purpose"), new java.io.IOException("on purpose"), new Error("x"), null);
    }

    /** The connection was counted and kept for ever: an exception out of the roster came before the rest of its end. */
    @ParameterizedTest
    @MethodSource("breaks")
    void a_connection_ends_all_the_same(@Nullable Throwable thrown) {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        FakeClient three = FakeClient.connect(rooms, "three", "lobby");
        three.last("joined");
        bridge.breaks(thrown, "leave", "close", "read", "history", "update");
        one.closes();
        two.vanishes();
        rooms.connections().forEach(connection -> connection.close(CloseCode.FORBIDDEN, "out"));
        assertThat(three).wasClosed(CloseCode.FORBIDDEN);
        assertEquals(0, rooms.stats().connections());
        assertEquals(0, rooms.stats().memberships());
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void a_client_is_told_that_it_could_not_be_done_and_may_try_again(@Nullable Throwable thrown) {
        for (String method : new String[] {"subscribe", "top", "join"}) {
            bridge.breaks(thrown, method);
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            assertEquals("internal", one.last("error").text("code"), method);
            bridge.mends();
            one.sends("{\"type\":\"join\"}");
            one.last("joined");
            bridge.breaks(thrown, "publish");
            one.forget();
            one.says("hello");
            assertEquals("internal", one.last("error").text("code"));
            bridge.mends();
            one.says("hello");
            assertThat(one).received("hello").isOpen();
            one.closes();
        }
    }

    @Test
    void the_host_gets_a_failed_stage() {
        bridge.breaks(new IllegalStateException("on purpose"), "publish", "read", "update", "history");
        Room room = rooms.room("lobby");
        assertFalse(room.broadcast("chat", 1));
        assertTrue(room.members().toCompletableFuture().isCompletedExceptionally());
        assertTrue(room.update("one", null).toCompletableFuture().isCompletedExceptionally());
        assertTrue(room.history(null, 1).toCompletableFuture().isCompletedExceptionally());
    }

    /** The other connections were not told, and the threads of the hub stayed. */
    @ParameterizedTest
    @MethodSource("breaks")
    void a_hub_ends_all_the_same_and_tells_all_its_clients(@Nullable Throwable thrown) {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        two.last("joined");
        bridge.breaks(thrown, "leave", "close", "read");
        rooms.close();
        assertThat(one).wasClosed(CloseCode.GOING_AWAY);
        assertThat(two).wasClosed(CloseCode.GOING_AWAY);
        assertEquals(0, rooms.stats().connections());
        assertEquals(0, rooms.stats().hits(Limit.SHUTDOWN_DEADLINE));
    }

    @Test
    void a_hub_whose_bridge_does_not_start_is_not_built_and_leaves_nothing_behind() {
        BrokenBridge broken = new BrokenBridge();
        broken.breaks(null, "start", "close");
        RoomsBuilder builder = Rooms.builder().bridge(broken);
        assertEquals(
                "on purpose",
                assertThrows(IllegalStateException.class, builder::build).getMessage());
    }

    @Test
    void a_clock_without_timers_keeps_no_connection() {
        Time clock = new Time() {
            private final ManualTime manual = new ManualTime();

            @Override
            public long millis() {
                return manual.millis();
            }

            @Override
            public long nanos() {
                return manual.nanos();
            }

            @Override
            public Timer after(Duration delay, Runnable task) {
                throw Sneaky.raise(new java.io.IOException("on purpose"));
            }

            @Override
            public int pending() {
                return 0;
            }

            @Override
            public void close() {}
        };
        try (Rooms timeless = Rooms.builder().time(clock).build()) {
            FakeClient one = FakeClient.connect(timeless, "one", "lobby");
            FakeClient two = FakeClient.connect(timeless, "two", "lobby");
            two.last("joined");
            one.vanishes();
            two.closes();
            assertEquals(0, timeless.stats().connections());
            assertEquals(0, timeless.stats().memberships());
        }
    }
}

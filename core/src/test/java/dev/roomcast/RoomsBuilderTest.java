package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomsBuilderTest {

    private final RoomsBuilder builder = Rooms.builder();

    @ParameterizedTest
    @EnumSource
    void a_limit_has_a_smallest_value(Limit limit) {
        assertSame(builder, builder.limit(limit, limit.smallest()));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> builder.limit(limit, limit.smallest() - 1));
        assertTrue(refused.getMessage().contains(limit.name()), refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> builder.limit(limit, Long.MIN_VALUE));
        assertEquals(limit.smallest(), new Settings(builder).limit(limit), "a refused value changes nothing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.000999S"})
    void a_heartbeat_takes_at_least_a_millisecond(Duration interval) {
        assertThrows(IllegalArgumentException.class, () -> builder.heartbeat(interval));
        assertEquals(Duration.ofSeconds(30), new Settings(builder).heartbeat);
    }

    /** It overflowed when it was given, or when the hub was built. */
    @Test
    void a_heartbeat_may_be_as_long_as_one_likes() {
        for (Duration interval : new Duration[] {Duration.ofSeconds(Long.MAX_VALUE), Duration.ofDays(1_000_000_000)}) {
            try (Rooms rooms = builder.heartbeat(interval).build()) {
                FakeClient client = FakeClient.connect(rooms, "one", "lobby");
                assertTrue(client.last("welcome").number("heartbeat") > 0);
            }
            try (Heartbeat heartbeat = Heartbeat.every(interval, new ManualTime())) {
                assertEquals(interval, heartbeat.interval());
            }
        }
    }

    /** It was an error of the hub, much later, that did not say which. */
    @Test
    @SuppressWarnings("NullAway")
    void null_is_refused_at_the_call_by_the_name_of_the_parameter() {
        refusesNull("origins", () -> builder.allowedOrigins((String[]) null));
        refusesNull("policy", () -> builder.origins(null));
        refusesNull("authenticator", () -> builder.authenticator(null));
        refusesNull("access", () -> builder.access(null));
        refusesNull("sanitizer", () -> builder.sanitizer(null));
        refusesNull("type", () -> builder.sanitizer(null, Sanitizer.none()));
        refusesNull("sanitizer", () -> builder.sanitizer("chat", null));
        refusesNull("rate", () -> builder.userRate(null));
        refusesNull("rate", () -> builder.handshakes(null));
        refusesNull("rate", () -> builder.rate(null));
        refusesNull("interval", () -> builder.heartbeat(null));
        refusesNull("limit", () -> builder.limit(null, 1));
        refusesNull("history", () -> builder.history(null));
        refusesNull("pattern", () -> builder.history(null, HistoryLimits.DEFAULT));
        refusesNull("history", () -> builder.history("*", null));
        refusesNull("handler", () -> builder.handler(null));
        refusesNull("listener", () -> builder.listener(null));
        refusesNull("observer", () -> builder.observer(null));
        refusesNull("executor", () -> builder.executor(null));
        refusesNull("bridge", () -> builder.bridge(null));
        refusesNull("time", () -> builder.time(null));
        refusesNull("overflow", () -> builder.overflow(null));
        builder.build().close();
    }

    private static void refusesNull(String parameter, Executable call) {
        assertEquals(parameter, assertThrows(NullPointerException.class, call).getMessage());
    }

    @Test
    void the_shortest_heartbeat_is_accepted() {
        assertSame(builder, builder.heartbeat(Duration.ofMillis(1)));
        assertEquals(Duration.ofMillis(1), new Settings(builder).heartbeat);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app.example.com", "https://app.example.com/", "https://*.example.com", "null"})
    void what_is_not_an_origin_is_refused(String origin) {
        assertThrows(IllegalArgumentException.class, () -> builder.allowedOrigins("https://app.example.com", origin));
        assertThrows(IllegalArgumentException.class, () -> builder.allowedOrigins(origin));
    }

    @Test
    void no_origin_at_all_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> builder.allowedOrigins());
    }

    @Test
    void only_pages_of_the_same_origin_are_let_in_unless_others_are_named() {
        assertTrue(new Settings(builder)
                .origins
                .check(from("https://here.example"))
                .isEmpty());
        assertTrue(new Settings(builder)
                .origins
                .check(from("https://there.example"))
                .isPresent());
        builder.allowedOrigins("https://there.example");
        assertTrue(new Settings(builder)
                .origins
                .check(from("https://there.example"))
                .isEmpty());
    }

    @Test
    void nobody_is_asked_who_someone_is_by_default_and_text_is_cleaned() {
        Settings settings = new Settings(builder);
        assertEquals(null, settings.authenticator);
        assertEquals(null, settings.access);
        assertEquals("ab", settings.sanitizerOf("chat").clean("a\u0000b"));
    }

    /** Each of them once overflowed somewhere: when the hub was built, when a client vanished, when the hub was closed. */
    @Test
    void times_may_be_as_long_as_one_likes() {
        RoomsBuilder builder = Rooms.builder().time(new ManualTime());
        for (Limit limit : Limit.values()) {
            builder.limit(limit, Long.MAX_VALUE);
        }
        try (Rooms rooms = builder.build()) {
            FakeClient slow = FakeClient.connect(rooms, "one", "lobby");
            slow.stopsReading();
            FakeClient other = FakeClient.connect(rooms, "two", "lobby");
            other.says("hello");
            slow.vanishes();
            FakeClient.connect(rooms, "three", "lobby").closes();
            assertEquals("three", other.last("user_left").text("userId"));
        }
    }

    @Test
    void each_build_is_a_hub_of_its_own() {
        try (Rooms one = builder.build();
                Rooms two = builder.build()) {
            assertNotNull(one);
            assertNotSame(one, two);
        }
    }

    private static Handshake from(String origin) {
        return Handshake.builder()
                .header("Origin", origin)
                .header("Host", "here.example")
                .build();
    }
}

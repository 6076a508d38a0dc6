package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardsTest {

    private final ManualTime time = new ManualTime();
    private final RecordingObserver observer = new RecordingObserver();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .observer(observer)
            .rate(new Rate(300, 3))
            .userRate(new Rate(300, 4))
            .limit(Limit.MESSAGE_BYTES, 100)
            .limit(Limit.BAD_REQUESTS_PER_MINUTE, 3)
            .limit(Limit.RATE_REFUSALS_PER_TEN_SECONDS, 4)
            .limit(Limit.PINGS_PER_SECOND, 2)
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void size_is_looked_at_before_rate() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        says(client, 3);
        client.sends("x".repeat(101));
        assertThat(client).wasClosed(CloseCode.TOO_BIG);
        assertEquals(0, rooms.stats().refused(ErrorCode.RATE_LIMITED));
    }

    /** Told in milliseconds and rounded down, the pause was a bit too short: who kept to it was refused again. */
    @Test
    void who_waits_as_long_as_it_was_told_is_let_through() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        says(client, 3);
        for (int i = 0; i < 20; i++) {
            client.forget();
            client.says("refused");
            long pause = client.last("error").number("retryAfter");
            time.advance(Duration.ofMillis(pause));
            client.says("good");
            assertThat(client).received("good");
            time.advance(Duration.ofSeconds(10));
            says(client, 3);
            time.advance(Duration.ofNanos(i * 77_777L));
        }
    }

    @Test
    void a_user_has_a_rate_for_all_connections_together() {
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        FakeClient second = FakeClient.connect(rooms, "one", "lobby");
        says(first, 2);
        says(second, 2);
        assertEquals(0, rooms.stats().refused(ErrorCode.RATE_LIMITED));
        says(first, 1);
        assertThat(first).wasRefused(ErrorCode.RATE_LIMITED);
        FakeClient other = FakeClient.connect(rooms, "two", "lobby");
        says(other, 1);
        assertEquals(1, rooms.stats().refused(ErrorCode.RATE_LIMITED));
    }

    @Test
    void who_goes_on_although_refused_is_closed() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        says(client, 3 + 3);
        assertThat(client).isOpen();
        says(client, 1);
        assertThat(client).wasClosed(CloseCode.TOO_MANY);
        assertEquals(1, rooms.stats().hits(Limit.RATE_REFUSALS_PER_TEN_SECONDS));
    }

    @Test
    void the_third_malformed_message_is_one_too_many() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends("{");
        client.sendsBinary();
        assertThat(client).isOpen().wasRefused(ErrorCode.BAD_REQUEST);
        client.sends("[]");
        assertThat(client).wasClosed(CloseCode.BAD_REQUEST);
        assertEquals(3, rooms.stats().refused(ErrorCode.BAD_REQUEST));
    }

    /** The bucket leaked one each twenty seconds: five within the minute were forgiven. */
    @Test
    void so_do_three_that_are_spread_over_the_minute_and_not_over_more() {
        FakeClient patient = FakeClient.connect(rooms, "one", "lobby");
        FakeClient hasty = FakeClient.connect(rooms, "two", "lobby");
        for (int i = 0; i < 5; i++) {
            patient.sends("{");
            time.advance(Duration.ofSeconds(30));
        }
        assertThat(patient).isOpen();
        for (int i = 0; i < 3; i++) {
            hasty.sends("{");
            time.advance(Duration.ofSeconds(29));
        }
        assertThat(hasty).wasClosed(CloseCode.BAD_REQUEST);
    }

    @Test
    void a_bound_of_one_forgives_nothing() {
        try (Rooms strict = Rooms.builder()
                .time(time)
                .limit(Limit.BAD_REQUESTS_PER_MINUTE, 1)
                .build()) {
            FakeClient client = FakeClient.connect(strict, "one", "lobby");
            client.sends("{");
            assertThat(client).wasClosed(CloseCode.BAD_REQUEST);
        }
    }

    @Test
    void pings_have_a_bound_of_their_own() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        for (int second = 0; second < 5; second++) {
            client.sends("{\"type\":\"ping\"}");
            client.sends("{\"type\":\"ping\"}");
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(client).isOpen();
        assertEquals(10, client.frames("pong").size());
        for (int i = 0; i < 3; i++) {
            client.sends("{\"type\":\"ping\"}");
        }
        assertThat(client).wasClosed(CloseCode.TOO_MANY);
    }

    @Test
    void every_refusal_names_its_connection_and_its_reason_to_the_observer() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        says(client, 4);
        assertTrue(observer.events().containsAll(List.of("open one", "refuse one RATE_LIMITED")));
        assertThat(client).received("1", "2", "3");
    }

    @Test
    void a_stranger_may_send_less_at_once() {
        try (Rooms guarded = Rooms.builder()
                .time(time)
                .authenticator(Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token))))
                .limit(Limit.LOGIN_BYTES, 50)
                .build()) {
            FakeClient stranger = FakeClient.connect(guarded, "one", "lobby");
            stranger.sends("{\"type\":\"auth\",\"token\":\"" + "x".repeat(50) + "\"}");
            assertThat(stranger).wasClosed(CloseCode.POLICY);
            assertEquals(1, guarded.stats().hits(Limit.LOGIN_BYTES));
            FakeClient known = FakeClient.connect(guarded, "two", "lobby");
            known.sends("{\"type\":\"auth\",\"token\":\"two\"}");
            known.says("x".repeat(100));
            assertThat(known).isOpen();
        }
    }

    private static void says(FakeClient client, int count) {
        for (int i = 1; i <= count; i++) {
            client.says(i);
        }
    }
}

package dev.roomcast.testkit;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FakeClientTest {

    private final ManualTime time = new ManualTime();

    /** A slow start came behind the first ping: the client threw, its connection could not be written to any more. */
    @Test
    void a_client_that_is_pinged_before_it_has_its_way_in_answers_when_it_has() {
        Authenticator slow = credentials -> {
            time.advance(Duration.ofSeconds(30));
            return CompletableFuture.completedFuture(Identity.of("one"));
        };
        try (Rooms rooms = rooms(slow)) {
            FakeClient client = FakeClient.connect(rooms, "one", "lobby");
            assertEquals(1, client.pings());
            assertThat(client).receivedTypes("welcome", "joined", "user_joined").isOpen();
            time.advance(Duration.ofSeconds(30));
            assertThat(client).isOpen();
            assertEquals(2, client.pings());
        }
    }

    @Test
    void a_client_that_is_closed_before_it_has_its_way_in_answers_when_it_has() {
        Authenticator none = credentials -> CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
        try (Rooms rooms = rooms(none)) {
            FakeClient client = FakeClient.connect(rooms, "one", "lobby");
            assertThat(client).wasClosed(CloseCode.UNAVAILABLE);
            assertEquals(0, rooms.stats().connections());
        }
    }

    private Rooms rooms(Authenticator authenticator) {
        return Rooms.builder()
                .time(time)
                .authenticator(authenticator)
                .limit(Limit.AUTH_DEADLINE, 3_600_000)
                .build();
    }
}

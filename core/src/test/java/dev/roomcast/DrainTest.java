package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Authenticator;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrainTest {

    private static final int CROWD = 20_000;

    private final ManualTime time = new ManualTime();
    private final Hub hub = new Hub(Rooms.builder()
            .time(time)
            .heartbeat(Duration.ofDays(1))
            // Who has not been let in is closed without a detour, so that it can be counted to the tick.
            .authenticator(Authenticator.token(token -> new CompletableFuture<>()))
            .limit(Limit.AUTH_DEADLINE, 3_600_000)
            .limit(Limit.PENDING_CONNECTIONS, CROWD)
            .limit(Limit.SHUTDOWN_DEADLINE, 0));

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void twenty_thousand_are_spread_evenly_and_take_one_timer() {
        come(CROWD);
        int timers = time.pending();
        Drain drain = new Drain(hub, Duration.ofSeconds(20));
        drain.begin();
        assertEquals(1, time.pending() - timers);
        for (int second = 1; second <= 20; second++) {
            time.advance(Duration.ofSeconds(1));
            assertEquals(1000L * second, hub.stats().closed(CloseCode.GOING_AWAY));
        }
        assertTrue(drain.isOver());
    }

    @Test
    void a_clock_that_stood_still_does_not_make_up_for_it_at_one_go() {
        come(1000);
        new Drain(hub, Duration.ofNanos(1)).begin();
        assertEquals(64, hub.stats().closed(CloseCode.GOING_AWAY));
        long[] seen = new long[1];
        time.after(Duration.ZERO, () -> seen[0] = hub.stats().closed(CloseCode.GOING_AWAY));
        time.advance(Duration.ZERO);
        assertEquals(128, seen[0], "closed before another timer had its turn");
        assertEquals(1000, hub.stats().closed(CloseCode.GOING_AWAY));
    }

    private void come(int number) {
        for (int i = 0; i < number; i++) {
            hub.accept(Handshake.builder().parameter("user", "user " + i).build(), new NullTransport());
        }
    }
}

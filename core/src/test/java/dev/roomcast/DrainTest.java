package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DrainTest {

    private static final int CROWD = 20_000;

    private final ManualTime time = new ManualTime();
    private final Hub hub = new Hub(Rooms.builder()
            .time(time)
            .heartbeat(Duration.ofDays(1))
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
            int gone = 1000 * second;
            await().until(() -> hub.stats().closed(CloseCode.GOING_AWAY) == gone);
        }
        assertTrue(drain.isOver());
    }

    @Test
    void a_clock_that_stood_still_does_not_make_up_for_it_at_one_go() {
        come(1000);
        new Drain(hub, Duration.ofNanos(1)).begin();
        time.advance(Duration.ZERO);
        // Each go lets the other timers have their turn, and so do those that come behind it.
        int goes = 0;
        while (hub.stats().closed(CloseCode.GOING_AWAY) < 1000) {
            time.advance(Duration.ofNanos(1));
            goes++;
            int atMost = 64 * (goes + 2);
            assertTrue(hub.stats().closed(CloseCode.GOING_AWAY) <= atMost, "after " + goes + " goes");
        }
    }

    private void come(int number) {
        for (int i = 0; i < number; i++) {
            hub.accept(Handshake.builder().parameter("user", "user " + i).build(), new NullTransport());
        }
    }
}

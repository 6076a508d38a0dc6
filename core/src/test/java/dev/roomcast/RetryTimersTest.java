package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members and rooms that try again in a moment have one timer for all. */
class RetryTimersTest {

    private final ManualTime time = new ManualTime();
    private final Hub hub = new Hub(Rooms.builder().time(time));

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void however_many_wait_there_is_one_timer() {
        List<LiveRoom> rooms = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            rooms.add(hub.rooms.hold("r" + i));
        }
        int before = time.pending();
        for (int i = 0; i < 10; i++) {
            rooms.forEach(hub.isolation::await);
        }
        assertEquals(before + 1, time.pending());
        time.advance(Duration.ofSeconds(1));
        assertEquals(before, time.pending());
        hub.isolation.await(rooms.get(0));
        assertEquals(before + 1, time.pending());
    }
}

package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Overflow;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingObserver;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A member that does not read harms nobody but itself. */
class SlowMemberTest {

    private final ManualTime time = new ManualTime();
    private final RecordingObserver observer = new RecordingObserver();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .observer(observer)
            .rate(new Rate(1e6, 1_000_000))
            .limit(Limit.OUTBOX_BYTES, 10_000)
            .overflow(Overflow.DISCONNECT)
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .build();
    private final FakeClient fast = FakeClient.connect(rooms, "fast", "lobby");
    private final FakeClient slow = FakeClient.connect(rooms, "slow", "lobby");

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void what_waits_goes_out_in_order_when_it_reads_again() {
        slow.stopsReading();
        String[] said = IntStream.range(0, 30).mapToObj(Integer::toString).toArray(String[]::new);
        for (String text : said) {
            fast.says(text);
        }
        assertThat(fast).received(said);
        assertThat(slow).received("0");
        slow.readsAgain();
        assertThat(slow).received(said).sawEveryOffsetInOrder().isOpen();
    }

    @Test
    void one_that_never_reads_is_dropped_and_counted_and_the_others_go_on() {
        slow.stopsReading();
        slow.ignoresClose();
        String[] said = IntStream.range(0, 500).mapToObj(Integer::toString).toArray(String[]::new);
        for (String text : said) {
            fast.says(text);
        }
        assertThat(fast).received(said).isOpen();
        assertEquals(1, rooms.stats().closed(CloseCode.TOO_SLOW));
        assertEquals(1, rooms.stats().hits(Limit.OUTBOX_BYTES));
        assertTrue(rooms.stats().dropped() > 0);
        assertTrue(observer.events().contains("limit OUTBOX_BYTES slow"));
        time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue()));
        assertThat(slow).wasCut();
        assertEquals(1, rooms.stats().connections());
        assertTrue(observer.events().contains("close slow 1006 TOO_SLOW"));
    }

    @Test
    void a_write_that_takes_too_long_ends_the_connection_though_nothing_else_is_sent() {
        slow.stopsReading();
        fast.says("one");
        time.advance(Duration.ofMillis(Limit.WRITE_DEADLINE.defaultValue() - 1));
        assertThat(slow).isOpen();
        assertEquals(0, rooms.stats().closed(CloseCode.TOO_SLOW));
        time.advance(Duration.ofMillis(Limit.WRITE_DEADLINE.defaultValue() / 4 + 1));
        assertEquals(1, rooms.stats().closed(CloseCode.TOO_SLOW));
        assertEquals(1, rooms.stats().hits(Limit.WRITE_DEADLINE));
        time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue()));
        assertThat(slow).wasCut();
    }

    @Test
    void a_closed_slow_one_that_reads_again_gets_its_close_code() {
        slow.stopsReading();
        for (int i = 0; i < 500; i++) {
            fast.says(i);
        }
        slow.readsAgain();
        assertThat(slow).wasClosed(CloseCode.TOO_SLOW);
    }

    @Test
    void answers_have_a_bound_of_their_own() {
        slow.stopsReading();
        fast.says("stuck");
        for (int i = 0; i < 2000 && rooms.stats().closed(CloseCode.TOO_SLOW) == 0; i++) {
            slow.sends("{\"type\":\"leave\",\"room\":\"nowhere\"}");
        }
        assertEquals(1, rooms.stats().hits(Limit.CONTROL_BYTES));
        assertEquals(1, rooms.stats().closed(CloseCode.TOO_SLOW));
    }

    @Test
    void a_volatile_message_is_dropped_for_it_and_holds_up_nothing() {
        slow.stopsReading();
        fast.says("first");
        assertTrue(rooms.room("lobby").broadcast(Message.of("cursor", 1).asVolatile()));
        fast.says("second");
        assertEquals(1, fast.frames("cursor").size());
        slow.readsAgain();
        assertThat(slow).received("first", "second");
        assertEquals(List.of(), slow.frames("cursor"));
        assertEquals(-1, fast.last("cursor").number("offset"));
        assertThat(fast).received("first", "second").sawEveryOffsetInOrder();
    }

    @Test
    void it_leaves_with_grace_and_the_others_are_told() {
        allJoined(fast, slow);
        slow.stopsReading();
        for (int i = 0; i < 500; i++) {
            fast.says(i);
        }
        assertEquals(List.of(), fast.frames("user_left"));
        time.advance(Duration.ofMillis(Limit.GRACE.defaultValue()));
        assertEquals("slow", fast.last("user_left").text("userId"));
    }
}

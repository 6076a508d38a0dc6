package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomLogTest {

    private static final Duration AGE = Duration.ofSeconds(60);

    private final ManualTime time = new ManualTime();
    private final RecordingDelivery delivery = new RecordingDelivery();
    private final List<RoomLog> retired = new ArrayList<>();
    private final RoomLog log = log(new HistoryLimits(3, AGE, 100));

    @Test
    void offsets_count_from_one_and_the_delivery_sees_them() {
        assertEquals(0, log.top().offset());
        Position first = say("a");
        Position second = say("b");
        assertEquals(1, first.offset());
        assertEquals(first.next(), second);
        assertEquals(second, log.top());
        assertEquals(List.of(1L, 2L), delivery.offsets("r"));
    }

    @Test
    void history_is_bounded_by_count() {
        for (String text : new String[] {"a", "b", "c", "d", "e"}) {
            say(text);
        }
        assertEquals(List.of("c", "d", "e"), kept());
        assertFalse(log.slice(at(1), 10).complete());
        assertTrue(log.slice(at(2), 10).complete());
    }

    @Test
    void history_is_bounded_by_bytes_of_content() {
        say("x".repeat(48));
        say("y".repeat(48));
        assertEquals(2, kept().size());
        say("z");
        assertEquals(List.of("y".repeat(48), "z"), kept());
    }

    @Test
    void a_message_beyond_the_bytes_is_delivered_but_not_kept() {
        say("a");
        say("x".repeat(200));
        assertEquals(List.of(), kept());
        assertEquals(List.of(1L, 2L), delivery.offsets("r"));
        assertFalse(log.slice(at(1), 10).complete());
        assertTrue(log.slice(at(2), 10).complete());
        say("b");
        assertEquals(List.of("b"), kept());
    }

    @Test
    void history_is_bounded_by_age_and_hands_out_nothing_older() {
        say("a");
        time.advance(AGE.dividedBy(2));
        say("b");
        time.advance(AGE.dividedBy(2).minusNanos(1));
        assertEquals(List.of("a", "b"), kept());
        time.advance(Duration.ofNanos(1));
        assertEquals(List.of("b"), kept());
        assertFalse(log.slice(at(0), 10).complete());
        assertTrue(log.slice(at(1), 10).complete());
    }

    @Test
    void a_slice_begins_behind_a_position_and_ends_at_its_limit() {
        say("a");
        say("b");
        say("c");
        assertEquals(List.of("b"), texts(log.slice(at(1), 1)));
        assertEquals(List.of("b", "c"), texts(log.slice(at(1), 2)));
        assertEquals(List.of(), texts(log.slice(at(3), 2)));
        assertEquals(3, log.slice(at(1), 1).top().offset());
    }

    @Test
    void of_another_epoch_or_of_the_future_nothing_is_known() {
        say("a");
        assertFalse(log.slice(new Position("another", 0), 10).complete());
        assertFalse(log.slice(at(2), 10).complete());
        assertTrue(log.slice(at(1), 10).complete());
    }

    @Test
    void one_timer_serves_any_number_of_messages_and_ends_when_nothing_is_left() {
        for (int i = 0; i < 100; i++) {
            say("a");
            time.advance(Duration.ofSeconds(1));
            assertTrue(time.pending() <= 1);
        }
        time.advance(AGE.multipliedBy(2));
        assertEquals(0, time.pending());
        assertEquals(List.of(log), retired);
    }

    @Test
    void interest_keeps_a_log_and_its_epoch() {
        assertTrue(log.enter());
        Position first = say("a");
        time.advance(AGE.multipliedBy(3));
        assertEquals(List.of(), retired);
        assertEquals(0, time.pending());
        assertEquals(first.next(), say("b"));
        log.exit();
        assertEquals(List.of(), retired, "there is history still");
        time.advance(AGE.multipliedBy(2));
        assertEquals(List.of(log), retired);
    }

    @Test
    void a_log_without_history_retires_with_the_last_interest() {
        assertTrue(log.enter());
        assertTrue(log.enter());
        log.exit();
        assertEquals(List.of(), retired);
        log.exit();
        assertEquals(List.of(log), retired);
    }

    @Test
    void a_retired_log_takes_nothing_and_nobody() {
        assertTrue(log.enter());
        log.exit();
        assertNull(log.append(message("a")));
        assertFalse(log.enter());
        assertEquals(List.of(), delivery.offsets("r"));
    }

    /** With history switched off, each room that the host ever talked to without members was remembered for ever. */
    @Test
    void a_log_that_keeps_nothing_and_that_nobody_holds_retires_with_the_message() {
        for (HistoryLimits limits : new HistoryLimits[] {
            new HistoryLimits(0, AGE, 100), new HistoryLimits(3, Duration.ZERO, 100), new HistoryLimits(3, AGE, 0)
        }) {
            retired.clear();
            RoomLog forgetful = log(limits);
            assertNotNull(forgetful.append(message("a")));
            assertEquals(List.of(forgetful), retired, () -> "with " + limits);
            assertEquals(0, time.pending());
        }
    }

    @Test
    void ids_are_remembered_for_five_minutes_when_history_is_not() {
        Message named = message("a").id("i").from("one");
        Position first = log.append(named);
        time.advance(AGE.multipliedBy(2));
        assertEquals(List.of(), kept());
        assertEquals(first, log.append(named));
        assertEquals(List.of(1L), delivery.offsets("r"));
        time.advance(IdTable.AGE);
        assertEquals(List.of(log), retired);
        assertEquals(0, time.pending());
    }

    /** Whoever comes back to repeat a send must find its id, though the room was empty meanwhile. */
    @Test
    void ids_outlive_the_last_interest() {
        RoomLog forgetful = log(new HistoryLimits(0, Duration.ZERO, 0));
        assertTrue(forgetful.enter());
        Message named = message("a").id("i").from("one");
        Position first = forgetful.append(named);
        forgetful.exit();
        assertEquals(List.of(), retired);
        time.advance(IdTable.AGE.minusNanos(1));
        assertEquals(first, forgetful.append(named));
        time.advance(Duration.ofNanos(1));
        assertEquals(List.of(forgetful), retired);
        assertEquals(0, time.pending());
    }

    /** They were held as long as the history, which filled the space for those of all rooms. */
    @Test
    void ids_are_forgotten_after_five_minutes_though_history_is_kept_for_longer() {
        LocalMemory memory = new LocalMemory(new Bridge.Memory(1 << 20, 1, () -> {}, () -> {}));
        Duration hours = Duration.ofHours(3);
        RoomLog lasting = new RoomLog(delivery, time, new HistoryLimits(3, hours, 100), memory, retired::add);
        lasting.append(message("a"));
        time.advance(Duration.ofHours(1));
        lasting.append(message("b").id("i").from("one"));
        assertEquals(1, memory.ids());
        time.advance(IdTable.AGE.minusNanos(1));
        lasting.append(message("c"));
        assertEquals(1, time.pending());
        time.advance(Duration.ofNanos(1));
        assertEquals(0, memory.ids());
        assertEquals(3, lasting.slice(null, 10).messages().size());
        time.advance(hours.multipliedBy(2));
        assertEquals(List.of(lasting), retired);
        assertEquals(0, time.pending());
    }

    @Test
    void a_conflict_of_ids_takes_no_offset() {
        log.append(message("a").id("i").from("one"));
        assertThrows(
                BridgeException.class, () -> log.append(message("b").id("i").from("one")));
        assertEquals(1, log.top().offset());
        assertEquals(2, say("c").offset());
    }

    @Test
    void a_log_that_is_forgotten_leaves_no_timer() {
        say("a");
        assertEquals(1, time.pending());
        log.forget();
        assertEquals(0, time.pending());
        assertNull(log.append(message("b")));
    }

    /** An age that no number of nanoseconds holds once failed each publish, after the offset was taken. */
    @Test
    void history_may_be_kept_as_long_as_one_likes() {
        RoomLog eternal = log(new HistoryLimits(3, Duration.ofSeconds(Long.MAX_VALUE), 100));
        assertNotNull(eternal.append(message("a")));
        time.advance(Duration.ofDays(20_000));
        assertEquals(1, eternal.slice(null, 10).messages().size());
    }

    private RoomLog log(HistoryLimits limits) {
        return new RoomLog(delivery, time, limits, new LocalMemory(Bridge.Memory.DEFAULT), retired::add);
    }

    private Position say(String text) {
        Position position = log.append(message(text));
        assertNotNull(position);
        return position;
    }

    private Position at(long offset) {
        return new Position(log.top().epoch(), offset);
    }

    private List<String> kept() {
        return texts(log.slice(null, 100));
    }

    private static List<String> texts(HistorySlice slice) {
        return slice.messages().stream().map(m -> m.content().text()).toList();
    }

    private static Message message(String text) {
        return Message.chat(text).in("r", 1);
    }
}

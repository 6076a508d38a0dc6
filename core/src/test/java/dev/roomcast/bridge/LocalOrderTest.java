package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.BridgeException.Reason;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LocalOrderTest {

    private static final String ROOM = "lobby";

    private final RecordingDelivery delivery = new RecordingDelivery();
    private final ManualTime time = new ManualTime();
    private final AtomicInteger refused = new AtomicInteger();
    private final LocalOrder order = new LocalOrder(new Bridge.Context(
            delivery,
            time,
            room -> HistoryLimits.DEFAULT,
            new Bridge.Memory(1 << 20, 3 * LocalMemory.SHARE, () -> {}, refused::incrementAndGet)));

    @Test
    void what_is_said_is_delivered_in_order_and_can_be_read() {
        LocalOrder.Stretch stretch = order.begin(ROOM);
        Position start = stretch.top();
        assertEquals(0, start.offset());
        Position first = stretch.say(message("a", null));
        assertEquals(start.next(), first);
        assertEquals(first.next(), stretch.say(message("b", null)));
        assertEquals(List.of(1L, 2L), delivery.offsets(ROOM));
        HistorySlice slice = stretch.history(first, 9);
        assertTrue(slice.complete());
        assertEquals(1, slice.messages().size());
    }

    @Test
    void the_next_stretch_is_another_epoch_without_history() {
        LocalOrder.Stretch before = order.begin(ROOM);
        // Its id keeps the room in mind.
        Position first = before.say(message("a", "x"));
        before.end();
        LocalOrder.Stretch after = order.begin(ROOM);
        assertEquals(0, after.top().offset());
        assertFalse(after.top().comparableTo(first));
        assertFalse(after.history(first, 9).complete());
        assertEquals(List.of(), after.history(null, 9).messages());
    }

    @Test
    void ids_outlive_their_stretch_for_five_minutes() {
        LocalOrder.Stretch before = order.begin(ROOM);
        Position first = before.say(message("a", "x"));
        before.end();
        assertEquals(first, order.known(message("a", "x")));
        LocalOrder.Stretch after = order.begin(ROOM);
        assertEquals(first, after.say(message("a", "x")));
        assertEquals(1, delivery.messages(ROOM).size());
        assertEquals(
                Reason.ID_CONFLICT,
                assertThrows(BridgeException.class, () -> order.known(message("b", "x")))
                        .reason());
        assertNull(order.known(message("a", "y")));
        time.advance(IdTable.AGE);
        assertNull(order.known(message("a", "x")));
    }

    @Test
    void a_message_of_the_backends_order_is_known_once_it_was_noted() {
        Position there = new Position("e", 7);
        order.note(message("a", "x").at(there));
        order.note(message("a", null).at(there));
        // The first one counts.
        order.note(message("a", "x").at(there.next()));
        assertEquals(there, order.known(message("a", "x")));
        assertEquals(there, order.begin(ROOM).say(message("a", "x")));
        assertEquals(List.of(), delivery.messages(ROOM));
    }

    @Test
    void ids_are_bounded_and_what_has_none_is_said_all_the_same() {
        LocalOrder.Stretch stretch = order.begin(ROOM);
        stretch.say(message("a", "1"));
        stretch.say(message("a", "2"));
        order.note(message("a", "3").at(new Position("e", 1)));
        order.note(message("a", "4").at(new Position("e", 2)));
        assertNull(order.known(message("a", "4")));
        BridgeException refusal = assertThrows(BridgeException.class, () -> stretch.say(message("a", "5")));
        assertEquals(Reason.TOO_MANY_IDS, refusal.reason());
        assertEquals(1, refused.get());
        stretch.say(message("b", null));
        assertEquals(3, delivery.messages(ROOM).size());
    }

    /** A log that had refused its first message because of its id stayed for ever. */
    @Test
    void nothing_is_left_of_a_room_once_its_ids_have_expired() {
        LocalOrder.Stretch stretch = order.begin(ROOM);
        stretch.say(message("a", "1"));
        stretch.end();
        order.note(message("a", "2").in("other", 1).at(new Position("e", 1)));
        order.note(message("a", "3").in("other", 1).at(new Position("e", 2)));
        order.note(message("a", "4").in("third", 1).at(new Position("e", 1)));
        assertEquals(2, order.remembered());
        time.advance(IdTable.AGE);
        assertEquals(0, order.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void after_the_end_nothing_is_said() {
        LocalOrder.Stretch stretch = order.begin(ROOM);
        order.close();
        assertEquals(
                Reason.UNAVAILABLE,
                assertThrows(BridgeException.class, () -> stretch.say(message("a", null)))
                        .reason());
    }

    private static Message message(String content, String id) {
        return Message.chat(content).from("ann").id(id).in(ROOM, 1);
    }
}

package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a {@link dev.roomcast.bridge.Broadcaster} owes. */
abstract class BroadcasterDuties extends BridgeFixture {

    @Test
    void offsets_count_from_one_under_one_epoch() {
        try (Subscription interest = subscribed()) {
            Position first = position("a");
            Position second = position("b");
            assertEquals(1, first.offset());
            assertEquals(first.next(), second);
            assertEquals(second, get(interest.top()));
        }
    }

    @Test
    void rooms_have_orders_of_their_own() {
        position("a");
        Position elsewhere = get(publish(Message.chat("b").in(room + "2", 1)));
        assertNotNull(elsewhere);
        assertEquals(1, elsewhere.offset());
    }

    @Test
    void what_is_published_is_appended_to_the_delivery_in_order_and_once() {
        try (Subscription interest = subscribed()) {
            assertEquals(0, get(interest.top()).offset());
            List<CompletionStage<@Nullable Position>> stages = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                stages.add(publish(Message.chat(i).in(room, 1)));
            }
            stages.forEach(BridgeContract::get);
            eventually(() -> delivery.messages(room).size() >= 100);
            assertEquals(LongStream.rangeClosed(1, 100).boxed().toList(), delivery.offsets(room));
            assertEquals(
                    LongStream.range(0, 100).mapToObj(Long::toString).toList(),
                    delivery.messages(room).stream()
                            .map(m -> m.content().json())
                            .toList());
        }
    }

    @Test
    void a_delivered_message_is_what_was_published() {
        try (Subscription interest = subscribed()) {
            assertEquals(0, get(interest.top()).offset());
            Message message = Message.of("cursor", Content.ofJson("{\"x\": 1.10, \"ü\": \"\\u2028\"}"))
                    .from("one")
                    .id("id-1")
                    .in(room, 77);
            Position position = get(publish(message));
            eventually(() -> !delivery.messages(room).isEmpty());
            Message delivered = delivery.messages(room).get(0);
            assertEquals(position, delivered.position());
            assertEquals("cursor", delivered.type());
            assertEquals("one", delivered.userId());
            assertEquals(message.content(), delivered.content());
            assertEquals(77, delivered.timestamp());
        }
    }

    @Test
    void a_volatile_message_is_delivered_without_position_and_history() {
        try (Subscription interest = subscribed()) {
            position("a");
            assertNull(get(publish(Message.chat("v").asVolatile().in(room, 1))));
            eventually(() -> delivery.messages(room).size() == 2);
            assertNull(delivery.messages(room).get(1).position());
            assertEquals(1, get(interest.top()).offset());
            assertEquals(List.of("a"), contents(history(null, 10)));
        }
    }

    @Test
    void a_repeated_id_gets_the_first_position_and_is_not_published_again() {
        try (Subscription interest = subscribed()) {
            Message message = Message.chat("a").from("one").id("x").in(room, 1);
            Position first = get(publish(message));
            position("b");
            assertEquals(first, get(publish(message)));
            assertEquals(2, get(interest.top()).offset());
            eventually(() -> delivery.messages(room).size() >= 2);
            assertEquals(2, delivery.messages(room).size());
        }
    }

    @Test
    void a_repeated_id_with_other_content_is_a_conflict() {
        get(publish(Message.chat("a").from("one").id("x").in(room, 1)));
        BridgeException refusal =
                refused(publish(Message.chat("b").from("one").id("x").in(room, 1)));
        assertEquals(BridgeException.Reason.ID_CONFLICT, refusal.reason());
    }

    @Test
    void ids_belong_to_a_user_and_a_room() {
        Position first = get(publish(Message.chat("a").from("one").id("x").in(room, 1)));
        Position other = get(publish(Message.chat("a").from("two").id("x").in(room, 1)));
        assertNotEquals(first, other);
        Position elsewhere = get(publish(Message.chat("b").from("one").id("x").in(room + "2", 1)));
        assertNotNull(elsewhere);
        assertEquals(1, elsewhere.offset());
    }

    @Test
    void an_id_is_forgotten_after_five_minutes() {
        Message message = Message.chat("a").from("one").id("x").in(room, 1);
        try (Subscription interest = subscribed()) {
            get(publish(message));
            pass(Duration.ofMinutes(5).plusSeconds(1));
            Position again = get(publish(message));
            assertNotNull(again);
            assertEquals(2, again.offset());
            assertEquals(again, get(interest.top()));
        }
    }

    @Test
    void history_returns_what_follows_a_position() {
        Position first = position("a");
        position("b");
        position("c");
        HistorySlice slice = history(first, 10);
        assertTrue(slice.complete());
        assertEquals(List.of("b", "c"), contents(slice));
        assertEquals(3, slice.top().offset());
        assertEquals(List.of("b"), contents(history(first, 1)));
        assertEquals(List.of(), contents(history(slice.top(), 10)));
    }

    @Test
    void history_says_when_it_does_not_reach_back() {
        Position first = position("0");
        for (int i = 1; i < 8; i++) {
            position(Integer.toString(i));
        }
        HistorySlice slice = history(first, 10);
        assertFalse(slice.complete());
        assertEquals(8, slice.top().offset());
        assertEquals(List.of("3", "4", "5", "6", "7"), contents(history(null, 10)));
    }

    @Test
    void history_of_another_epoch_or_of_the_future_is_not_complete() {
        Position first = position("a");
        assertFalse(history(new Position("another", 0), 10).complete());
        assertFalse(history(new Position(first.epoch(), 7), 10).complete());
        assertFalse(history(new Position(first.epoch(), 999_999_999_999_999_999L), 10)
                .complete());
        assertFalse(history(new Position(first.epoch(), Long.MAX_VALUE), 10).complete());
        // Clients name what they like.
        for (String odd : List.of("0", " ", "\u0000", "\"'\\{}[]", "\u00e9\ud83d\ude00", "\ud800", "x".repeat(32))) {
            HistorySlice slice = history(new Position(odd, 1), 10);
            assertFalse(slice.complete());
            assertEquals(first, slice.top());
        }
    }

    @Test
    void history_forgets_what_is_too_old() {
        try (Subscription interest = subscribed()) {
            Position first = position("a");
            pass(Duration.ofMinutes(5).plusSeconds(1));
            HistorySlice slice = history(new Position(first.epoch(), 0), 10);
            assertFalse(slice.complete());
            assertEquals(List.of(), contents(slice));
            assertEquals(first, get(interest.top()));
        }
    }

    @Test
    void a_full_delivery_refuses_before_a_position_is_given() {
        try (Subscription interest = subscribed()) {
            position("a");
            delivery.fillUp();
            BridgeException refusal = refused(publish(Message.chat("b").in(room, 1)));
            assertEquals(BridgeException.Reason.UNAVAILABLE, refusal.reason());
            assertEquals(1, get(interest.top()).offset());
        }
    }
}

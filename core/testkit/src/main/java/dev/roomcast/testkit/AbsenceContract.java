package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.BridgeException.Reason;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The duties of a {@link dev.roomcast.bridge.Bridge} whose backend can be away, as tests beside those of
 * {@link BridgeContract}. The backend is one that forgets nothing by being away.
 */
public abstract class AbsenceContract extends BridgeFixture {

    /** For subclasses. */
    protected AbsenceContract() {}

    /** Takes the bridge's backend away. */
    protected abstract void loseBackend();

    /** Brings the bridge's backend back. */
    protected abstract void findBackend();

    private void isLost() {
        loseBackend();
        eventually(delivery::isIsolated);
    }

    private void isFound() {
        findBackend();
        eventually(() -> !delivery.isIsolated());
    }

    @Test
    void a_backend_that_is_away_is_said_to_be_and_so_is_its_return() {
        assertFalse(delivery.isIsolated());
        isLost();
        isFound();
    }

    @Test
    void a_join_is_answered_at_once_and_carried_out_on_return() {
        try (Subscription interest = subscribed()) {
            join("before", "c1");
            isLost();
            assertEquals(Roster.LATER, join("meanwhile", "c2"));
            isFound();
            get(interest.top());
            assertEquals(List.of("before", "meanwhile"), sorted());
        }
    }

    @Test
    void a_leave_is_answered_at_once_and_carried_out_on_return() {
        try (Subscription interest = subscribed()) {
            join("stays", "c1");
            join("goes", "c2");
            isLost();
            assertEquals(Roster.LATER, join("short", "c3"));
            leave("goes", "c2", Cause.LEAVE, Duration.ZERO);
            leave("short", "c3", Cause.LEAVE, Duration.ZERO);
            isFound();
            get(interest.top());
            eventually(() -> sorted().equals(List.of("stays")));
        }
    }

    @Test
    void what_can_only_be_read_is_refused_at_once() {
        isLost();
        assertEquals(Reason.UNAVAILABLE, refused(bridge().roster().read(room)).reason());
        assertEquals(
                Reason.UNAVAILABLE,
                refused(bridge().broadcaster().history(room, null, 1)).reason());
    }

    @Test
    void the_top_is_the_last_position_that_was_delivered_and_what_follows_it_comes_on_return() {
        try (Subscription interest = subscribed()) {
            Position first = position("first");
            eventually(() -> delivery.offsets(room).equals(List.of(1L)));
            isLost();
            assertEquals(first, get(interest.top()));
            CompletionStage<@Nullable Position> waits =
                    publish(Message.chat("second").in(room, 1));
            isFound();
            get(interest.top());
            Position second = get(waits);
            if (second != null && second.comparableTo(first)) {
                eventually(() -> delivery.offsets(room).equals(List.of(1L, 2L)));
                assertEquals(List.of(), delivery.losses());
            } else {
                eventually(() -> !delivery.losses().isEmpty());
            }
        }
    }

    @Test
    void of_a_room_that_is_not_known_here_an_epoch_of_nobody_else_is_told_and_a_loss_on_return() {
        Position before = position("before");
        isLost();
        try (Subscription interest = bridge().broadcaster().subscribe(room)) {
            Position alone = get(interest.top());
            assertNotEquals(before.epoch(), alone.epoch());
            isFound();
            Position top = get(interest.top());
            eventually(() -> !delivery.losses().isEmpty());
            assertTrue(delivery.losses().get(0).startsWith(room + " " + alone.epoch() + ":" + alone.offset() + " "));
            assertTrue(top.offset() >= before.offset());
        }
    }

    @Test
    void a_volatile_message_is_delivered_here_meanwhile() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            isLost();
            get(publish(Message.chat("now").asVolatile().in(room, 1)));
            eventually(() -> delivery.messages(room).size() == 1);
            isFound();
            assertEquals(1, delivery.messages(room).size());
        }
    }

    private List<String> sorted() {
        return userIds(read()).stream().sorted().toList();
    }
}

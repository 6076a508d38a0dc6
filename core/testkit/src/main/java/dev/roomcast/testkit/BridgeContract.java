package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The duties of a {@link Bridge}, as tests. A bridge proves itself by a test class that extends this one and supplies it.
 * Names of rooms are new in each test, so that a bridge may keep what earlier ones left behind.
 */
public abstract class BridgeContract {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final long PATIENCE_SECONDS = 20;

    /** Where the bridge puts what happened. */
    protected final RecordingDelivery delivery = new RecordingDelivery();

    /** The clock of the bridge. */
    protected final ManualTime time = new ManualTime();

    /** A room that no other test uses. */
    protected final String room = "room " + System.nanoTime() + " ü/%";

    private @Nullable Bridge bridge;

    /** For subclasses. */
    protected BridgeContract() {}

    /**
     * A new bridge, not started.
     *
     * @return the bridge under test
     */
    protected abstract Bridge create();

    /**
     * Lets time pass for the bridge. Bridges that do not live by {@link #time} alone override it.
     *
     * @param duration how long
     */
    protected void pass(Duration duration) {
        time.advance(duration);
    }

    @BeforeEach
    void startBridge() {
        bridge = create();
        bridge.start(new Bridge.Context(delivery, time, name -> new HistoryLimits(5, Duration.ofMinutes(5), 1 << 20)));
    }

    @AfterEach
    void closeBridge() {
        bridge().close();
        bridge().close();
    }

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

    @Test
    void a_user_joins_with_the_first_connection_and_leaves_with_the_last() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            join("one", "c2");
            join("two", "c3");
            leave("one", "c1", Cause.LEAVE, Duration.ZERO);
            leave("one", "c2", Cause.LEAVE, Duration.ZERO);
            eventually(() -> delivery.changes(room).size() >= 3);
            assertEquals(List.of("JOINED one", "JOINED two", "LEFT one LEAVE"), delivery.changes(room));
            assertEquals(List.of("two"), userIds(read()));
        }
    }

    @Test
    void every_change_raises_the_revision_by_one_and_a_join_tells_it() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            long one = join("one", "c1");
            long two = join("two", "c2");
            assertEquals(one + 1, two);
            assertEquals(two, join("two", "c3"));
            assertTrue(get(bridge().roster().update(room, "two", Content.ofJson("{\"away\":true}"))));
            eventually(() -> delivery.changesOf(room).size() >= 3);
            List<Long> revs =
                    delivery.changesOf(room).stream().map(RosterChange::rev).toList();
            assertEquals(List.of(one, two, two + 1), revs);
            assertEquals(two + 1, read().rev());
        }
    }

    @Test
    void members_carry_connections_and_metadata() {
        Content meta = Content.ofJson("{\"color\":\"red\"}");
        get(bridge().roster().join(room, "one", "c1", meta));
        join("one", "c2");
        assertEquals(List.of(new Member("one", 2, meta)), read().members());
        assertTrue(get(bridge().roster().update(room, "one", null)));
        assertEquals(List.of(new Member("one", 2, null)), read().members());
        assertFalse(get(bridge().roster().update(room, "nobody", meta)));
    }

    @Test
    void a_lost_user_has_not_left_until_the_grace_is_over() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LOST, GRACE);
            pass(GRACE.minusMillis(100));
            assertEquals(List.of("one"), userIds(read()));
            assertEquals(List.of("JOINED one"), delivery.changes(room));
            pass(Duration.ofMillis(200));
            eventually(() -> delivery.changes(room).size() >= 2);
            assertEquals(List.of("JOINED one", "LEFT one LOST"), delivery.changes(room));
            assertEquals(List.of(), userIds(read()));
        }
    }

    @Test
    void a_user_who_is_back_within_the_grace_was_never_away() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LOST, GRACE);
            pass(GRACE.minusMillis(100));
            join("one", "c2");
            pass(GRACE);
            assertEquals(List.of("JOINED one"), delivery.changes(room));
            assertEquals(List.of("one"), userIds(read()));
        }
    }

    @Test
    void a_revision_never_goes_back_when_a_room_was_empty() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LEAVE, Duration.ZERO);
            long empty = read().rev();
            assertTrue(join("two", "c2") > empty);
        }
    }

    @Test
    void an_unknown_connection_leaves_without_effect() {
        join("one", "c1");
        leave("one", "c9", Cause.LEAVE, Duration.ZERO);
        leave("nobody", "c9", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of("one"), userIds(read()));
    }

    @Test
    void a_bridge_serves_one_hub() {
        assertThrows(
                IllegalStateException.class,
                () -> bridge().start(new Bridge.Context(delivery, time, name -> HistoryLimits.DEFAULT)));
    }

    /**
     * The bridge under test.
     *
     * @return the started bridge
     */
    protected Bridge bridge() {
        Bridge started = bridge;
        assertNotNull(started);
        return started;
    }

    private Subscription subscribed() {
        Subscription subscription = bridge().broadcaster().subscribe(room);
        get(subscription.top());
        return subscription;
    }

    private CompletionStage<@Nullable Position> publish(Message message) {
        return bridge().broadcaster().publish(message);
    }

    private Position position(String content) {
        Position position = get(publish(Message.chat(content).in(room, 1)));
        assertNotNull(position);
        return position;
    }

    private HistorySlice history(@Nullable Position after, int limit) {
        return get(bridge().broadcaster().history(room, after, limit));
    }

    private long join(String user, String connection) {
        return get(bridge().roster().join(room, user, connection, null));
    }

    private void leave(String user, String connection, Cause cause, Duration grace) {
        get(bridge().roster().leave(room, user, connection, cause, grace));
    }

    private RosterSnapshot read() {
        return get(bridge().roster().read(room));
    }

    private static List<String> contents(HistorySlice slice) {
        return slice.messages().stream()
                .map(message -> message.content().text())
                .toList();
    }

    private static List<String> userIds(RosterSnapshot snapshot) {
        return snapshot.members().stream().map(Member::userId).toList();
    }

    private static BridgeException refused(CompletionStage<?> stage) {
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return assertInstanceOf(BridgeException.class, failure.getCause());
    }

    private static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the bridge did not do it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until what a bridge does by itself has been seen; returns at once if it has. */
    private static void eventually(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it did not happen in time");
            }
            Thread.onSpinWait();
        }
    }
}

package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A started bridge, what it delivers to, and words to speak of it. */
abstract class BridgeFixture {

    static final Duration GRACE = Duration.ofSeconds(10);
    private static final long PATIENCE_SECONDS = 20;

    /** Where the bridge puts what happened. */
    protected final RecordingDelivery delivery = new RecordingDelivery();

    /** The clock of the bridge. */
    protected final ManualTime time = new ManualTime();

    /** A room that no other test uses. */
    protected final String room = "room " + System.nanoTime() + " ü/%";

    private @Nullable Bridge bridge;

    BridgeFixture() {}

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

    final Subscription subscribed() {
        Subscription subscription = bridge().broadcaster().subscribe(room);
        get(subscription.top());
        return subscription;
    }

    final CompletionStage<@Nullable Position> publish(Message message) {
        return bridge().broadcaster().publish(message);
    }

    final Position position(String content) {
        Position position = get(publish(Message.chat(content).in(room, 1)));
        assertNotNull(position);
        return position;
    }

    final HistorySlice history(@Nullable Position after, int limit) {
        return get(bridge().broadcaster().history(room, after, limit));
    }

    final long join(String user, String connection) {
        return get(bridge().roster().join(room, user, connection, null));
    }

    final void leave(String user, String connection, Cause cause, Duration grace) {
        get(bridge().roster().leave(room, user, connection, cause, grace));
    }

    final RosterSnapshot read() {
        return get(bridge().roster().read(room));
    }

    static List<String> contents(HistorySlice slice) {
        return slice.messages().stream()
                .map(message -> message.content().text())
                .toList();
    }

    static List<String> userIds(RosterSnapshot snapshot) {
        return snapshot.members().stream().map(Member::userId).toList();
    }

    static BridgeException refused(CompletionStage<?> stage) {
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return assertInstanceOf(BridgeException.class, failure.getCause());
    }

    static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
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
    static void eventually(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it did not happen in time");
            }
            Thread.onSpinWait();
        }
    }
}

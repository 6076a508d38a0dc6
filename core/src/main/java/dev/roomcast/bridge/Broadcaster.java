package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message for a room, gives it a {@link Position}, keeps history, and has it delivered on every instance that has
 * members in the room.
 *
 * <p>No method blocks. Stages may complete later and on any thread, also inline; they complete within a bounded time, with
 * a {@link BridgeException} when the bridge cannot do what was asked. Called by any thread, at the same time.
 */
public interface Broadcaster {

    /**
     * Publishes a message.
     *
     * <p>Order: messages of a room stand in one order, the same on all instances. Giving a position and appending to
     * {@link Delivery} are one atomic step on the publishing instance of a local bridge; elsewhere messages arrive at
     * {@code Delivery} in ascending offsets. Two calls by one thread for one room keep their order.
     *
     * <p>Once: a message whose {@code id} was used by the same user in the same room within the last 5 minutes is not
     * published again; the stage completes with the first position. The same id with other type or content is refused with
     * {@code ID_CONFLICT}.
     *
     * <p>While the bridge has said that its backend is {@linkplain Delivery#isolated away} a message waits, is refused as
     * unavailable, or is delivered to the members of this instance under an epoch that nobody else has: then
     * {@link Delivery#lost} is told before the first and behind the last of these.
     *
     * @param message addressed to a room, without a position
     * @return completes with its position when it stands in the order; with null when it is not
     *     {@linkplain Message#isRecoverable recoverable}
     */
    CompletionStage<@Nullable Position> publish(Message message);

    /**
     * Asks for a room's messages on this instance, until the subscription is closed. Several may be open for one room;
     * interest lasts as long as one of them.
     *
     * @param room the room
     * @return a subscription
     */
    Subscription subscribe(String room);

    /**
     * Reads kept messages.
     *
     * @param room the room
     * @param after the position behind which to start; null for the oldest kept
     * @param limit how many messages at most, at least 1
     * @return completes with the slice
     */
    CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit);

    /** Interest of this instance in one room. */
    interface Subscription extends AutoCloseable {

        /**
         * The room's top, read after the interest has been confirmed: every message behind the position that this
         * completes with comes to {@link Delivery}. That is the seam at which a member joins. May be called again and
         * again.
         *
         * <p>While the bridge has said that its backend is {@linkplain Delivery#isolated away} it completes at once: with the
         * last position that was delivered here, or, if none is known, with one of an epoch that nobody else has. What stands
         * behind either comes when the backend is back, or {@link Delivery#lost} is told for it. The first call behind the
         * return completes when that has been done.
         *
         * @return completes with the position of the newest message; offset 0 if there is none
         */
        CompletionStage<Position> top();

        /** Ends the interest. Idempotent. Messages already on their way may still arrive. */
        @Override
        void close();
    }
}

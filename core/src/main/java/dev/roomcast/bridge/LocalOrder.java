package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Orders of rooms that only this instance knows, in memory: what a bridge may go on with, room by room, while its backend is
 * away. A room's stretch has an epoch that was never used and a history of its own, both of which end with it. Ids outlive
 * it, for as long as any bridge remembers them: a message that is repeated when the backend is back is still known.
 *
 * <p>Bounded by the limits of the hub as {@link Bridge#local()} is. Safe for use by any thread; never blocks.
 */
public final class LocalOrder implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(1);

    private final LocalBroadcaster orders;

    /**
     * An order without rooms.
     *
     * @param context of the bridge that uses it. What it is to call when a bound of {@link Bridge.Memory} is hit is called
     *     inside {@link Stretch#say}
     */
    public LocalOrder(Bridge.Context context) {
        orders = new LocalBroadcaster(context);
    }

    /**
     * Begins a room's order, at offset 0. One at a time per room.
     *
     * @param room the room
     * @return the order, until it is ended
     */
    public Stretch begin(String room) {
        return new Stretch(orders.log(room, RoomLog::enter), orders);
    }

    /**
     * Remembers the id of a message that stands in the backend's order, so that its repeat is known here. Without effect if it
     * has none, if it is known, or if there is no space for more ids.
     *
     * @param message with its position
     */
    public void note(Message message) {
        if (message.id() == null) {
            return;
        }
        RoomLog log = orders.log(message.room(), RoomLog::enter);
        try {
            log.note(message);
        } finally {
            log.exit();
        }
    }

    /**
     * Where a message stands that is repeated.
     *
     * @param message addressed to a room
     * @return the position of the first with its id; null if there is none, or if it has no id
     * @throws BridgeException if the first was another one, with {@link BridgeException.Reason#ID_CONFLICT}
     */
    public @Nullable Position known(Message message) {
        RoomLog log = message.id() == null ? null : orders.find(message.room());
        return log == null ? null : log.known(message);
    }

    /** Forgets everything. Idempotent. */
    @Override
    public void close() {
        orders.close();
    }

    /** Rooms that cost something; for tests. */
    int remembered() {
        return orders.remembered();
    }

    /** One life of a room's order. To be ended by who began it. */
    public static final class Stretch {

        private final RoomLog log;
        private final LocalBroadcaster orders;

        private Stretch(RoomLog log, LocalBroadcaster orders) {
            this.log = log;
            this.orders = orders;
        }

        /**
         * Where the room stands.
         *
         * @return the position of the newest message; offset 0 before the first
         */
        public Position top() {
            return log.top();
        }

        /**
         * Puts a recoverable message behind the others and appends it to {@link Delivery}, in one step. It is for the caller to
         * {@linkplain Delivery#release release} it. A message that is {@linkplain LocalOrder#known known} is not said again.
         *
         * @param message addressed to this room, without a position
         * @return its position, or that of the first with its id
         * @throws BridgeException if the id belongs to another message, if there are too many ids, or if all was closed
         */
        public Position say(Message message) {
            Position position;
            try {
                position = log.append(message);
            } catch (BridgeException refusal) {
                orders.refused(refusal);
                throw refusal;
            }
            if (position == null) {
                throw new BridgeException(BridgeException.Reason.UNAVAILABLE, "the hub is closed", SOON);
            }
            orders.memory().trim(message.userId());
            return position;
        }

        /**
         * Reads what was said here.
         *
         * @param after the position behind which to start; null for the oldest kept
         * @param limit how many messages at most, at least 1
         * @return the slice; not complete behind a position of another order
         */
        public HistorySlice history(@Nullable Position after, int limit) {
            return log.slice(after, limit);
        }

        /** Ends this order: what was said cannot be read any more, and its epoch is over. Not to be called twice. */
        public void end() {
            log.renew();
            log.exit();
        }
    }
}

package dev.roomcast.bridge;

import dev.roomcast.time.Time;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What one backend supplies: a {@link Broadcaster}, a {@link Roster} and a {@link Directory}. A bridge given to a hub belongs
 * to it: the hub starts it once and closes it.
 */
public interface Bridge extends AutoCloseable {

    /**
     * What a bridge may use of its hub.
     *
     * @param delivery where to put what happened in a room
     * @param time clock and timers
     * @param history limits of a room's history, by room name
     * @param memory what all rooms together may keep in this process
     */
    record Context(Delivery delivery, Time time, Function<String, HistoryLimits> history, Memory memory) {

        /**
         * With {@link Memory#DEFAULT}.
         *
         * @param delivery where to put what happened in a room
         * @param time clock and timers
         * @param history limits of a room's history, by room name
         */
        public Context(Delivery delivery, Time time, Function<String, HistoryLimits> history) {
            this(delivery, time, history, Memory.DEFAULT);
        }
    }

    /**
     * How much a bridge may keep of all rooms together in this process, whatever their number. A bridge that keeps history and
     * ids elsewhere ignores it.
     *
     * @param historyBytes most bytes of history at this moment, the overhead of each message and room included; read at each
     *     publish, by any thread. Beyond: the rooms that hold most lose their oldest messages first, and readers are told that
     *     the history is not complete. No room and no user may hold more than a sixteenth
     * @param ids most ids of messages. Beyond: a new one is refused with {@link BridgeException.Reason#TOO_MANY_IDS}; none is
     *     forgotten early. No user may hold more than a sixteenth of them, or an eighth of those that are free
     * @param used to be called with each change of the bytes that history and ids take; by any thread, never blocks
     * @param historyDropped to be called when a room has lost history; with no lock held
     * @param idRefused to be called when an id was refused; with no lock held
     */
    record Memory(LongSupplier historyBytes, long ids, LongConsumer used, Runnable historyDropped, Runnable idRefused) {

        /** Bytes that one id takes in memory, an estimate on the high side. */
        public static final int ID_BYTES = 256;

        /** 256 MiB and 1,000,000 ids. */
        public static final Memory DEFAULT = new Memory(256L << 20, 1_000_000, () -> {}, () -> {});

        /**
         * Memory of a fixed size, of whose use nobody is told.
         *
         * @param historyBytes most bytes of history
         * @param ids most ids of messages
         * @param historyDropped to be called when a room has lost history
         * @param idRefused to be called when an id was refused
         */
        public Memory(long historyBytes, long ids, Runnable historyDropped, Runnable idRefused) {
            this(() -> historyBytes, ids, bytes -> {}, historyDropped, idRefused);
        }
    }

    /**
     * Starts the bridge. Called once by the hub, before anything else. A backend that is away is no reason to fail.
     *
     * @param context what it may use
     * @throws IllegalStateException if it was started before: a bridge serves one hub
     */
    void start(Context context);

    /**
     * The order of messages.
     *
     * @return the same object at each call
     */
    Broadcaster broadcaster();

    /**
     * Who is where.
     *
     * @return the same object at each call
     */
    Roster roster();

    /**
     * Where users are connected.
     *
     * @return the same object at each call
     */
    Directory directory();

    /** Lets go of everything the bridge holds. Called by the hub after its connections have ended. Idempotent. */
    @Override
    void close();

    /**
     * The bridge of a single instance: order, history and roster in memory.
     *
     * @return a new bridge for one hub
     */
    static Bridge local() {
        return new LocalBridge();
    }
}

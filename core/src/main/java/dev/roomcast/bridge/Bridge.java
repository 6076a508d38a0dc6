package dev.roomcast.bridge;

import dev.roomcast.time.Time;
import java.util.function.Function;

/**
 * What one backend supplies: a {@link Broadcaster} and a {@link Roster}. A bridge given to a hub belongs to it: the hub
 * starts it once and closes it.
 */
public interface Bridge extends AutoCloseable {

    /**
     * What a bridge may use of its hub.
     *
     * @param delivery where to put what happened in a room
     * @param time clock and timers
     * @param history limits of a room's history, by room name
     */
    record Context(Delivery delivery, Time time, Function<String, HistoryLimits> history) {}

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

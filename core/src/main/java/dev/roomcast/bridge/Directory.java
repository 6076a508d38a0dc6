package dev.roomcast.bridge;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a user is connected to, and the way there. What the hub can do for its own connections it does by itself;
 * the directory is asked about the others.
 *
 * <p>No method blocks. Stages may complete later and on any thread, also inline; they complete within a bounded time, with
 * a {@link BridgeException} when the bridge cannot do what was asked. Called by any thread, at the same time; calls for one
 * connection are made one after the other, a {@code leave} never before the stage of its {@code enter} has completed.
 *
 * <p>An instance that has never entered anyone hears nothing. One that dies leaves the directory by itself, within a
 * bounded time. What a failed call did not bring about, and what the backend forgets, the bridge repairs by itself.
 */
public interface Directory {

    /**
     * Notes a connection of this instance, and holds the number of the user's connections on all instances together. The
     * hub has held it among its own already. While the other instances cannot be asked each holds it by itself.
     * Idempotent.
     *
     * @param userId the connection's user
     * @param connectionId the connection, unique among all instances
     * @param most connections that the user may have, this one included; at least 1
     * @param evictsOldest whether those that came first make way if there are more, and are sent
     *     {@link Signal.Evict}; otherwise this one is refused
     * @return completes with true when it is noted and can be reached; with false if it was refused and is not noted; if it
     *     fails, the connection counts as noted and will be
     */
    CompletionStage<Boolean> enter(String userId, String connectionId, int most, boolean evictsOldest);

    /**
     * Takes a connection of this instance out. Unknown ones are ignored.
     *
     * @param userId the connection's user
     * @param connectionId the connection
     * @return completes when it is out
     */
    CompletionStage<@Nullable Void> leave(String userId, String connectionId);

    /**
     * Hands a signal to the other instances on which the user has connections, or on which anyone has if it is for everyone,
     * and to no others. There it comes to {@link Delivery#signal}, once. Signals that one instance raises for one user,
     * each after the stage of the one before has completed, come in that order.
     *
     * <p>An instance that is cut off at the moment is tried again for a bounded time if the signal is a
     * {@link Signal.Disconnect} or a {@link Signal.Recheck}; of others it hears nothing.
     *
     * @param signal what is to be done
     * @return completes with the number of other instances that it was handed to; 0 if there are none. Fails with
     *     {@link BridgeException.Reason#UNAVAILABLE} if the others cannot be asked, or if one that was tried again could
     *     not be reached; some may have been given it then
     */
    CompletionStage<Integer> signal(Signal signal);
}

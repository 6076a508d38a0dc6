package dev.roomcast;

import dev.roomcast.guard.Refusal;
import dev.roomcast.transport.Handshake;
import org.jspecify.annotations.Nullable;

/**
 * Tells monitoring what a hub does, and names the reason of every refused message, every drop and every close. No event
 * carries a payload or a token.
 *
 * <p>Called inline, on whatever thread it happens, at the same time by several, with no lock held: an observer counts and
 * returns. One that throws is logged and harms nothing.
 */
public interface Observer {

    /**
     * A connection is open and its user known.
     *
     * @param connection the connection
     */
    default void onOpen(Connection connection) {}

    /**
     * A connection has ended. Comes once for each connection, whether {@link #onOpen} was called for it or not.
     *
     * @param connection the connection
     * @param code the close code that was seen; 1006 if there was no closing handshake
     * @param ours why the hub closed it; null if the client or the network did
     */
    default void onClose(Connection connection, int code, @Nullable CloseCode ours) {}

    /**
     * A handshake was refused before it became a connection.
     *
     * @param handshake the request, as far as it was known
     * @param refusal why
     */
    default void onRefuse(Handshake handshake, Refusal refusal) {}

    /**
     * A message of a client was refused.
     *
     * @param connection where it came from
     * @param code the error its client was told
     * @param reason one line for people
     */
    default void onRefuse(Connection connection, ErrorCode code, String reason) {}

    /**
     * Frames for a slow connection were dropped.
     *
     * @param connection the connection
     * @param frames how many
     */
    default void onDrop(Connection connection, int frames) {}

    /**
     * The bridge's backend was lost, or found again. Comes for each change, however short.
     *
     * @param status how the hub stands now
     */
    default void onStatus(Status status) {}

    /**
     * A limit was hit.
     *
     * @param limit which
     * @param connection by whom; null if it is not a matter of one connection
     */
    default void onLimit(Limit limit, @Nullable Connection connection) {}
}

package dev.roomcast;

import dev.roomcast.guard.Identity;
import dev.roomcast.transport.Handshake;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client's link. It belongs to one user and may be in many rooms; a user may have many connections. Safe for use by any
 * thread; no method blocks.
 */
public interface Connection {

    /**
     * Names the connection in the logs and to its client.
     *
     * @return an id that no other connection has, on any instance
     */
    String id();

    /**
     * Whose connection it is, as others are shown the name.
     *
     * @return the user; empty while that is not known
     */
    String userId();

    /**
     * Whose connection it is, as the authenticator vouched for it; without one, as the URL says.
     *
     * @return the identity; empty while it is not known
     */
    Optional<Identity> identity();

    /**
     * The request that opened it.
     *
     * @return the handshake
     */
    Handshake handshake();

    /**
     * The rooms it is in.
     *
     * @return a copy
     */
    Set<String> rooms();

    /**
     * Whether it can still be written to.
     *
     * @return false once it is closing or closed
     */
    boolean isOpen();

    /**
     * Sends to this client alone, outside any room: {@code {"type":…,"content":…,"timestamp":…}}.
     *
     * @param type the application's own name for it, not one of the protocol's
     * @param content any value that {@link dev.roomcast.message.Content#of(Object)} takes
     * @return true if it was queued; false if the connection has ended or its queue is full, in which case the connection
     *     is closed as too slow
     * @throws IllegalArgumentException if the type is reserved or the content is not JSON
     */
    boolean send(String type, @Nullable Object content);

    /**
     * Closes the connection. It leaves its rooms. Without effect if it is closing already.
     *
     * @param code why, and whether the client comes back
     * @param reason for the client's log, at most 123 bytes of UTF-8; more is cut
     */
    void close(CloseCode code, String reason);
}

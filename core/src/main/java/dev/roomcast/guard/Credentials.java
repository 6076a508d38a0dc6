package dev.roomcast.guard;

import dev.roomcast.transport.Handshake;
import org.jspecify.annotations.Nullable;

/**
 * What someone shows to be let in.
 *
 * @param handshake the request that opened the connection, with headers, cookies and the container's principal
 * @param token what its {@code auth} message said; null while it has sent none
 */
public record Credentials(Handshake handshake, @Nullable String token) {

    /** Says whether there is a token, never which. */
    @Override
    public String toString() {
        return "Credentials[" + (token == null ? "handshake" : "token") + "]";
    }
}

package dev.roomcast.jakarta;

import dev.roomcast.guard.Refusal;
import dev.roomcast.transport.Handshake;
import jakarta.websocket.Session;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What travels from a handshake to the session that it becomes, in the session's own user properties.
 *
 * @param request the request so far; the session adds what only it knows
 * @param refusal why the request was refused; a container that opens the session all the same must not be let in
 * @param link the socket, in a server of our own
 */
record Arrival(
        Handshake.Builder request,
        Optional<Refusal> refusal,
        @Nullable Link link) {

    /** Where it waits. */
    static final String KEY = "dev.roomcast.arrival";

    static Optional<Arrival> of(Session session) {
        return session.getUserProperties().get(KEY) instanceof Arrival arrival
                ? Optional.of(arrival)
                : Optional.empty();
    }

    Handshake completedBy(Session session) {
        if (session.getUserPrincipal() != null) {
            request.principal(session.getUserPrincipal());
        }
        String agreed = session.getNegotiatedSubprotocol();
        return request.subprotocol(agreed == null ? "" : agreed)
                .secure(session.isSecure())
                .build();
    }
}

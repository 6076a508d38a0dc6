package dev.roomcast.jakarta;

import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import java.util.List;
import org.glassfish.tyrus.core.RequestContext;
import org.glassfish.tyrus.spi.UpgradeResponse;
import org.jspecify.annotations.Nullable;

/** What Tyrus lets an endpoint see and do beyond the standard. Loaded only when a part of a handshake is Tyrus's. */
final class TyrusHandshake {

    private TyrusHandshake() {}

    static @Nullable String remoteAddress(HandshakeRequest request) {
        return request instanceof RequestContext context ? context.getRemoteAddr() : null;
    }

    static boolean isSecure(HandshakeRequest request) {
        return request instanceof RequestContext context && context.isSecure();
    }

    /** Sets the status of the response; false if it has none to set. */
    static boolean answer(HandshakeResponse response, int status) {
        if (response instanceof UpgradeResponse upgrade) {
            upgrade.getHeaders().clear();
            // Without it Tyrus's own server leaves a client waiting for a body.
            upgrade.getHeaders().put("Content-Length", List.of("0"));
            upgrade.setStatus(status);
            upgrade.setReasonPhrase(null);
            return true;
        }
        return false;
    }
}

package dev.roomcast.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection is being opened. */
final class Dialing extends Phase {

    /** Beyond the time that the socket itself allows. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final @Nullable String token;

    Dialing(Session session, @Nullable String token) {
        super(session);
        this.token = token;
    }

    @Override
    ClientState shown() {
        return ClientState.CONNECTING;
    }

    @Override
    void enter() {
        session.dial();
        after(DEADLINE, () -> session.comeBack(1006, "no connection within " + DEADLINE.toSeconds() + " s"));
    }

    @Override
    void opened() {
        session.become(new Greeting(session, token));
    }

    @Override
    void lost(int code, String reason) {
        session.error(null, "connect", reason);
        session.comeBack(code, reason);
    }
}

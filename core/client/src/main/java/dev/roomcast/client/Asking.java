package dev.roomcast.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The application is asked for a token, before a connection is opened: the server gives a connection little time to show it. */
final class Asking extends Phase {

    static final Duration DEADLINE = Duration.ofSeconds(30);

    Asking(Session session) {
        super(session);
    }

    @Override
    ClientState shown() {
        return ClientState.CONNECTING;
    }

    @Override
    void enter() {
        session.askToken();
        after(DEADLINE, () -> failed("no token came within " + DEADLINE.toSeconds() + " s"));
    }

    @Override
    void token(@Nullable String token, @Nullable Throwable failure) {
        if (token == null) {
            failed(
                    failure == null
                            ? "there is no token"
                            : "no token: " + failure.getClass().getName());
        } else if (session.tokens.isRefused(token)) {
            session.comeBack(4401, "the server has refused this token");
        } else {
            session.become(new Dialing(session, token));
        }
    }

    private void failed(String why) {
        session.error(null, "token", why);
        session.comeBack(1006, why);
    }
}

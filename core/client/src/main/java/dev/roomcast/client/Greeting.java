package dev.roomcast.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The connection is open, and the server has not said yet that it knows the user. */
final class Greeting extends Phase {

    /** Beyond the ten seconds that the server takes at most. */
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    private final @Nullable String token;

    Greeting(Session session, @Nullable String token) {
        super(session);
        this.token = token;
    }

    @Override
    ClientState shown() {
        return ClientState.CONNECTING;
    }

    @Override
    void enter() {
        if (token != null) {
            session.authenticate(token);
        }
        watch(DEADLINE);
    }

    private void watch(Duration deadline) {
        after(deadline, () -> {
            if (session.isBusy()) {
                watch(deadline);
            } else {
                session.comeBack(1006, "no welcome within " + DEADLINE.toSeconds() + " s");
            }
        });
    }

    @Override
    void frame(ServerFrame frame) {
        switch (frame.type()) {
            case "welcome" -> session.become(new Online(session, frame));
            case "error" -> session.error(null, frame.text("code", "error"), frame.text("message", ""));
            case "reconnect" -> session.slotIn(frame.millis("after", 0));
            default -> {}
        }
    }

    @Override
    void close() {
        session.become(new Ended(session, NORMAL, BY_APPLICATION, false));
    }

    @Override
    void lost(int code, String reason) {
        session.comeBack(code, reason);
    }
}

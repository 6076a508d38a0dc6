package dev.roomcast.client;

import java.time.Duration;

/** Between two tries. */
final class Waiting extends Phase {

    private final Duration pause;

    Waiting(Session session, Duration pause) {
        super(session);
        this.pause = pause;
    }

    @Override
    ClientState shown() {
        return ClientState.WAITING;
    }

    @Override
    void enter() {
        after(pause, session::connect);
    }

    @Override
    void hurry() {
        session.connect();
    }
}

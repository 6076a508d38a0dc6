package dev.roomcast.client;

import java.time.Duration;

/** It is over. A connection that is still there gets a little time to close in order. */
final class Ended extends Phase {

    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final int code;
    private final String reason;
    private final boolean isCut;

    Ended(Session session, int code, String reason, boolean isCut) {
        super(session);
        this.code = code;
        this.reason = reason;
        this.isCut = isCut;
    }

    @Override
    ClientState shown() {
        return ClientState.CLOSED;
    }

    @Override
    void enter() {
        session.sending.dismiss();
        session.rooms.dismiss();
        session.tell(() -> session.listener.onClosed(code, reason));
        if (isCut) {
            session.finish();
        } else {
            session.hangUp();
            after(CLOSING, session::finish);
        }
    }

    @Override
    void lost(int closeCode, String closeReason) {
        leave();
        session.finish();
    }

    @Override
    void close() {}
}

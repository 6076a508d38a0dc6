package com.example.loadtest.peers;

import jakarta.websocket.Session;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/** A session of {@link TyrusPeer}, with at most one send under way. */
final class TyrusMember {

    private static final int MOST_WAITING = 100_000;

    private final Session session;
    private final String user;

    // Guarded by this.
    private final Queue<String> waiting = new ArrayDeque<>();
    private boolean sending;

    TyrusMember(Session session, String user) {
        this.session = session;
        this.user = user;
    }

    String user() {
        return user;
    }

    void send(String text) {
        synchronized (this) {
            if (waiting.size() >= MOST_WAITING) {
                waiting.clear();
                close();
                return;
            }
            waiting.add(text);
            if (sending) {
                return;
            }
            sending = true;
        }
        drain();
    }

    /**
     * Sends what waits. Tyrus mostly completes a send before {@code sendText} returns, on this thread: then this loop goes
     * on, since calls within calls would end in a stack overflow. Else whoever completes it begins a loop of its own.
     */
    private void drain() {
        for (String next = next(); next != null; next = next()) {
            Send send = new Send();
            try {
                session.getAsyncRemote().sendText(next, result -> send.done(result.isOK()));
            } catch (IllegalStateException gone) {
                return;
            }
            if (!send.returned()) {
                return;
            }
        }
    }

    private synchronized String next() {
        String next = waiting.poll();
        sending = next != null;
        return next;
    }

    void close() {
        try {
            session.close();
        } catch (IOException | IllegalStateException e) {
            // It is gone, which is what was wanted.
        }
    }

    /** Which comes first: the send's completion, or the return of the call that began it. */
    private final class Send {

        // Guarded by this.
        private boolean done;
        private boolean left;

        /** Whether the send is done by now. */
        synchronized boolean returned() {
            left = !done;
            return done;
        }

        void done(boolean ok) {
            boolean goOn;
            synchronized (this) {
                done = true;
                goOn = left;
            }
            if (!ok) {
                close();
            } else if (goOn) {
                drain();
            }
        }
    }
}

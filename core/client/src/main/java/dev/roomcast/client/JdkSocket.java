package dev.roomcast.client;

import java.net.ConnectException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One connection: the JDK's WebSocket, which takes one write at a time, and from which one frame is taken at a time. Its calls
 * come on threads of the HTTP client and do nothing there but hand on.
 *
 * <p>What waits to be written is bounded by the session: questions and sends that are on their way, a ping, a token.
 */
final class JdkSocket implements WebSocket.Listener {

    /** Longest text frame of a server, in characters. The server bounds what it joins into one at a fraction of this. */
    private static final int MOST_CHARS = 64 << 20;

    private static final int ABNORMAL = 1006;

    /** What is written last. */
    private static final String CLOSE = "";

    private final int link;
    private final Session session;
    private final Desk desk;
    private final StringBuilder text = new StringBuilder();

    // Guarded by this; nothing foreign is called while it is held.
    private final Queue<String> unsent = new ArrayDeque<>();
    private @Nullable WebSocket socket;
    private boolean sending;
    private boolean aborted;

    JdkSocket(int link, Session session, Desk desk) {
        this.link = link;
        this.session = session;
        this.desk = desk;
    }

    // What the session wants.

    void write(String frame) {
        synchronized (this) {
            unsent.add(frame);
        }
        sendNext();
    }

    void close() {
        write(CLOSE);
    }

    void readOn() {
        WebSocket open = open();
        session.reads(link);
        if (open != null) {
            open.request(1);
        }
    }

    void abort() {
        WebSocket open;
        synchronized (this) {
            aborted = true;
            unsent.clear();
            open = socket;
        }
        if (open != null) {
            open.abort();
        }
    }

    boolean isBehind() {
        synchronized (this) {
            return sending || !unsent.isEmpty();
        }
    }

    private @Nullable WebSocket open() {
        synchronized (this) {
            return socket;
        }
    }

    private void sendNext() {
        WebSocket open;
        String next;
        synchronized (this) {
            open = socket;
            next = sending || open == null ? null : unsent.poll();
            sending |= next != null;
        }
        if (open == null || next == null) {
            return;
        }
        CompletionStage<WebSocket> written =
                next.equals(CLOSE) ? open.sendClose(WebSocket.NORMAL_CLOSURE, "") : open.sendText(next, true);
        written.whenComplete((done, failure) -> {
            synchronized (this) {
                sending = false;
            }
            if (failure == null) {
                sendNext();
            } else {
                lost(ABNORMAL, "a write failed");
            }
        });
    }

    // What happens to the socket.

    void failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof WebSocketHandshakeException refused) {
            int status = refused.getResponse().statusCode();
            lost(codeOf(status), "HTTP " + status);
        } else {
            lost(
                    ABNORMAL,
                    cause instanceof ConnectException
                            ? "no connection"
                            : cause.getClass().getName());
        }
    }

    /** The close code that says the same. */
    private static int codeOf(int status) {
        return switch (status) {
            case 400 -> 4400;
            case 401 -> 4401;
            case 403 -> 4403;
            case 429 -> 4429;
            case 503 -> 4503;
            default -> ABNORMAL;
        };
    }

    @Override
    public void onOpen(WebSocket opened) {
        boolean late;
        synchronized (this) {
            socket = opened;
            late = aborted;
        }
        if (late) {
            opened.abort();
            return;
        }
        desk.execute(() -> session.opened(link));
        opened.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        if (text.length() + part.length() > MOST_CHARS) {
            from.abort();
            lost(ABNORMAL, "a frame is too long");
            return null;
        }
        if (last && text.isEmpty()) {
            arrived(part.toString());
        } else {
            text.append(part);
            if (last) {
                arrived(text.toString());
                text.setLength(0);
                text.trimToSize();
            } else {
                from.request(1);
            }
        }
        return null;
    }

    private void arrived(String frame) {
        session.arrived(link);
        desk.execute(() -> session.received(link, frame));
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
        session.heard(link);
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        lost(code, reason);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        lost(ABNORMAL, error.getClass().getName());
    }

    /** Behind the frames that came before. */
    private void lost(int code, String reason) {
        desk.execute(() -> session.lost(link, code, reason));
    }
}

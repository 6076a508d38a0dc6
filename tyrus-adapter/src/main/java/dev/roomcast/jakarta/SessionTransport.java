package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a Jakarta session, within what every container keeps to: one send in flight, the next after the container has
 * taken it, and no close while one is in flight. A close that comes then waits for the send; the hub bounds that wait by
 * {@link #abort()}. How frames leave is the {@link Outlet}'s.
 *
 * <pre>
 *   IDLE ──write, ping──▶ BUSY ──done──▶ IDLE
 *     │                     │ close
 *     │ close               ▼
 *     ▼                  Closing(reason) ──done──▶ the reason is sent
 *   ENDED ◀──abort, from anywhere───────────────────┘
 * </pre>
 */
final class SessionTransport implements Transport, Transport.Completion {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    /** RFC 6455 5.5: a control frame carries 125 bytes, two of which are the close code. */
    private static final int REASON_BYTES = 123;

    private static final Object IDLE = "idle";
    private static final Object BUSY = "busy";
    private static final Object ENDED = "ended";

    private static final AtomicReferenceFieldUpdater<SessionTransport, Object> STATE =
            AtomicReferenceFieldUpdater.newUpdater(SessionTransport.class, Object.class, "state");

    private final Session session;
    private final Outlet outlet;

    /** IDLE, BUSY, ENDED, or the {@link CloseReason} that waits for the send in flight. */
    @SuppressWarnings("UnusedVariable") // Read through STATE.
    private volatile Object state = IDLE;

    /** Whom to tell of the end of the operation in flight. Written before it begins and read after it has ended. */
    private @Nullable Completion waiting;

    SessionTransport(Session session, Outlet outlet) {
        this.session = session;
        this.outlet = outlet;
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        if (begin(completion)) {
            outlet.write(batch, this);
        }
    }

    @Override
    public void ping(Completion completion) {
        if (begin(completion)) {
            outlet.ping(this);
        }
    }

    /** The outlet has ended its operation. */
    @Override
    public void done(@Nullable Throwable failure) {
        Completion told = Objects.requireNonNull(waiting);
        waiting = null;
        Object before = STATE.getAndUpdate(this, now -> now == BUSY ? IDLE : ENDED);
        if (before instanceof CloseReason reason) {
            send(reason);
        }
        told.done(failure);
    }

    @Override
    public void close(int code, String reason) {
        CloseReason wanted = new CloseReason(CloseCodes.getCloseCode(code), shortened(reason));
        Object before = STATE.getAndUpdate(this, now -> now == IDLE ? ENDED : now == BUSY ? wanted : now);
        if (before == IDLE) {
            send(wanted);
        }
    }

    @Override
    public void abort() {
        state = ENDED;
        outlet.cut();
    }

    private boolean begin(Completion completion) {
        boolean free = STATE.compareAndSet(this, IDLE, BUSY);
        if (free) {
            waiting = completion;
        } else {
            completion.done(new IOException("the connection is closed, or a write is in flight"));
        }
        return free;
    }

    private void send(CloseReason reason) {
        outlet.run(() -> {
            try {
                session.close(reason);
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "A session could not be closed: {0}",
                        e.getClass().getName());
                outlet.cut();
            }
        });
    }

    /** As much of a reason as fits, cut between characters. */
    static String shortened(String reason) {
        ByteBuffer room = ByteBuffer.allocate(REASON_BYTES);
        CharBuffer text = CharBuffer.wrap(reason);
        // The encoder stops before the first character that does not fit whole; what it cannot encode it replaces.
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(text, room, true);
        return StandardCharsets.UTF_8.decode(room.flip()).toString();
    }
}

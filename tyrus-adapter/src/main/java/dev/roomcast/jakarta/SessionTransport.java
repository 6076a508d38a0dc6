package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a Jakarta session, within what every container keeps to: one send in flight, the next after the container has
 * taken it, and no close while one is in flight. A close that comes then waits for the send; the hub bounds that wait by
 * {@link #abort()}.
 *
 * <pre>
 *   IDLE ──write, ping──▶ BUSY ──done──▶ IDLE
 *     │                     │ close
 *     │ close               ▼
 *     ▼                  Closing(reason) ──done──▶ the reason is sent
 *   ENDED ◀──abort, from anywhere───────────────────┘
 * </pre>
 *
 * <p>Containers differ in how a send ends: Tyrus and Jetty call the handler before {@code sendText} returns, Tomcat on
 * another thread, and some throw. {@link Sending} takes all three without growing the stack.
 */
final class SessionTransport implements Transport {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    /** RFC 6455 5.5: a control frame carries 125 bytes, two of which are the close code. */
    private static final int REASON_BYTES = 123;

    private static final Object IDLE = "idle";
    private static final Object BUSY = "busy";
    private static final Object ENDED = "ended";

    private final Session session;
    private final Runnable cut;

    /** IDLE, BUSY, ENDED, or the {@link CloseReason} that waits for the send in flight. */
    private final AtomicReference<Object> state = new AtomicReference<>(IDLE);

    SessionTransport(Session session, Runnable cut) {
        this.session = session;
        this.cut = cut;
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        if (begin(completion)) {
            new Sending(batch.frames(), completion).proceed();
        }
    }

    @Override
    public void ping(Completion completion) {
        if (!begin(completion)) {
            return;
        }
        Throwable failure = null;
        try {
            session.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
        end(completion, failure);
    }

    @Override
    public void close(int code, String reason) {
        CloseReason wanted = new CloseReason(CloseCodes.getCloseCode(code), shortened(reason));
        Object before = state.getAndUpdate(now -> now == IDLE ? ENDED : now == BUSY ? wanted : now);
        if (before == IDLE) {
            send(wanted);
        }
    }

    @Override
    public void abort() {
        state.set(ENDED);
        cut.run();
    }

    private boolean begin(Completion completion) {
        boolean free = state.compareAndSet(IDLE, BUSY);
        if (!free) {
            completion.done(new IOException("the connection is closed, or a write is in flight"));
        }
        return free;
    }

    private void end(Completion completion, @Nullable Throwable failure) {
        Object before = state.getAndUpdate(now -> now == BUSY ? IDLE : ENDED);
        if (before instanceof CloseReason waiting) {
            send(waiting);
        }
        completion.done(failure);
    }

    private void send(CloseReason reason) {
        try {
            session.close(reason);
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "A session could not be closed: {0}",
                    e.getClass().getName());
            cut.run();
        }
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

    /**
     * One list of frames on its way out. {@code turns} counts what there is to do: whoever takes it from zero works, and goes
     * on while others have added to it. So an inline answer only leaves a mark for the loop that made the send.
     */
    private final class Sending implements SendHandler {

        private final List<TextFrame> frames;
        private final Completion completion;
        private final AtomicInteger turns = new AtomicInteger();

        // Guarded by turns: touched only by who works, or before adding to it.
        private int next;
        private boolean over;
        private volatile @Nullable Throwable failure;

        Sending(List<TextFrame> frames, Completion completion) {
            this.frames = frames;
            this.completion = completion;
        }

        @Override
        public void onResult(SendResult result) {
            if (!result.isOK()) {
                fail(result.getException());
            }
            proceed();
        }

        void proceed() {
            if (turns.getAndIncrement() > 0) {
                return;
            }
            do {
                step();
            } while (turns.decrementAndGet() > 0);
        }

        private void step() {
            if (over) {
                return;
            }
            if (failure != null || next == frames.size()) {
                over = true;
                end(completion, failure);
                return;
            }
            try {
                session.getAsyncRemote().sendText(frames.get(next++).text(), this);
            } catch (RuntimeException e) {
                fail(e);
                proceed();
            }
        }

        private void fail(@Nullable Throwable cause) {
            failure = cause == null ? new IOException("the container could not send") : cause;
        }
    }
}

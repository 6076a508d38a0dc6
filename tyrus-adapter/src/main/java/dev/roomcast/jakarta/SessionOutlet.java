package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport.Completion;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The portable way out: what Jakarta WebSocket offers, one message after the other, the next after the container has taken
 * the one before.
 *
 * <p>Containers differ in how a send ends: Tyrus and Jetty call the handler before {@code sendText} returns, Tomcat on
 * another thread, and some throw. {@link Sending} takes all three without growing the stack.
 */
final class SessionOutlet implements Outlet {

    private final Session session;
    private final HardCut hardCut;
    private final Executor calls;

    /**
     * The way out of one session.
     *
     * @param calls runs what may block: pings and closes block in Tomcat, and the standard forbids it nowhere
     */
    SessionOutlet(Session session, HardCut hardCut, Executor calls) {
        this.session = session;
        this.hardCut = hardCut;
        this.calls = calls;
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        new Sending(batch.frames(), completion).proceed();
    }

    @Override
    public void ping(Completion completion) {
        try {
            calls.execute(() -> completion.done(pinged()));
        } catch (RejectedExecutionException tooMany) {
            completion.done(tooMany);
        }
    }

    private @Nullable Throwable pinged() {
        try {
            session.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
            return null;
        } catch (IOException | RuntimeException e) {
            return e;
        }
    }

    @Override
    public void run(Runnable call) {
        try {
            calls.execute(call);
        } catch (RejectedExecutionException tooMany) {
            cut();
        }
    }

    @Override
    public void cut() {
        hardCut.cut(session);
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
                completion.done(failure);
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

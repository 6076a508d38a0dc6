package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.NIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * One connection that speaks HTTP: answers its requests one after the other, each when the answer before it is out.
 *
 * <p>Nobody waits for the client. While it does not take an answer nothing of it is read, and no thread is with it; when it
 * has taken it, a worker goes on. What the kernel takes at once, nearly always, is answered in a loop.
 *
 * <p>After an answer that is the last one the sending side is ended, and what still comes is thrown away for a moment: a
 * socket that is closed with bytes unread is reset, and a reset may overtake the answer.
 *
 * <p>Used by one thread at a time: by the one that reads, which reads no more until it is told to.
 */
final class HttpConversation {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));
    private static final int MOST_DRAINED = 256 * 1024;

    private final HttpFilter http;
    private final NIOConnection connection;
    private final RequestBuffer requests = new RequestBuffer();
    private @Nullable HttpRequest request;
    private int error;
    private boolean ended;
    private int drained;
    private Runnable answered = () -> {};

    HttpConversation(HttpFilter http, NIOConnection connection) {
        this.http = http;
        this.connection = connection;
    }

    /**
     * Takes what has come.
     *
     * @return true if there is something to be answered
     */
    boolean received(ByteBuffer bytes) {
        if (ended) {
            drained += bytes.remaining();
            if (drained > MOST_DRAINED) {
                GrizzlyLink.reset(connection);
            }
            return false;
        }
        requests.add(bytes);
        return hasNext();
    }

    private boolean hasNext() {
        try {
            request = requests.next().orElse(null);
        } catch (BadRequest bad) {
            error = bad.status();
        }
        if (request != null || error != 0) {
            http.requestIsWhole(connection);
            return true;
        }
        if (!requests.isEmpty()) {
            http.awaitRestOfRequest(connection);
        }
        return false;
    }

    /**
     * Answers what has come whole.
     *
     * @param done called, by any thread, when more may be read
     */
    void answer(Runnable done) {
        answered = done;
        proceed();
    }

    private void proceed() {
        guarded(() -> {
            while (answerOne()) {
                if (!hasMore()) {
                    done();
                    return;
                }
            }
        });
    }

    private void goOn(boolean last) {
        guarded(() -> {
            taken(last);
            if (hasMore()) {
                proceed();
            } else {
                done();
            }
        });
    }

    private boolean hasMore() {
        return !ended && connection.isOpen() && hasNext();
    }

    private void done() {
        Runnable told = answered;
        answered = () -> {};
        told.run();
    }

    /** A request that fails costs its connection and not the thread. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error failed) {
            GrizzlyLink.reset(connection);
            done();
            FAULTS.fault(System.Logger.Level.ERROR, "A request failed", LogText.of(failed), null);
        }
    }

    /** False if a later step goes on. */
    private boolean answerOne() {
        HttpRequest asked = request;
        request = null;
        if (asked == null) {
            return send(HttpResponse.plain(error), true, true);
        }
        Optional<WebSocketUpgrade.Outcome> outcome = http.upgrade().answer(asked, connection);
        GrizzlyLink link = outcome.map(WebSocketUpgrade.Outcome::link).orElse(null);
        if (outcome.isPresent() && link != null) {
            switchProtocols(outcome.get(), link);
            return false;
        }
        HttpResponse response = outcome.map(WebSocketUpgrade.Outcome::response)
                .orElseGet(() -> http.files().answer(asked));
        // A client that got no upgrade is not worth a connection.
        boolean last = outcome.isPresent() || !asked.keepsAlive();
        return send(response, !asked.isHead(), last);
    }

    private void switchProtocols(WebSocketUpgrade.Outcome outcome, GrizzlyLink link) {
        ByteBuffer early = requests.rest();
        http.handOver(connection, link);
        write(outcome.response().encode(false), failed -> {
            if (failed) {
                link.cut();
            }
            link.answered();
        });
        outcome.open();
        if (early.hasRemaining()) {
            link.received(early);
        }
        done();
    }

    private boolean send(HttpResponse response, boolean withBody, boolean last) {
        if (last) {
            response.header("Connection", "close");
        }
        ByteBuffer bytes = response.encode(withBody);
        http.awaitTaken(connection, bytes.remaining());
        // Of the end of the write and the end of this method the later one goes on.
        AtomicBoolean first = new AtomicBoolean(true);
        write(bytes, failed -> {
            if (failed) {
                GrizzlyLink.reset(connection);
            }
            if (!first.compareAndSet(true, false)) {
                http.later(connection, () -> goOn(last));
            }
        });
        if (first.compareAndSet(true, false)) {
            return false;
        }
        taken(last);
        return true;
    }

    private void taken(boolean last) {
        if (!last) {
            http.awaitRequest(connection);
            return;
        }
        ended = true;
        requests.clear();
        try {
            ((SocketChannel) connection.getChannel()).shutdownOutput();
            http.awaitClose(connection);
        } catch (IOException gone) {
            connection.terminateSilently();
        }
    }

    /** What is told of the end of a write. */
    private interface Written {
        void done(boolean failed);
    }

    @SuppressWarnings("unchecked")
    private void write(ByteBuffer bytes, Written written) {
        connection.write(
                Buffers.wrap(connection.getMemoryManager(), bytes),
                new EmptyCompletionHandler<WriteResult<Buffer, SocketAddress>>() {
                    @Override
                    public void completed(WriteResult<Buffer, SocketAddress> result) {
                        written.done(false);
                    }

                    @Override
                    public void failed(Throwable cause) {
                        written.done(true);
                    }

                    @Override
                    public void cancelled() {
                        written.done(true);
                    }
                });
    }
}

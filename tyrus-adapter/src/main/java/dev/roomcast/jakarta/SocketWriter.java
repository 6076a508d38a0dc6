package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport.Completion;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.NIOConnection;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is written to one upgraded socket, one write after the other.
 *
 * <p>Two thirds of a delivery is the kernel's write, so nothing stands before it: while the socket is free, the calling thread
 * writes to it itself, from bytes that all members of the room share. Nothing is allocated, and there is no hop to another
 * thread. Only what the kernel does not take is handed to Grizzly, which waits for the socket; until that is out, further
 * writes wait here.
 *
 * <pre>
 *   FREE ──write──▶ WRITING ──all taken──▶ next waiting, or FREE
 *                      │                       ▲
 *                      └─ a part taken ─▶ the rest is with Grizzly ─▶ done
 * </pre>
 *
 * <p>A completion is called when the socket has been passed on, so it may write again, and with no lock held. A write that
 * fails says so to its completion alone; that the socket is gone is found by the side that reads.
 *
 * <p>Lock: {@code this}, for who writes and what waits; never while something is written or a completion runs.
 */
final class SocketWriter {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));

    private record Waiting(ByteBuffer bytes, Completion completion) {}

    private static final Completion NOTHING = failure -> {};

    private final NIOConnection connection;
    private final SocketChannel channel;
    private final int mostWaiting;

    // Guarded by this. Not free before the answer to the handshake is out.
    private boolean writing = true;
    private boolean closed;
    private @Nullable Queue<Waiting> waiting;

    SocketWriter(NIOConnection connection, int mostWaiting) {
        this.connection = connection;
        this.channel = (SocketChannel) connection.getChannel();
        this.mostWaiting = mostWaiting;
    }

    /** The answer to the handshake is out, or never will be. */
    void start() {
        goOn(NOTHING, null);
    }

    /** Writes ready-made frames, unless the close frame has been written. */
    void write(FrameBatch batch, Completion completion) {
        boolean refused;
        synchronized (this) {
            refused = closed;
            if (!refused) {
                if (writing) {
                    await(new Waiting(batch.wire(), completion));
                    return;
                }
                writing = true;
            }
        }
        if (refused) {
            completion.done(new IOException("the connection is closing"));
        } else {
            put(batch.wire(), completion);
        }
    }

    /**
     * Writes bytes of the container's.
     *
     * @param last whether this is the close frame
     */
    void write(ByteBuffer bytes, boolean last, Completion completion) {
        synchronized (this) {
            closed |= last;
            if (writing) {
                await(new Waiting(bytes, completion));
                return;
            }
            writing = true;
        }
        put(bytes, completion);
    }

    /** Called with the lock held. */
    private void await(Waiting write) {
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        waiting.add(write);
    }

    /** True if more waits than an honest client can cause. */
    boolean isFlooded() {
        synchronized (this) {
            return waiting != null && waiting.size() > mostWaiting;
        }
    }

    /** Called by whoever has made the socket busy; goes on while more waits. */
    private void put(ByteBuffer bytes, Completion completion) {
        ByteBuffer now = bytes;
        Completion told = completion;
        while (true) {
            Throwable failure = take(now);
            if (failure == null && now.hasRemaining()) {
                handOver(now, told);
                return;
            }
            Waiting next = next();
            tell(told, failure);
            if (next == null) {
                return;
            }
            now = next.bytes;
            told = next.completion;
        }
    }

    private @Nullable Throwable take(ByteBuffer bytes) {
        try {
            if (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return null;
        } catch (IOException | RuntimeException | Error e) {
            return e;
        }
    }

    /** Grizzly tries again, and then waits until the socket takes more. */
    private void handOver(ByteBuffer rest, Completion completion) {
        connection.write(
                Buffers.wrap(connection.getMemoryManager(), rest),
                new EmptyCompletionHandler<WriteResult<Buffer, SocketAddress>>() {
                    @Override
                    public void completed(WriteResult<Buffer, SocketAddress> result) {
                        goOn(completion, null);
                    }

                    @Override
                    public void failed(Throwable cause) {
                        goOn(completion, cause);
                    }

                    @Override
                    public void cancelled() {
                        failed(new IOException("the write was cancelled"));
                    }
                });
    }

    private void goOn(Completion completion, @Nullable Throwable failure) {
        Waiting next = next();
        tell(completion, failure);
        if (next != null) {
            put(next.bytes, next.completion);
        }
    }

    /** Passes the socket on: to the write that is returned, or to whoever comes next. */
    private @Nullable Waiting next() {
        synchronized (this) {
            Waiting next = waiting == null ? null : waiting.poll();
            if (next == null) {
                waiting = null;
                writing = false;
            }
            return next;
        }
    }

    /** One that throws must not keep the next from being written. */
    private static void tell(Completion completion, @Nullable Throwable failure) {
        try {
            completion.done(failure);
        } catch (RuntimeException | Error e) {
            FAULTS.hostFault(System.Logger.Level.ERROR, "The end of a write could not be told", null, e);
        }
    }
}

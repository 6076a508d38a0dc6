package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport.Completion;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.glassfish.grizzly.CloseListener;
import org.glassfish.grizzly.CloseType;
import org.glassfish.grizzly.Closeable;
import org.glassfish.grizzly.nio.NIOConnection;
import org.glassfish.tyrus.spi.CompletionHandler;
import org.glassfish.tyrus.spi.Writer;
import org.jspecify.annotations.Nullable;

/**
 * One socket of the standalone server, between Grizzly, which moves bytes, and Tyrus, which makes frames of them.
 *
 * <p><b>Closing.</b> Tyrus closes a connection by writing a close frame and closing the writer right away. If the socket were
 * closed then and there, bytes of the client that nobody has read yet would make the kernel answer with a reset, and a reset
 * may overtake the close frame: a client that is just sending something too large would see 1006 instead of 1009. So
 * {@link #close()} lets what is queued go out, ends only the sending side, throws away what still comes, and closes when the
 * client does, at the latest after {@value #LINGER_MILLIS} ms or {@value #MOST_DRAINED} bytes: who floods is not read for long.
 *
 * <p><b>Reading.</b> A text message that has come whole in one frame goes to the endpoint as it is ({@link WholeText}), all
 * else to the parser of Tyrus. In small rooms Tyrus's way of a message was a third of the CPU of a delivery. What one read
 * brings is handed over together, so a client that has said ten things is heard out first, and each member of its rooms
 * gets them as one write.
 *
 * <p><b>A client that does not read.</b> The hub has one send in flight, but the container answers pings by itself. A client
 * that pings and never reads would make it queue pongs without bound, so {@value #MOST_WAITING} waiting writes cut the
 * connection.
 */
final class GrizzlyLink extends Writer implements Link {

    private static final long LINGER_MILLIS = 2000;
    private static final int MOST_DRAINED = 16 * 1024 * 1024;
    private static final int MOST_WAITING = 1000;

    /** Messages that are handed over together: a fraction of what may wait in a room, and enough to be one write. */
    private static final int MOST_TOGETHER = 256;

    /** RFC 6455 5.2: a final fragment, opcode 9, no payload. */
    private static final byte[] PING = {(byte) 0x89, 0};

    /** RFC 6455 5.2: a final fragment, opcode 8, close code 1011. */
    private static final byte[] FAILED = {(byte) 0x88, 2, 0x03, (byte) 0xf3};

    private static final int OPCODE = 0x0f;
    private static final int CLOSE = 0x08;

    /** Tyrus copies what it is given into a buffer of its own; in slices, so that this buffer stays near a frame's size. */
    private static final int SLICE = 16 * 1024;

    /** For endpoints that are not a {@link RoomEndpoint}; the default of Tyrus. */
    private static final int DEFAULT_LIMIT = 4 * 1024 * 1024;

    private final NIOConnection connection;
    private final ScheduledExecutorService timer;
    private final SocketWriter writer;
    private final FrameGate gate = new FrameGate(() -> DEFAULT_LIMIT, System::nanoTime);
    private final AtomicBoolean closing = new AtomicBoolean();

    /** Bytes thrown away since the close, or since they are unsound; by the thread that reads. */
    private long drained;

    /** What was told last of an unfinished message; by the thread that reads. */
    private int unfinished;

    private volatile org.glassfish.tyrus.spi.@Nullable Connection frames;
    private volatile @Nullable ScheduledFuture<?> linger;
    private volatile @Nullable Receiver receiver;
    private volatile boolean lost;
    private volatile boolean texts;
    private volatile boolean mayBlock = true;

    GrizzlyLink(NIOConnection connection, ScheduledExecutorService timer) {
        this.connection = connection;
        this.timer = timer;
        this.writer = new SocketWriter(connection, MOST_WAITING);
    }

    /** Joins the halves: from now on what comes is parsed. Called once, before anything can come. */
    void attach(org.glassfish.tyrus.spi.Connection parser) {
        frames = parser;
        // Called at once if the socket is closed already.
        CloseListener<Closeable, CloseType> listener = (closed, type) -> lost();
        connection.addCloseListener(listener);
    }

    @Override
    public void expect(IntSupplier bytes, int idlePerSecond) {
        gate.limit(bytes, idlePerSecond);
    }

    @Override
    public void mayBlock(boolean might) {
        mayBlock = might;
    }

    /** Whether what comes has to be taken by a thread that does nothing else. */
    boolean mayBlock() {
        return mayBlock;
    }

    @Override
    public void receive(Receiver taker, boolean ofTexts) {
        receiver = taker;
        texts = ofTexts;
    }

    /**
     * With a reset. An ordinary close would leave what the client has not read to the kernel, which keeps it and the socket
     * for minutes when the client never reads.
     */
    @Override
    public void cut() {
        reset(connection);
    }

    /** Closes a socket with a reset. */
    static void reset(NIOConnection connection) {
        try {
            ((SocketChannel) connection.getChannel()).setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException | RuntimeException gone) {
            // Closed already.
        }
        connection.terminateSilently();
    }

    /**
     * Takes what has come, if anything has. Called by the thread that has found the socket readable.
     *
     * @param buffer to be used meanwhile
     * @return false if the socket has come to its end or has failed, or there was nothing
     */
    boolean read(ByteBuffer buffer) {
        int count;
        try {
            count = ((SocketChannel) connection.getChannel()).read(buffer.clear());
        } catch (IOException failed) {
            return false;
        }
        if (count > 0) {
            received(buffer.flip());
        }
        return count > 0;
    }

    /** Bytes came. Called by one thread at a time. */
    void received(ByteBuffer data) {
        org.glassfish.tyrus.spi.Connection parser = frames;
        if (closing.get() || gate.verdict() != FrameGate.Verdict.SOUND) {
            drained += data.remaining();
            if (drained > MOST_DRAINED) {
                cut();
            }
            return;
        }
        if (parser == null) {
            return;
        }
        takeTexts(data);
        if (data.hasRemaining()) {
            read(data, parser);
        }
    }

    /** Nearly all that a client sends is text in one frame, and nearly all of that has come whole. */
    private void takeTexts(ByteBuffer data) {
        Receiver taker = receiver;
        while (texts && taker != null && gate.isBetweenMessages() && !closing.get()) {
            List<String> some = wholeTexts(data);
            if (some.isEmpty()) {
                return;
            }
            taker.texts(some);
        }
    }

    private List<String> wholeTexts(ByteBuffer data) {
        String first = WholeText.take(data, gate.limit());
        if (first == null) {
            return List.of();
        }
        String next = WholeText.take(data, gate.limit());
        if (next == null) {
            return List.of(first);
        }
        List<String> some = new ArrayList<>();
        some.add(first);
        for (String text = next; text != null; text = WholeText.take(data, gate.limit())) {
            some.add(text);
            if (some.size() == MOST_TOGETHER) {
                return some;
            }
        }
        return some;
    }

    private void read(ByteBuffer data, org.glassfish.tyrus.spi.Connection parser) {
        int sound = gate.scan(data);
        while (data.position() < sound && !closing.get()) {
            int step = Math.min(SLICE, sound - data.position());
            parser.getReadHandler().handle(data.slice(data.position(), step));
            data.position(data.position() + step);
        }
        Receiver taker = receiver;
        if (taker != null && gate.unfinished() != unfinished) {
            unfinished = gate.unfinished();
            taker.unfinished(unfinished);
        }
        switch (gate.verdict()) {
            case SOUND -> {}
            case BROKEN -> parser.close(new CloseReason(CloseCodes.PROTOCOL_ERROR, "malformed frame"));
            case TOO_BIG -> {
                if (taker == null) {
                    parser.close(new CloseReason(CloseCodes.TOO_BIG, "message too big"));
                } else {
                    taker.tooBig();
                }
            }
            case TOO_MANY -> {
                if (taker == null) {
                    parser.close(new CloseReason(CloseCodes.VIOLATED_POLICY, "too many frames"));
                } else {
                    taker.tooManyFrames();
                }
            }
        }
    }

    /** The answer to the handshake is out. */
    void answered() {
        writer.start();
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        writer.write(batch, completion);
    }

    @Override
    public void ping(Completion completion) {
        writer.write(ByteBuffer.wrap(PING), false, completion);
    }

    @Override
    public void write(ByteBuffer bytes, CompletionHandler<ByteBuffer> completion) {
        if (lost) {
            completion.failed(new IOException("the connection is closed"));
            return;
        }
        boolean last = (bytes.get(bytes.position()) & OPCODE) == CLOSE;
        writer.write(bytes, last, failure -> {
            if (failure == null) {
                completion.completed(bytes);
            } else {
                completion.failed(failure);
            }
        });
        if (writer.isFlooded()) {
            cut();
        }
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true) || !connection.isOpen()) {
            return;
        }
        try {
            linger = timer.schedule(this::cut, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // The server closes, and all its sockets with it.
            cut();
            return;
        }
        writer.write(ByteBuffer.allocate(0), true, failure -> {
            if (failure == null) {
                endSending();
            } else {
                cut();
            }
        });
    }

    /** Closes a connection that could not be opened, with a code. */
    void fail() {
        writer.write(ByteBuffer.wrap(FAILED), true, failure -> {});
        close();
    }

    private void endSending() {
        try {
            ((SocketChannel) connection.getChannel()).shutdownOutput();
        } catch (IOException gone) {
            cut();
        }
    }

    /**
     * The socket is closed, by whomever, or is just about to be: what Tyrus says to that, a close frame with 1000, must not get
     * out. It would tell a client that has been cut that all is well.
     */
    private void lost() {
        lost = true;
        ScheduledFuture<?> pending = linger;
        if (pending != null) {
            pending.cancel(false);
        }
        org.glassfish.tyrus.spi.Connection parser = frames;
        if (parser != null) {
            parser.close(new CloseReason(CloseCodes.CLOSED_ABNORMALLY, ""));
        }
    }
}

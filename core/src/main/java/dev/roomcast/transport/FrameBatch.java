package dev.roomcast.transport;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text messages that go out together, in order, each as a WebSocket message of its own. One batch is handed to every
 * connection that receives it, so what a transport derives from it is derived once for all. Immutable and safe for use by
 * any thread.
 */
public final class FrameBatch {

    /** RFC 6455 5.2: final fragment, opcode 1. */
    private static final byte FINAL_TEXT = (byte) 0x81;

    private static final int LONGEST_HEADER = 10;

    private final List<TextFrame> frames;
    private final int size;

    /** Derived when first asked for; a race makes it twice, with the same bytes. */
    private volatile @Nullable ByteBuffer wire;

    private FrameBatch(List<TextFrame> frames) {
        this.frames = frames;
        int bytes = 0;
        for (TextFrame frame : frames) {
            bytes += frame.size();
        }
        this.size = bytes;
    }

    /**
     * A batch of one.
     *
     * @param frame what to send
     * @return the batch
     */
    public static FrameBatch of(TextFrame frame) {
        return new FrameBatch(List.of(frame));
    }

    /**
     * A batch.
     *
     * @param frames what to send, at least one
     * @return the batch
     */
    public static FrameBatch of(List<TextFrame> frames) {
        return new FrameBatch(List.copyOf(frames));
    }

    /**
     * The messages.
     *
     * @return one or more, in order
     */
    public List<TextFrame> frames() {
        return frames;
    }

    /**
     * Size of all payloads together.
     *
     * @return bytes
     */
    public int size() {
        return size;
    }

    /**
     * For transports that write ready-made frames: the messages as a server sends them by RFC 6455, unmasked, unfragmented,
     * without extensions, one behind the other. Made at most once for all connections.
     *
     * @return a read-only view of the bytes, with a position of its own
     */
    public ByteBuffer wire() {
        ByteBuffer known = wire;
        if (known == null) {
            known = encode();
            wire = known;
        }
        return known.duplicate();
    }

    private ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(size + frames.size() * LONGEST_HEADER);
        for (TextFrame frame : frames) {
            bytes.put(FINAL_TEXT);
            if (frame.size() < 126) {
                bytes.put((byte) frame.size());
            } else if (frame.size() < 1 << 16) {
                bytes.put((byte) 126).putShort((short) frame.size());
            } else {
                bytes.put((byte) 127).putLong(frame.size());
            }
            bytes.put(frame.bytes());
        }
        return bytes.flip().asReadOnlyBuffer();
    }
}

package dev.roomcast.jakarta;

import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Reads along the frames of a client and stops what must not reach the parser behind it.
 *
 * <p>Tyrus collects a frame until it is whole, whatever length its header claims, up to a bound for all endpoints; beyond
 * that it logs a stack trace and closes 1011. It takes unmasked frames, and counts a message only if it is fragmented. Here
 * the claim itself is judged, so a frame that is too large costs no memory and is answered 1009 at its first bytes.
 *
 * <p>Frames that say nothing have a rate: pings, each of which Tyrus answers by itself, and fragments without payload that
 * leave their message unfinished. Pongs are left to the hub, which knows how many it is owed.
 *
 * <p>Only what a header says is looked at, no payload is touched. Used by one thread at a time.
 *
 * <pre>
 *   header: 2 bytes, and 2 or 8 more if the length says 126 or 127   then   mask (4) and payload: skipped
 * </pre>
 */
final class FrameGate {

    /** What was found so far. Once it is not {@code SOUND} it stays so. */
    enum Verdict {
        SOUND,
        TOO_BIG,
        BROKEN,
        TOO_MANY
    }

    private static final int FIN = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int CONTROL = 0x08;
    private static final int CLOSE = 0x08;
    private static final int PING = 0x09;
    private static final int MASKED = 0x80;
    private static final int MASK_BYTES = 4;

    private final byte[] header = new byte[10];
    private int headerBytes;

    /** Bytes of mask and payload that are still to come of the current frame. */
    private long ahead;

    /** Payload of the message under way, over its fragments. */
    private long messageBytes;

    /** Whether the message under way goes on with the next frame. */
    private boolean fragmented;

    /** Whether the client has said that it says nothing more. */
    private boolean ended;

    /** What has come of the message under way, masks included. */
    private int arrived;

    private final LongSupplier clock;
    private IntSupplier limit;
    private FrameRate idle;
    private Verdict verdict = Verdict.SOUND;

    /**
     * A gate for one client.
     *
     * @param limit largest message, in bytes; asked for anew at each frame
     * @param clock nanoseconds
     */
    FrameGate(IntSupplier limit, LongSupplier clock) {
        this.limit = limit;
        this.clock = clock;
        this.idle = new FrameRate(Integer.MAX_VALUE, clock);
    }

    /** Sets the largest message, and how many frames that say nothing may come within a second. */
    void limit(IntSupplier bytes, int idlePerSecond) {
        limit = bytes;
        idle = new FrameRate(idlePerSecond, clock);
    }

    /** Whether the next byte is the first of a message, or of a control frame. */
    boolean isBetweenMessages() {
        return headerBytes == 0 && ahead == 0 && !fragmented && !ended && verdict == Verdict.SOUND;
    }

    int limit() {
        return limit.getAsInt();
    }

    /** How many bytes have come of a message that is not whole yet; 0 once nothing is sound any more. */
    int unfinished() {
        return verdict == Verdict.SOUND ? arrived : 0;
    }

    Verdict verdict() {
        return verdict;
    }

    /**
     * Looks at what came.
     *
     * @param data the bytes that follow those of the last call; not consumed
     * @return the position up to which they are sound
     */
    int scan(ByteBuffer data) {
        int at = data.position();
        while (at < data.limit() && verdict == Verdict.SOUND) {
            if (ahead > 0) {
                int step = (int) Math.min(ahead, data.limit() - at);
                at += step;
                pass(step);
            } else {
                header[headerBytes++] = data.get(at);
                if (headerBytes == headerLength()) {
                    judge();
                    headerBytes = 0;
                }
                if (verdict == Verdict.SOUND) {
                    at++;
                }
            }
        }
        return at;
    }

    private void pass(int step) {
        ahead -= step;
        if ((header[0] & CONTROL) == 0) {
            boolean isWhole = ahead == 0 && (header[0] & FIN) != 0;
            arrived = isWhole ? 0 : arrived + step;
        }
    }

    private int headerLength() {
        int length = headerBytes < 2 ? 0 : header[1] & 0x7f;
        return length == 127 ? 10 : length == 126 ? 4 : 2;
    }

    private void judge() {
        boolean last = (header[0] & FIN) != 0;
        boolean control = (header[0] & CONTROL) != 0;
        long length = payloadLength();
        if ((header[1] & MASKED) == 0 || !isShortest(headerBytes, length) || (control && (!last || length > 125))) {
            verdict = Verdict.BROKEN;
            return;
        }
        ahead = length + MASK_BYTES;
        ended |= (header[0] & OPCODE) == CLOSE;
        if (!control) {
            fragmented = !last;
            messageBytes += length;
            int most = limit.getAsInt();
            if (messageBytes > most || length > most) {
                verdict = Verdict.TOO_BIG;
            }
            messageBytes = last ? 0 : messageBytes;
        }
        boolean saysNothing = control ? (header[0] & OPCODE) == PING : length == 0 && !last;
        if (saysNothing && idle.isExceeded()) {
            verdict = Verdict.TOO_MANY;
        }
    }

    /** RFC 6455 5.2: a length stands in its shortest form, and is not negative. */
    static boolean isShortest(int headerBytes, long length) {
        return length >= (headerBytes == 10 ? 1 << 16 : headerBytes == 4 ? 126 : 0);
    }

    private long payloadLength() {
        if (headerBytes == 2) {
            return header[1] & 0x7f;
        }
        long length = 0;
        for (int i = 2; i < headerBytes; i++) {
            length = (length << 8) | (header[i] & 0xff);
        }
        return length;
    }
}

package com.example.loadtest;

import java.net.ProtocolException;
import java.util.Arrays;

/**
 * Reads the frames that a server sends (RFC 6455, section 5), however the network has cut them. What arrives whole is
 * handed on where it lies, without a copy and without an object; only the frame that a read has cut in two is kept until the
 * rest is there, so an idle connection keeps next to nothing. Not safe for use by several threads.
 */
final class FrameParser {

    /** Larger than anything that a load test asks for: a server that announces more is broken. */
    static final int LARGEST = 16 * 1024 * 1024;

    private static final byte[] NOTHING = {};
    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int FIN = 0x80;

    /** What becomes of frames. The bytes are the parser's again when the method returns. */
    interface Sink {

        /** A whole text message. */
        void text(byte[] bytes, int from, int to) throws ProtocolException;

        /** A close (8), ping (9) or pong (10). */
        void control(int opcode, byte[] bytes, int from, int to) throws ProtocolException;
    }

    private final Sink sink;

    /** The beginning of a frame whose end has not come yet. */
    private byte[] cut = NOTHING;

    private int cutLength;

    /** A text message in several frames, as far as it has come; null if there is none. */
    private byte[] fragments;

    // The frame that was measured last.
    private int headerBytes;
    private int frameBytes;

    FrameParser(Sink sink) {
        this.sink = sink;
    }

    /** Takes what was read. */
    void feed(byte[] bytes, int start, int to) throws ProtocolException {
        int from = start;
        while (cutLength > 0 && from < to) {
            from += complete(bytes, from, to);
        }
        while (from < to) {
            if (!measure(bytes, from, to - from) || frameBytes > to - from) {
                keep(bytes, from, to - from);
                return;
            }
            deliver(bytes, from);
            from += frameBytes;
        }
    }

    /** Adds to the frame that was cut what it lacks, and not more; returns how much that was. */
    private int complete(byte[] bytes, int from, int to) throws ProtocolException {
        // A header that is not whole grows by single bytes: it has at most ten.
        int wanted = measure(cut, 0, cutLength) ? frameBytes : cutLength + 1;
        int taken = Math.min(wanted - cutLength, to - from);
        keep(bytes, from, taken);
        if (measure(cut, 0, cutLength) && frameBytes == cutLength) {
            byte[] whole = cut;
            cutLength = 0;
            deliver(whole, 0);
            if (whole.length > 4096) {
                cut = NOTHING;
            }
        }
        return taken;
    }

    private void keep(byte[] bytes, int from, int length) {
        if (cut.length < cutLength + length) {
            cut = Arrays.copyOf(cut, Math.max(cutLength + length, Math.min(2 * cut.length, LARGEST)));
        }
        System.arraycopy(bytes, from, cut, cutLength, length);
        cutLength += length;
    }

    /** Whether the header is there; then it is known how long the frame is. */
    private boolean measure(byte[] bytes, int from, int length) throws ProtocolException {
        if (length < 2) {
            return false;
        }
        if ((bytes[from] & 0x70) != 0) {
            throw new ProtocolException("the server set reserved bits, and no extension was agreed on");
        }
        int small = bytes[from + 1] & 0xff;
        if (small > 127) {
            throw new ProtocolException("the server masked a frame");
        }
        headerBytes = small < 126 ? 2 : small == 126 ? 4 : 10;
        if (length < headerBytes) {
            return false;
        }
        long payload = small < 126 ? small : number(bytes, from + 2, headerBytes - 2);
        if (payload < 0 || payload > LARGEST) {
            throw new ProtocolException("the server announced a frame of " + Long.toUnsignedString(payload) + " bytes");
        }
        frameBytes = headerBytes + (int) payload;
        return true;
    }

    private static long number(byte[] bytes, int from, int length) {
        long number = 0;
        for (int i = from; i < from + length; i++) {
            number = number << 8 | bytes[i] & 0xff;
        }
        return number;
    }

    private void deliver(byte[] bytes, int from) throws ProtocolException {
        int first = bytes[from];
        int opcode = first & 0x0f;
        int start = from + headerBytes;
        int end = from + frameBytes;
        boolean last = (first & FIN) != 0;
        if (opcode >= 8) {
            sink.control(opcode, bytes, start, end);
        } else if (opcode != TEXT && opcode != CONTINUATION) {
            throw new ProtocolException("the server sent a frame that is not text, of opcode " + opcode);
        } else if (opcode == TEXT && last && fragments == null) {
            sink.text(bytes, start, end);
        } else {
            fragment(opcode, last, bytes, start, end);
        }
    }

    private void fragment(int opcode, boolean last, byte[] bytes, int start, int end) throws ProtocolException {
        if ((opcode == TEXT) != (fragments == null)) {
            throw new ProtocolException("the server mixed the fragments of two messages");
        }
        int had = fragments == null ? 0 : fragments.length;
        if (had + end - start > LARGEST) {
            throw new ProtocolException("the server sent a message of more than " + LARGEST + " bytes");
        }
        byte[] joined = Arrays.copyOf(fragments == null ? NOTHING : fragments, had + end - start);
        System.arraycopy(bytes, start, joined, had, end - start);
        fragments = last ? null : joined;
        if (last) {
            sink.text(joined, 0, joined.length);
        }
    }
}

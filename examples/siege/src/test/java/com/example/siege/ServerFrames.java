package com.example.siege;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the frames that the server writes, however the network has cut them. The server fragments nothing. */
final class ServerFrames {

    /** What becomes of a frame. */
    interface Sink {
        void frame(int opcode, byte[] payload);
    }

    private static final int LARGEST = 4 << 20;

    private ByteBuffer kept = ByteBuffer.allocate(0);

    void feed(ByteBuffer bytes, Sink sink) {
        ByteBuffer all = ByteBuffer.allocate(kept.remaining() + bytes.remaining());
        all.put(kept).put(bytes).flip();
        while (next(all, sink)) {
            // One frame after the other.
        }
        kept = all.slice();
    }

    private static boolean next(ByteBuffer all, Sink sink) {
        int start = all.position();
        if (all.remaining() < 2) {
            return false;
        }
        int first = all.get();
        long length = all.get() & 0xff;
        int more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (all.remaining() >= more) {
            length = more == 2 ? all.getShort() & 0xffff : more == 8 ? all.getLong() : length;
            if (length < 0 || length > LARGEST) {
                throw new IllegalStateException("the server announced a frame of " + length + " bytes");
            }
            if (all.remaining() >= length) {
                byte[] payload = new byte[(int) length];
                all.get(payload);
                sink.frame(first & 0x0f, payload);
                return true;
            }
        }
        all.position(start);
        return false;
    }

    static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }
}

package com.example.loadtest;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Writes the frames of a client, which are masked (RFC 6455, section 5.3). Not safe for use by several threads. */
final class Outgoing {

    static final int TEXT = 0x1;
    static final int CLOSE = 0x8;
    static final int PONG = 0xA;
    private static final int LARGEST_HEADER = 14;

    private final SplittableRandom random = new SplittableRandom();

    /** Room that a frame with so much payload needs at most. */
    static int room(int payload) {
        return payload + LARGEST_HEADER;
    }

    /** Puts a whole frame. */
    void put(ByteBuffer out, int opcode, byte[] payload, int from, int to) {
        int length = to - from;
        out.put((byte) (0x80 | opcode));
        if (length < 126) {
            out.put((byte) (0x80 | length));
        } else if (length < 65536) {
            out.put((byte) (0x80 | 126)).putShort((short) length);
        } else {
            out.put((byte) (0x80 | 127)).putLong(length);
        }
        int mask = random.nextInt();
        out.putInt(mask);
        for (int i = 0; i < length; i++) {
            out.put((byte) (payload[from + i] ^ mask >> (24 - 8 * (i & 3))));
        }
    }
}

package com.example.loadtest.peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Ready-made frames (RFC 6455, section 5.2): whole text messages from a server, so without a mask. */
final class Frame {

    private Frame() {}

    static String newEpoch() {
        return "%016x".formatted(ThreadLocalRandom.current().nextLong());
    }

    static int bytes(int payload) {
        return payload + (payload < 126 ? 2 : payload < 65536 ? 4 : 10);
    }

    /** Puts the head of a text message with so many bytes. */
    static void head(ByteBuffer out, int payload) {
        out.put((byte) 0x81);
        if (payload < 126) {
            out.put((byte) payload);
        } else if (payload < 65536) {
            out.put((byte) 126).putShort((short) payload);
        } else {
            out.put((byte) 127).putLong(payload);
        }
    }

    static ByteBuffer text(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(bytes(payload.length));
        head(frame, payload.length);
        return frame.put(payload).flip();
    }
}

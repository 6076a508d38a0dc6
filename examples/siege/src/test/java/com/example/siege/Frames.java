package com.example.siege;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames as clients write them (RFC 6455, section 5), masked with zeros: so their bytes can be shared by many peers. */
final class Frames {

    static final int CONTINUATION = 0x00;
    static final int TEXT = 0x01;
    static final int CLOSE = 0x08;
    static final int PING = 0x09;
    static final int PONG = 0x0a;
    static final int FIN = 0x80;

    private static final int MASKED = 0x80;

    private Frames() {}

    static byte[] text(String text) {
        return frame(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] frame(int first, byte[] payload) {
        return frame(first, payload, payload.length);
    }

    /** A frame that announces more than it has, so that the server waits for the rest. */
    static byte[] frame(int first, byte[] payload, int announced) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) first);
        if (announced < 126) {
            frame.put((byte) (MASKED | announced));
        } else if (announced < 1 << 16) {
            frame.put((byte) (MASKED | 126)).putShort((short) announced);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(announced);
        }
        frame.putInt(0).put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /** One thing many times, to be written at once. */
    static byte[] times(int count, byte[] bytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(count * bytes.length);
        for (int i = 0; i < count; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }
}

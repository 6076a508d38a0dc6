package dev.roomcast.jakarta.behaviour;

import dev.roomcast.fuzz.JsonInput;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes up frames of clients (RFC 6455, section 5.2): mostly sound, with a fault here and there in each part of the header. */
final class FrameInput {

    private static final int[] CLOSE_CODES = {
        0, 999, 1000, 1001, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 4999, 5000, 0xffff
    };
    private static final List<String> BROKEN_UTF8 = List.of(
            "\u00ff", "\u00c3", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "\u00e2\u0082");

    private final Random random;
    private final JsonInput json;

    FrameInput(Random random) {
        this.random = random;
        this.json = new JsonInput(random);
    }

    byte[] frames() {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = random.nextInt(6); i >= 0; i--) {
            frames.writeBytes(random.nextInt(3) == 0 ? fragments() : frame(first(), payload()));
        }
        return frames.toByteArray();
    }

    private int first() {
        int opcode = switch (random.nextInt(10)) {
            case 0 -> random.nextInt(16);
            case 1 -> RawClient.CLOSE;
            case 2 -> RawClient.PING;
            case 3 -> RawClient.PONG;
            case 4 -> RawClient.BINARY;
            default -> RawClient.TEXT;
        };
        int reserved = rarely() ? 0x10 << random.nextInt(3) : 0;
        return (rarely() ? 0 : RawClient.FIN) | reserved | opcode;
    }

    private byte[] payload() {
        return switch (random.nextInt(12)) {
            case 0 -> new byte[0];
            case 1 -> new byte[124 + random.nextInt(4)];
            case 2 -> close();
            case 3 -> pick(BROKEN_UTF8).getBytes(StandardCharsets.ISO_8859_1);
            case 4 -> new byte[rarely() ? 70_000 : 65_535];
            case 5 -> any(random.nextInt(40));
            default -> json.message().getBytes(StandardCharsets.UTF_8);
        };
    }

    private byte[] close() {
        byte[] reason = rarely() ? any(random.nextInt(200)) : "bye".getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + reason.length)
                .putShort((short) CLOSE_CODES[random.nextInt(CLOSE_CODES.length)])
                .put(reason)
                .array();
    }

    private byte[] any(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** One message in several frames, with control frames between them, and now and then without its end. */
    private byte[] fragments() {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] message = payload();
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            byte[] part = Arrays.copyOfRange(message, (int) ((long) message.length * i / count), (int)
                    ((long) message.length * (i + 1) / count));
            boolean isLast = i == count - 1 && !rarely();
            int opcode = i == 0 || rarely() ? RawClient.TEXT : RawClient.CONTINUATION;
            frames.writeBytes(frame((isLast ? RawClient.FIN : 0) | opcode, part));
            if (random.nextInt(4) == 0) {
                frames.writeBytes(frame(RawClient.FIN | RawClient.PING, any(random.nextInt(8))));
            }
        }
        return frames.toByteArray();
    }

    private byte[] frame(int first, byte[] payload) {
        long claimed = rarely() ? payload.length + (long) random.nextInt(200) - 100 : payload.length;
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        int mask = rarely() ? 0 : 0x80;
        // One in twelve lengths is not in its shortest form.
        int form = claimed < 126 ? 0 : claimed < 65_536 ? 1 : 2;
        form = rarely() ? Math.max(form, random.nextInt(3)) : form;
        if (form == 0) {
            frame.put((byte) (mask | (int) (claimed & 0x7f)));
        } else if (form == 1) {
            frame.put((byte) (mask | 126)).putShort((short) claimed);
        } else {
            frame.put((byte) (mask | 127)).putLong(claimed);
        }
        byte[] key = any(4);
        if (mask != 0) {
            frame.put(key);
        }
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (mask == 0 ? payload[i] : payload[i] ^ key[i % 4]));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private boolean rarely() {
        return random.nextInt(12) == 0;
    }

    private String pick(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}

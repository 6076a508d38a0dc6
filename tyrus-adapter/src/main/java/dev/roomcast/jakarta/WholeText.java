package dev.roomcast.jakarta;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a text message that has come whole in one frame, RFC 6455 5.2:
 *
 * <pre>
 *   final, text (1)   masked, length (1)   more length (0, 2 or 8)   mask (4)   payload
 * </pre>
 *
 * <p>Whatever is not exactly that is left where it is, for a parser that knows all of it and answers what is wrong: other
 * frames, fragments, frames of which a part is still to come, text that is no UTF-8. The caller knows that a message begins
 * here, and that the session has no extension.
 */
final class WholeText {

    private static final int FINAL_TEXT = 0x81;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int MASK_BYTES = 4;

    private WholeText() {}

    /**
     * Takes a message.
     *
     * @param data what has come; consumed up to the end of the message if it is taken, and untouched otherwise
     * @param limit largest payload, in bytes
     * @return the message; null if it is none that can be taken
     */
    static @Nullable String take(ByteBuffer data, long limit) {
        int at = data.position();
        int there = data.remaining();
        if (there < 2 + MASK_BYTES || (data.get(at) & 0xff) != FINAL_TEXT || (data.get(at + 1) & MASKED) == 0) {
            return null;
        }
        int claim = data.get(at + 1) & LENGTH;
        int header = claim < 126 ? 2 : claim == 126 ? 4 : 10;
        if (there < header + MASK_BYTES) {
            return null;
        }
        long length = claim < 126 ? claim : claim == 126 ? data.getShort(at + 2) & 0xffff : data.getLong(at + 2);
        if (!FrameGate.isShortest(header, length) || length > limit || length > there - header - MASK_BYTES) {
            return null;
        }
        byte[] payload = new byte[(int) length];
        data.get(at + header + MASK_BYTES, payload);
        boolean ascii = unmask(payload, data.getInt(at + header));
        String text = ascii ? new String(payload, StandardCharsets.ISO_8859_1) : decode(payload);
        if (text != null) {
            data.position(at + header + MASK_BYTES + payload.length);
        }
        return text;
    }

    /** RFC 6455 5.3; true if nothing but ASCII is left. */
    private static boolean unmask(byte[] payload, int mask) {
        ByteBuffer bytes = ByteBuffer.wrap(payload).order(ByteOrder.BIG_ENDIAN);
        long twice = ((long) mask << 32) | (mask & 0xffffffffL);
        long seen = 0;
        int i = 0;
        for (; i <= payload.length - 8; i += 8) {
            long eight = bytes.getLong(i) ^ twice;
            bytes.putLong(i, eight);
            seen |= eight;
        }
        for (; i < payload.length; i++) {
            payload[i] ^= (byte) (mask >>> (24 - 8 * (i & 3)));
            seen |= payload[i];
        }
        return (seen & 0x8080808080808080L) == 0;
    }

    private static @Nullable String decode(byte[] payload) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException malformed) {
            return null;
        }
    }
}

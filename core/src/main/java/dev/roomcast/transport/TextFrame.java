package dev.roomcast.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One outgoing text message, encoded once and shared by every connection that receives it. Immutable and safe for use by
 * any thread.
 */
public final class TextFrame {

    private final byte[] utf8;

    /** Derived from the bytes when first asked for; a race makes it twice, with the same value. */
    private @Nullable String text;

    private TextFrame(byte[] utf8, @Nullable String text) {
        this.utf8 = utf8;
        this.text = text;
    }

    /**
     * A frame of a text.
     *
     * @param text what to send; lone surrogates become {@code ?}, since they cannot be sent
     * @return the frame
     */
    public static TextFrame of(String text) {
        return new TextFrame(text.getBytes(StandardCharsets.UTF_8), isWellFormed(text) ? text : null);
    }

    /**
     * A frame of ready-made bytes.
     *
     * @param utf8 well-formed UTF-8; the array is taken over and must not be changed any more
     * @return the frame
     */
    public static TextFrame ofUtf8(byte[] utf8) {
        return new TextFrame(utf8, null);
    }

    /**
     * For transports that take bytes.
     *
     * @return a read-only view of the payload
     */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(utf8).asReadOnlyBuffer();
    }

    /**
     * For transports that take text. Decoded at most once for all connections.
     *
     * @return the payload as text
     */
    public String text() {
        String known = text;
        if (known == null) {
            known = new String(utf8, StandardCharsets.UTF_8);
            text = known;
        }
        return known;
    }

    /**
     * Size of the payload.
     *
     * @return bytes
     */
    public int size() {
        return utf8.length;
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isSurrogatePair(c, text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}

package dev.roomcast;

import dev.roomcast.transport.TextFrame;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object that begins with its type, straight to the UTF-8 that goes out: no string is made of it on the way.
 * Half a character, which has no encoding, becomes {@code ?}.
 */
final class FrameWriter {

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** Enough for a chat message of two lines. */
    private static final int USUAL = 256;

    /** Most bytes of one char: a control character is written as six. */
    private static final int PER_CHAR = 6;

    private byte[] bytes = new byte[USUAL];
    private int size;

    FrameWriter(String type) {
        put('{');
        text("type", type);
    }

    /** Leaves the field out if the value is null. */
    FrameWriter text(String field, @Nullable String value) {
        if (value != null) {
            name(field);
            quote(value);
        }
        return this;
    }

    FrameWriter number(String field, long value) {
        name(field);
        return raw(Long.toString(value));
    }

    FrameWriter bool(String field, boolean value) {
        name(field);
        return raw(Boolean.toString(value));
    }

    /** A value that is JSON already. */
    FrameWriter raw(String field, String json) {
        name(field);
        return raw(json);
    }

    /** Begins an object or a list within this one. */
    FrameWriter open(String field, char bracket) {
        name(field);
        return put(bracket);
    }

    /** Begins an object in a list. */
    FrameWriter open(char bracket) {
        separate();
        return put(bracket);
    }

    /** Ends what was begun last. */
    FrameWriter close(char bracket) {
        return put(bracket);
    }

    TextFrame end() {
        put('}');
        return TextFrame.ofUtf8(Arrays.copyOf(bytes, size));
    }

    /** Bytes so far. */
    int size() {
        return size;
    }

    /** Takes back all but so many bytes. */
    void truncate(int to) {
        size = to;
    }

    private void name(String field) {
        separate();
        put('"');
        raw(field);
        put('"').put(':');
    }

    private void separate() {
        byte before = size == 0 ? (byte) '{' : bytes[size - 1];
        if (before != '{' && before != '[') {
            put(',');
        }
    }

    private FrameWriter put(char ascii) {
        if (size == bytes.length) {
            reserve(1);
        }
        bytes[size++] = (byte) ascii;
        return this;
    }

    private FrameWriter raw(String text) {
        reserve(text.length() < USUAL ? 3 * text.length() : Utf8.length(text));
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else {
                i += wide(text, i, c);
            }
        }
        return this;
    }

    private void quote(String text) {
        put('"');
        reserve(PER_CHAR * text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                i += wide(text, i, c);
            } else if (c >= 0x20 && c != '"' && c != '\\') {
                bytes[size++] = (byte) c;
            } else {
                escape(c);
            }
        }
        put('"');
    }

    private void escape(char c) {
        bytes[size++] = '\\';
        switch (c) {
            case '"', '\\' -> bytes[size++] = (byte) c;
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            default -> {
                bytes[size++] = 'u';
                bytes[size++] = '0';
                bytes[size++] = '0';
                bytes[size++] = HEX[c >> 4];
                bytes[size++] = HEX[c & 0xF];
            }
        }
    }

    /** Writes a character beyond ASCII; tells how many chars it took beside the first. */
    private int wide(String text, int at, char c) {
        if (c < 0x800) {
            bytes[size++] = (byte) (0xC0 | (c >> 6));
            bytes[size++] = (byte) (0x80 | (c & 0x3F));
            return 0;
        }
        if (!Character.isSurrogate(c)) {
            bytes[size++] = (byte) (0xE0 | (c >> 12));
            bytes[size++] = (byte) (0x80 | ((c >> 6) & 0x3F));
            bytes[size++] = (byte) (0x80 | (c & 0x3F));
            return 0;
        }
        if (at + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(at + 1))) {
            bytes[size++] = '?';
            return 0;
        }
        int point = Character.toCodePoint(c, text.charAt(at + 1));
        bytes[size++] = (byte) (0xF0 | (point >> 18));
        bytes[size++] = (byte) (0x80 | ((point >> 12) & 0x3F));
        bytes[size++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        bytes[size++] = (byte) (0x80 | (point & 0x3F));
        return 1;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}

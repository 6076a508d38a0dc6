package dev.roomcast.redis;

import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One message as bytes, without its room and its position, which stand around it: flags (1 byte), timestamp (8), type,
 * then user, id, exclusion and key where the flags say so, then the content. Texts are UTF-8 behind their length in bytes: two
 * bytes of length, four for the content. The layout is frozen: instances of different releases read each other.
 */
final class MessageCodec {

    private static final int HAS_USER = 1;
    private static final int HAS_ID = 2;
    private static final int HAS_EXCLUSION = 4;
    private static final int HAS_KEY = 8;
    private static final int KNOWN = HAS_USER | HAS_ID | HAS_EXCLUSION | HAS_KEY;
    private static final int LONGEST_NAME = 0xFFFF;

    /** The type of most messages, as four bytes. */
    private static final int CHAT =
            ByteBuffer.wrap(Message.CHAT.getBytes(StandardCharsets.US_ASCII)).getInt();

    private MessageCodec() {}

    /** The content as it travels. */
    static byte[] content(Message message) {
        return message.content().json().getBytes(StandardCharsets.UTF_8);
    }

    static byte[] encode(Message message) {
        return encode(message, content(message), 0);
    }

    /**
     * The bytes of a message behind some that are left free.
     *
     * @param content of the message, as {@link #content} gives it
     * @param free how many bytes are left at the front
     */
    static byte[] encode(Message message, byte[] content, int free) {
        byte[] type = name(message.type());
        byte[] user = optional(message.userId());
        byte[] id = optional(message.id());
        Exclusion exclusion = message.exclusion();
        byte[] connection = optional(exclusion == null ? null : exclusion.connectionId());
        byte[] excluded = optional(exclusion == null ? null : exclusion.userId());
        byte[] key = optional(message.key());
        ByteBuffer bytes = ByteBuffer.allocate(free
                + Byte.BYTES
                + Long.BYTES
                + size(type)
                + size(user)
                + size(id)
                + size(connection)
                + size(excluded)
                + size(key)
                + Integer.BYTES
                + content.length);
        bytes.position(free);
        bytes.put((byte) ((user == null ? 0 : HAS_USER)
                | (id == null ? 0 : HAS_ID)
                | (exclusion == null ? 0 : HAS_EXCLUSION)
                | (key == null ? 0 : HAS_KEY)));
        bytes.putLong(message.timestamp());
        put(bytes, type);
        put(bytes, user);
        put(bytes, id);
        put(bytes, connection);
        put(bytes, excluded);
        put(bytes, key);
        return bytes.putInt(content.length).put(content).array();
    }

    /**
     * Reads one message and leaves the buffer behind it.
     *
     * @throws RuntimeException if that is no message
     */
    static Message decode(ByteBuffer bytes, String room) {
        int flags = bytes.get();
        if ((flags & ~KNOWN) != 0) {
            throw new IllegalArgumentException("a message with unknown flags");
        }
        long timestamp = bytes.getLong();
        String type = type(bytes);
        String user = (flags & HAS_USER) == 0 ? null : text(bytes, Short.toUnsignedInt(bytes.getShort()));
        String id = (flags & HAS_ID) == 0 ? null : text(bytes, Short.toUnsignedInt(bytes.getShort()));
        Exclusion exclusion = (flags & HAS_EXCLUSION) == 0
                ? null
                : new Exclusion(
                        text(bytes, Short.toUnsignedInt(bytes.getShort())),
                        text(bytes, Short.toUnsignedInt(bytes.getShort())));
        String key = (flags & HAS_KEY) == 0 ? null : text(bytes, Short.toUnsignedInt(bytes.getShort()));
        Message message = Message.of(type, Content.ofCheckedJson(text(bytes, bytes.getInt())));
        // Each of these makes a copy.
        message = user == null ? message : message.from(user);
        message = id == null ? message : message.id(id);
        message = exclusion == null ? message : message.excluding(exclusion);
        message = key == null ? message : message.latestOf(key);
        return message.in(room, timestamp);
    }

    /** Mostly the one that needs no text of its own. */
    private static String type(ByteBuffer bytes) {
        int length = Short.toUnsignedInt(bytes.getShort());
        if (length == Integer.BYTES && bytes.remaining() >= length && bytes.getInt(bytes.position()) == CHAT) {
            bytes.position(bytes.position() + length);
            return Message.CHAT;
        }
        return text(bytes, length);
    }

    private static byte @Nullable [] optional(@Nullable String text) {
        return text == null ? null : name(text);
    }

    private static int size(byte @Nullable [] text) {
        return text == null ? 0 : Short.BYTES + text.length;
    }

    private static byte[] name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_NAME) {
            throw new IllegalArgumentException("a type, user or id is longer than " + LONGEST_NAME + " bytes");
        }
        return bytes;
    }

    private static void put(ByteBuffer bytes, byte @Nullable [] text) {
        if (text != null) {
            bytes.putShort((short) text.length).put(text);
        }
    }

    /** The next bytes as text. */
    static String text(ByteBuffer bytes, int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new IllegalArgumentException("a text longer than what holds it");
        }
        String text = new String(bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
        bytes.position(bytes.position() + length);
        return text;
    }
}

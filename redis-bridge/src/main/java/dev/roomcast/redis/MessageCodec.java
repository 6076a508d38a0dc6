package dev.roomcast.redis;

import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One message as bytes, without its room and its position, which stand around it: flags (1 byte), timestamp (8), type,
 * then user, id and exclusion where the flags say so, then the content. Texts are UTF-8 behind their length in bytes: two
 * bytes of length, four for the content. The layout is frozen: instances of different releases read each other.
 */
final class MessageCodec {

    private static final int HAS_USER = 1;
    private static final int HAS_ID = 2;
    private static final int HAS_EXCLUSION = 4;
    private static final int KNOWN = HAS_USER | HAS_ID | HAS_EXCLUSION;
    private static final int LONGEST_NAME = 0xFFFF;

    private MessageCodec() {}

    static byte[] encode(Message message) {
        byte[] type = name(message.type());
        byte[] user = name(message.userId());
        byte[] id = name(message.id());
        Exclusion exclusion = message.exclusion();
        byte[] connection = name(exclusion == null ? null : exclusion.connectionId());
        byte[] excluded = name(exclusion == null ? null : exclusion.userId());
        byte[] content = message.content().json().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(1
                + 8
                + 4
                + content.length
                + 2 * 5
                + type.length
                + user.length
                + id.length
                + connection.length
                + excluded.length);
        bytes.put((byte) ((message.userId() == null ? 0 : HAS_USER)
                | (message.id() == null ? 0 : HAS_ID)
                | (exclusion == null ? 0 : HAS_EXCLUSION)));
        bytes.putLong(message.timestamp());
        put(bytes, type);
        if (message.userId() != null) {
            put(bytes, user);
        }
        if (message.id() != null) {
            put(bytes, id);
        }
        if (exclusion != null) {
            put(bytes, connection);
            put(bytes, excluded);
        }
        bytes.putInt(content.length).put(content);
        byte[] exact = new byte[bytes.position()];
        bytes.flip().get(exact);
        return exact;
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
        String type = text(bytes, Short.toUnsignedInt(bytes.getShort()));
        String user = (flags & HAS_USER) == 0 ? null : text(bytes, Short.toUnsignedInt(bytes.getShort()));
        String id = (flags & HAS_ID) == 0 ? null : text(bytes, Short.toUnsignedInt(bytes.getShort()));
        Exclusion exclusion = (flags & HAS_EXCLUSION) == 0
                ? null
                : new Exclusion(
                        text(bytes, Short.toUnsignedInt(bytes.getShort())),
                        text(bytes, Short.toUnsignedInt(bytes.getShort())));
        Content content = Content.ofCheckedJson(text(bytes, bytes.getInt()));
        return Message.of(type, content).from(user).id(id).excluding(exclusion).in(room, timestamp);
    }

    private static byte[] name(@Nullable String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_NAME) {
            throw new IllegalArgumentException("a type, user or id is longer than " + LONGEST_NAME + " bytes");
        }
        return bytes;
    }

    private static void put(ByteBuffer bytes, byte[] text) {
        bytes.putShort((short) text.length).put(text);
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

package dev.roomcast.redis;

import dev.roomcast.bridge.Signal;
import dev.roomcast.bridge.Signal.Disconnect;
import dev.roomcast.bridge.Signal.Evict;
import dev.roomcast.bridge.Signal.Recheck;
import dev.roomcast.bridge.Signal.Send;
import dev.roomcast.bridge.Signal.Spent;
import dev.roomcast.message.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What travels to inboxes. As in an {@link Envelope} the first byte is the version and the second the kind; then the
 * producer (8) and what it is (1). An event is a message as {@link MessageCodec} has it; the others are the user, behind
 * its length in two bytes, then code (4) and reason, connection, or number of messages (4). Numbers are big-endian. The
 * layout is frozen: instances of different releases read each other. What is not exactly that is refused.
 */
final class SignalCodec {

    static final byte SIGNAL = 4;

    private static final byte SEND = 1;
    private static final byte DISCONNECT = 2;
    private static final byte RECHECK = 3;
    private static final byte EVICT = 4;
    private static final byte SPENT = 5;
    private static final int HEAD = 1 + 1 + Long.BYTES + 1;

    private SignalCodec() {}

    static byte[] encode(Signal signal, long producer) {
        if (signal instanceof Send send) {
            Message message =
                    Message.of(send.type(), send.content()).from(send.userId()).in("", send.timestamp());
            byte[] body = MessageCodec.encode(message);
            return head(SEND, producer, body.length).put(body).array();
        }
        byte[] user = utf8(signal.userId());
        if (signal instanceof Disconnect disconnect) {
            byte[] reason = utf8(disconnect.reason());
            ByteBuffer out = head(DISCONNECT, producer, 2 + user.length + 4 + 2 + reason.length);
            put(out, user).putInt(disconnect.code());
            return put(out, reason).array();
        }
        if (signal instanceof Evict evict) {
            byte[] connection = utf8(evict.connectionId());
            ByteBuffer out = head(EVICT, producer, 2 + user.length + 2 + connection.length);
            return put(put(out, user), connection).array();
        }
        if (signal instanceof Spent spent) {
            return put(head(SPENT, producer, 2 + user.length + 4), user)
                    .putInt(spent.messages())
                    .array();
        }
        return put(head(RECHECK, producer, 2 + user.length), user).array();
    }

    /**
     * Reads a signal.
     *
     * @return null if it is the producer's own
     * @throws RuntimeException if it is none, or one of a later version
     */
    static @Nullable Signal parse(byte[] bytes, long producer) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.get() != Envelope.VERSION || in.get() != SIGNAL) {
            throw new IllegalArgumentException("no signal of this version");
        }
        boolean isOwn = in.getLong() == producer;
        Signal signal = switch (in.get()) {
            case SEND -> send(in);
            case DISCONNECT -> new Disconnect(text(in), in.getInt(), text(in));
            case RECHECK -> new Recheck(text(in));
            case EVICT -> new Evict(text(in), text(in));
            case SPENT -> spent(in);
            default -> throw new IllegalArgumentException("a signal of unknown kind");
        };
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("a signal with something behind it");
        }
        return isOwn ? null : signal;
    }

    private static Signal send(ByteBuffer in) {
        Message message = MessageCodec.decode(in, "");
        return new Send(message.userId(), message.type(), message.content(), message.timestamp());
    }

    private static Signal spent(ByteBuffer in) {
        Spent spent = new Spent(text(in), in.getInt());
        if (spent.messages() < 1) {
            throw new IllegalArgumentException("nothing was spent");
        }
        return spent;
    }

    private static ByteBuffer head(byte what, long producer, int length) {
        return ByteBuffer.allocate(HEAD + length)
                .put(Envelope.VERSION)
                .put(SIGNAL)
                .putLong(producer)
                .put(what);
    }

    private static ByteBuffer put(ByteBuffer out, byte[] text) {
        return out.putShort((short) text.length).put(text);
    }

    private static String text(ByteBuffer in) {
        return MessageCodec.text(in, Short.toUnsignedInt(in.getShort()));
    }

    private static byte[] utf8(@Nullable String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xFFFF) {
            throw new IllegalArgumentException("a name or a reason is longer than " + 0xFFFF + " bytes");
        }
        return bytes;
    }
}

package dev.roomcast.redis;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What travels on a room's channel and stands in its stream. The first byte is the version, the second the kind.
 *
 * <p>A batch is written by {@code publish.lua}, which alone knows the position: length of the epoch (1 byte), epoch, first
 * offset (8), Redis's clock in milliseconds (8), bytes of content published in the room so far (8), producer (8), its
 * sequence number (8), number of messages (2), messages.
 *
 * <p>News of the roster is written by {@code roster.lua}: revision (8), kind (1), cause (1), Redis's clock (8), connections
 * (4), user behind its length (2), whether there is metadata (1), metadata behind its length (4).
 *
 * <p>All numbers are big-endian. What is not exactly that is
 * refused as a whole.
 */
sealed interface Envelope {

    byte VERSION = 1;
    byte BATCH = 1;
    byte VOLATILE = 2;
    byte ROSTER = 3;

    /** Longer ones are not read: nothing that long can be sent, as no more waits for Redis. */
    int MOST_BYTES = 17 << 20;

    /** Greater revisions were not given by a script: they could not be counted on. */
    long LAST_REVISION = 1L << 52;

    /**
     * Messages with consecutive offsets, the content of one script call.
     *
     * @param epoch of all of them
     * @param first offset of the first
     * @param millis when they were published, by Redis's clock
     * @param total bytes of content published in the room so far, these included
     * @param producer the instance that published them
     * @param sequence number of the batch among those of the producer, ascending
     * @param messages at least one, with their positions
     */
    record Batch(
            String epoch, long first, long millis, long total, long producer, long sequence, List<Message> messages)
            implements Envelope {

        long last() {
            return first + messages.size() - 1;
        }
    }

    /**
     * A message that is worth nothing when late.
     *
     * @param message without a position
     */
    record Passing(Message message) implements Envelope {}

    /**
     * A change of the roster.
     *
     * @param change as the script published it
     */
    record News(RosterChange change) implements Envelope {}

    /** The bytes of a volatile message. */
    static byte[] passing(Message message) {
        byte[] envelope = MessageCodec.encode(message, MessageCodec.content(message), 2);
        envelope[0] = VERSION;
        envelope[1] = VOLATILE;
        return envelope;
    }

    /**
     * Reads an envelope.
     *
     * @throws RuntimeException if it is none, or one of a later version
     */
    static Envelope parse(byte[] bytes, String room) {
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException("an envelope that nobody can have sent");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.get() != VERSION) {
            throw new IllegalArgumentException("an envelope of another version");
        }
        byte kind = in.get();
        Envelope envelope = switch (kind) {
            case BATCH -> batch(in, room);
            case VOLATILE -> new Passing(MessageCodec.decode(in, room).asVolatile());
            case ROSTER -> new News(news(in, room));
            default -> throw new IllegalArgumentException("an envelope of unknown kind");
        };
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("an envelope with something behind it");
        }
        return envelope;
    }

    private static Batch batch(ByteBuffer in, String room) {
        byte[] name = new byte[Byte.toUnsignedInt(in.get())];
        in.get(name);
        String epoch = new String(name, StandardCharsets.US_ASCII);
        long first = in.getLong();
        long millis = in.getLong();
        long total = in.getLong();
        long producer = in.getLong();
        long sequence = in.getLong();
        int count = Short.toUnsignedInt(in.getShort());
        if (first < 1 || count < 1) {
            throw new IllegalArgumentException("a batch without a place or without messages");
        }
        List<Message> messages = new ArrayList<>(Math.min(count, in.remaining()));
        for (int i = 0; i < count; i++) {
            messages.add(MessageCodec.decode(in, room).at(new Position(epoch, first + i)));
        }
        return new Batch(epoch, first, millis, total, producer, sequence, messages);
    }

    private static RosterChange news(ByteBuffer in, String room) {
        long revision = in.getLong();
        if (revision < 0 || revision > LAST_REVISION) {
            throw new IllegalArgumentException("a revision that no script has given");
        }
        Kind kind = switch (in.get()) {
            case 1 -> Kind.JOINED;
            case 2 -> Kind.LEFT;
            case 3 -> Kind.UPDATED;
            default -> throw new IllegalArgumentException("a change of unknown kind");
        };
        Cause cause = switch (in.get()) {
            case 0 -> Cause.NONE;
            case 1 -> Cause.LEAVE;
            case 2 -> Cause.REMOVED;
            case 3 -> Cause.LOST;
            default -> throw new IllegalArgumentException("a change of unknown cause");
        };
        long millis = in.getLong();
        int connections = in.getInt();
        String user = MessageCodec.text(in, Short.toUnsignedInt(in.getShort()));
        boolean hasMeta = in.get() == 1;
        String meta = MessageCodec.text(in, in.getInt());
        Member member = new Member(user, connections, hasMeta ? Content.ofCheckedJson(meta) : null);
        return new RosterChange(room, revision, kind, member, cause, millis);
    }

    /** The byte that stands for a cause. */
    static int number(Cause cause) {
        return switch (cause) {
            case NONE -> 0;
            case LEAVE -> 1;
            case REMOVED -> 2;
            case LOST -> 3;
        };
    }
}

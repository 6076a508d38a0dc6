package dev.roomcast.jakarta;

import dev.roomcast.transport.Inbound;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * Puts the messages of one connection together from the parts in which its container hands them over. So it is we who bound
 * a message, and the hub that counts and answers one that is too large: a container that assembles by itself closes behind
 * the hub's back, each at a limit of its own. A message in one part, nearly every one, is passed on as it is.
 *
 * <p>This is where the text of unfinished messages is held, in every container, as UTF-8 and in no more bytes than a message
 * may have. What a container holds of a single frame before it hands over a part is its own: in the standalone server
 * {@link FrameGate} bounds it, Tomcat hands over what fills a buffer of fixed size ({@link RoomEndpoint} says which), a Tyrus
 * that somebody else has set up collects a frame up to its {@code org.glassfish.tyrus.incomingBufferSize}, by default 4 MiB.
 *
 * <p>Used by the container's thread for the connection, one call at a time.
 */
final class MessageParts {

    private static final byte[] NONE = {};

    private final IntSupplier largest;
    private final FrameRate empties;
    private final IntConsumer unfinished;
    private final Consumer<Consumer<Inbound>> hub;

    /** UTF-8 of the parts so far, and how many bytes of it are in use. */
    private byte[] held = NONE;

    private int count;

    /** The first half of a character whose second half is in the next part; or empty. */
    private String half = "";

    private long binaryBytes;
    private boolean over;

    /**
     * Parts of one connection's messages.
     *
     * @param largest message that is passed on, in bytes; of text in one part as many characters, and the hub counts again;
     *     asked for anew at each part
     * @param empties how often an unfinished part may come in which there is nothing
     * @param unfinished is told how many bytes are held, when that changes
     * @param hub takes what is to be told
     */
    MessageParts(IntSupplier largest, FrameRate empties, IntConsumer unfinished, Consumer<Consumer<Inbound>> hub) {
        this.largest = largest;
        this.empties = empties;
        this.unfinished = unfinished;
        this.hub = hub;
    }

    void text(String part, boolean last) {
        if (over) {
            return;
        }
        if (part.length() > largest.getAsInt()) {
            end(Inbound::tooBig);
        } else if (last && count == 0 && half.isEmpty()) {
            hub.accept(in -> in.text(part));
        } else if (part.isEmpty() && !last && empties.isExceeded()) {
            end(Inbound::tooManyFrames);
        } else if (!hold(part, last)) {
            end(Inbound::tooBig);
        } else if (last) {
            String whole = new String(held, 0, count, StandardCharsets.UTF_8);
            drop();
            hub.accept(in -> in.text(whole));
        } else {
            unfinished.accept(count);
        }
    }

    void binary(ByteBuffer part, boolean last) {
        if (over) {
            return;
        }
        binaryBytes += part.remaining();
        if (binaryBytes > largest.getAsInt()) {
            end(Inbound::tooBig);
        } else if (last) {
            binaryBytes = 0;
            hub.accept(Inbound::binary);
        } else if (!part.hasRemaining() && empties.isExceeded()) {
            end(Inbound::tooManyFrames);
        }
    }

    /** Adds a part; false if that is more than there may be. */
    private boolean hold(String part, boolean last) {
        String text = half + part;
        boolean isCut = !last && !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1));
        half = isCut ? text.substring(text.length() - 1) : "";
        byte[] more = text.substring(0, text.length() - half.length()).getBytes(StandardCharsets.UTF_8);
        int most = largest.getAsInt();
        if (more.length > most - count) {
            return false;
        }
        int needed = count + more.length;
        if (needed > held.length) {
            held = Arrays.copyOf(held, Math.max(needed, (int) Math.min(most, 2L * held.length)));
        }
        System.arraycopy(more, 0, held, count, more.length);
        count = needed;
        return true;
    }

    private void drop() {
        held = NONE;
        half = "";
        if (count > 0) {
            count = 0;
            unfinished.accept(0);
        }
    }

    private void end(Consumer<Inbound> why) {
        over = true;
        drop();
        hub.accept(why);
    }
}

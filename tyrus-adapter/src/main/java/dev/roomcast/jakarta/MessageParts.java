package dev.roomcast.jakarta;

import dev.roomcast.transport.Inbound;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of one connection together from the parts in which its container hands them over. So it is we who bound
 * a message, and the hub that counts and answers one that is too large: a container that assembles by itself closes behind
 * the hub's back, each at a limit of its own. A message in one part, nearly every one, is passed on as it is.
 *
 * <p>This is where the text of unfinished messages is held, in every container. What a container holds of a single frame
 * before it hands over a part is its own: in the standalone server {@link FrameGate} bounds it, Tomcat hands over what
 * fills its buffer of 8 KiB, a Tyrus that somebody else has set up collects a frame up to its
 * {@code org.glassfish.tyrus.incomingBufferSize}, by default 4 MiB.
 *
 * <p>Used by the container's thread for the connection, one call at a time.
 */
final class MessageParts {

    private final IntSupplier largest;
    private final Consumer<Consumer<Inbound>> hub;

    private @Nullable StringBuilder text;
    private long binaryBytes;
    private boolean over;

    /**
     * Parts of one connection's messages.
     *
     * @param largest message that is passed on, in bytes; of text as many characters, and the hub counts again; asked for
     *     anew at each part
     * @param hub takes what is to be told
     */
    MessageParts(IntSupplier largest, Consumer<Consumer<Inbound>> hub) {
        this.largest = largest;
        this.hub = hub;
    }

    void text(String part, boolean last) {
        if (over) {
            return;
        }
        if (part.length() + (text == null ? 0 : text.length()) > largest.getAsInt()) {
            tooBig();
        } else if (last) {
            String whole = text == null ? part : text.append(part).toString();
            text = null;
            hub.accept(in -> in.text(whole));
        } else {
            text = (text == null ? new StringBuilder() : text).append(part);
        }
    }

    void binary(ByteBuffer part, boolean last) {
        if (over) {
            return;
        }
        binaryBytes += part.remaining();
        if (binaryBytes > largest.getAsInt()) {
            tooBig();
        } else if (last) {
            binaryBytes = 0;
            hub.accept(Inbound::binary);
        }
    }

    private void tooBig() {
        over = true;
        text = null;
        hub.accept(Inbound::tooBig);
    }
}

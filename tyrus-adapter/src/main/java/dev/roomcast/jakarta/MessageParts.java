package dev.roomcast.jakarta;

import dev.roomcast.transport.Inbound;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages of one connection together from the parts in which its container hands them over. So it is we who bound
 * a message, and the hub that counts and answers one that is too large: a container that assembles by itself closes behind
 * the hub's back, each at a limit of its own. A message in one part, nearly every one, is passed on as it is.
 *
 * <p>Used by the container's thread for the connection, one call at a time.
 */
final class MessageParts {

    private final int largest;
    private final Consumer<Consumer<Inbound>> hub;

    private @Nullable StringBuilder text;
    private long binaryBytes;
    private boolean over;

    /**
     * Parts of one connection's messages.
     *
     * @param largest message that is passed on, in bytes; of text as many characters, and the hub counts again
     * @param hub takes what is to be told
     */
    MessageParts(int largest, Consumer<Consumer<Inbound>> hub) {
        this.largest = largest;
        this.hub = hub;
    }

    void text(String part, boolean last) {
        if (over) {
            return;
        }
        if (part.length() + (text == null ? 0 : text.length()) > largest) {
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
        if (binaryBytes > largest) {
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

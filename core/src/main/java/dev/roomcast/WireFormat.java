package dev.roomcast;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.TextFrame;
import java.util.List;

/** How messages become text frames. */
enum WireFormat {
    /** One JSON object per text frame: any client. */
    PLAIN {
        @Override
        FrameBatch batch(List<TextFrame> messages) {
            return FrameBatch.of(messages);
        }
    },
    /** {@link Handshake#ROOMCAST_V1}: what goes out together is one text frame, each JSON object on a line of its own. */
    LINES {
        @Override
        FrameBatch batch(List<TextFrame> messages) {
            return FrameBatch.of(messages.size() == 1 ? messages.get(0) : join(messages));
        }
    };

    static WireFormat of(Handshake handshake) {
        return handshake.subprotocol().equals(Handshake.ROOMCAST_V1) ? LINES : PLAIN;
    }

    /** What goes out together. */
    abstract FrameBatch batch(List<TextFrame> messages);

    private static TextFrame join(List<TextFrame> messages) {
        int size = messages.size() - 1;
        for (TextFrame message : messages) {
            size += message.size();
        }
        byte[] lines = new byte[size];
        int at = 0;
        for (TextFrame message : messages) {
            if (at > 0) {
                lines[at++] = '\n';
            }
            message.bytes().get(lines, at, message.size());
            at += message.size();
        }
        return TextFrame.ofUtf8(lines);
    }
}

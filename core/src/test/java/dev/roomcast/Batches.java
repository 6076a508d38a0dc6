package dev.roomcast;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Batches of one room as its lane makes them, with frames that a test can read. */
final class Batches {

    static final String EPOCH = "e";

    private long offset;

    /** Messages that follow on the ones before. */
    RoomBatch next(String... texts) {
        return next(Arrays.stream(texts).map(TextFrame::of).toList());
    }

    RoomBatch next(TextFrame frame, int times) {
        return next(Collections.nCopies(times, frame));
    }

    synchronized RoomBatch next(List<TextFrame> frames) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            messages.add(Message.chat("").in("r", 1).at(new Position(EPOCH, ++offset)));
        }
        return RoomBatch.of(messages, frames).get(0);
    }

    /** What a lane makes of these messages. */
    static List<RoomBatch> of(List<Message> messages) {
        return RoomBatch.of(messages, messages.stream().map(Frames::message).toList());
    }

    static RoomBatch ofVolatile(String text) {
        return RoomBatch.of(List.of(Message.chat("").asVolatile()), List.of(TextFrame.of(text)))
                .get(0);
    }

    static RoomBatch ofKey(String key, String text) {
        return RoomBatch.of(List.of(Message.chat("").latestOf(key)), List.of(TextFrame.of(text)))
                .get(0);
    }

    static RoomBatch presence(String text) {
        return RoomBatch.presence(TextFrame.of(text));
    }
}

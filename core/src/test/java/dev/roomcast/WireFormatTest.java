package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireFormatTest {

    private static final String[] PIECES = {
        "a", "\n", "\r\n", "\u2028", "\u2029", "\u0085", "\"", "\\", "\\n", "é", "€", "😀", "\u0000", "\t", "{", "}"
    };

    @Test
    void the_subprotocol_decides() {
        assertEquals(WireFormat.PLAIN, WireFormat.of(Handshake.builder().build()));
        assertEquals(
                WireFormat.LINES,
                WireFormat.of(
                        Handshake.builder().subprotocol(Handshake.ROOMCAST_V1).build()));
        assertEquals(
                WireFormat.PLAIN,
                WireFormat.of(Handshake.builder().subprotocol("chat").build()));
    }

    @Test
    void whatever_is_said_the_lines_of_a_frame_are_the_messages_again() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<TextFrame> frames = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(8); i++) {
                frames.add(Frames.message(said(random).in(text(random), 1).at(new Position("e", i + 1))));
            }
            FrameBatch batch = WireFormat.LINES.batch(frames);
            assertEquals(1, batch.frames().size());
            assertEquals(
                    frames.stream().map(TextFrame::text).toList(),
                    List.of(batch.frames().get(0).text().split("\n", -1)),
                    "seed " + seed);
            assertEquals(batch.size(), batch.frames().get(0).size());
        }
    }

    @Test
    void plain_leaves_them_as_they_are() {
        List<TextFrame> frames = List.of(TextFrame.of("a"), TextFrame.of("b"));
        assertEquals(frames, WireFormat.PLAIN.batch(frames).frames());
    }

    /** As a string, or as JSON in which the client has broken lines where it may. */
    private static Message said(Random random) {
        return random.nextBoolean()
                ? Message.chat(text(random)).from(text(random))
                : Message.of("x", Content.ofCheckedJson("{\n\"a\":\r\n[1,\n2]\n}"));
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder("x");
        for (int i = 0; i < random.nextInt(6); i++) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}

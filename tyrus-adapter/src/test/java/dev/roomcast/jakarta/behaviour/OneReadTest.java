package dev.roomcast.jakarta.behaviour;

import static dev.roomcast.jakarta.behaviour.RawClient.CONTINUATION;
import static dev.roomcast.jakarta.behaviour.RawClient.FIN;
import static dev.roomcast.jakarta.behaviour.RawClient.PING;
import static dev.roomcast.jakarta.behaviour.RawClient.PONG;
import static dev.roomcast.jakarta.behaviour.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.transport.Handshake;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Frames of a client in one piece on the wire: those that are read past the container, and those that are not. */
class OneReadTest {

    private static byte[] text(int firstByte, String text) {
        return RawClient.frame(firstByte, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String chat(Object content) {
        return "{\"content\":\"" + content + "\"}";
    }

    private static byte[] together(byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }

    /** They were a write each to each member of the room, unless the room was so big that others delivered to it. */
    @Test
    void messages_of_one_read_are_one_write() {
        try (Site site = Site.open();
                RawClient ann = RawClient.connect(site.port(), "room=r&user=ann");
                RawClient bob = RawClient.dial(site.port())) {
            bob.request("GET /rooms?room=r&user=bob HTTP/1.1", "Sec-WebSocket-Protocol: " + Handshake.ROOMCAST_V1);
            bob.nextContaining("user_joined");
            ann.nextContaining("bob");
            int whole = 0;
            for (int burst = 0; burst < 10; burst++) {
                byte[][] frames = new byte[10][];
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = text(FIN | TEXT, chat("m" + burst + i));
                }
                ann.sendBytes(together(frames));
                whole += bob.nextContaining("m" + burst + 0).lines().count() == frames.length ? 1 : 0;
                for (int i = 0; i < frames.length; i++) {
                    ann.nextContaining("m" + burst + i);
                }
            }
            // A worker that has not yet left the room after an earlier delivery may take the first of a burst by
            // itself.
            assertTrue(whole > 5, whole + " of 10 bursts came in one write");
        }
    }

    @Test
    void a_fragmented_message_and_a_ping_among_whole_ones_keep_their_places() {
        try (Site site = Site.open();
                RawClient ann = RawClient.connect(site.port(), "room=r&user=ann")) {
            ann.nextContaining("user_joined");
            ann.sendBytes(together(
                    text(FIN | TEXT, chat("first")),
                    text(TEXT, chat("second").substring(0, 5)),
                    text(FIN | PING, "are you there"),
                    text(FIN | CONTINUATION, chat("second").substring(5)),
                    text(FIN | TEXT, chat("third \u20ac")),
                    text(TEXT, chat("fourth")),
                    text(FIN | CONTINUATION, "")));
            ann.sendText(chat("fifth"));
            int pongs = 0;
            for (String expected : new String[] {"first", "second", "third \u20ac", "fourth", "fifth"}) {
                RawClient.Frame frame = ann.next();
                while (frame.opcode() == PONG) {
                    pongs++;
                    frame = ann.next();
                }
                assertEquals(true, frame.text().contains("\"" + expected + "\""), frame.text());
            }
            assertEquals(1, pongs);
        }
    }

    @Test
    void nothing_is_read_behind_a_close_frame() {
        try (Site site = Site.open();
                RawClient bob = RawClient.connect(site.port(), "room=r&user=bob");
                RawClient ann = RawClient.connect(site.port(), "room=r&user=ann")) {
            ann.nextContaining("user_joined");
            ann.sendBytes(together(
                    text(FIN | TEXT, chat("before")),
                    RawClient.frame(FIN | RawClient.CLOSE, new byte[] {3, (byte) 0xe8}),
                    text(FIN | TEXT, chat("behind"))));
            ann.sendText(chat("later"));
            assertEquals(1000, ann.expectClose());
            bob.nextContaining("before");
            bob.nextContaining("user_left");
            bob.sendText(chat("over"));
            String next = bob.nextContaining("content");
            assertEquals(true, next.contains("over"), next);
        }
    }

    @Test
    void what_is_no_utf_8_closes_with_1007_behind_what_was_good() {
        try (Site site = Site.open();
                RawClient ann = RawClient.connect(site.port(), "room=r&user=ann")) {
            ann.nextContaining("user_joined");
            ann.sendBytes(together(
                    text(FIN | TEXT, chat("good")),
                    RawClient.frame(FIN | TEXT, new byte[] {'{', (byte) 0xff, '}'}),
                    text(FIN | TEXT, chat("behind"))));
            ann.nextContaining("good");
            assertEquals(1007, ann.expectClose());
        }
    }
}

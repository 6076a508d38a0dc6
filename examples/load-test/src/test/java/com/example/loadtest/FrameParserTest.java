package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {

    private final List<String> heard = new ArrayList<>();

    private final FrameParser parser = new FrameParser(new FrameParser.Sink() {
        @Override
        public void text(byte[] bytes, int from, int to) {
            heard.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
        }

        @Override
        public void control(int opcode, byte[] bytes, int from, int to) {
            heard.add(opcode + ":" + new String(bytes, from, to - from, StandardCharsets.UTF_8));
        }
    });

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 300_000})
    void everySizeIsReadWhole(int size) throws Exception {
        String text = "x".repeat(size);
        feed(frame(0x81, text));
        assertEquals(List.of(text), heard);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 300})
    void aFrameMayBeCutAnywhere(int size) throws Exception {
        String text = "y".repeat(size);
        byte[] three = join(frame(0x81, "before"), frame(0x81, text), frame(0x81, "after"));
        for (int cut = 0; cut <= three.length; cut++) {
            heard.clear();
            parser.feed(three, 0, cut);
            parser.feed(three, cut, three.length);
            assertEquals(List.of("before", text, "after"), heard, "cut at " + cut);
        }
    }

    @Test
    void framesMayComeByteByByte() throws Exception {
        byte[] two = join(frame(0x81, "z".repeat(70_000)), frame(0x89, "p"));
        for (int i = 0; i < two.length; i++) {
            parser.feed(two, i, i + 1);
        }
        assertEquals(List.of("z".repeat(70_000), "9:p"), heard);
    }

    @Test
    void manyFramesCutAtRandomComeInOrder() throws Exception {
        Random random = new Random(7);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            sent.add(i + ":" + "m".repeat(random.nextInt(400)));
            all.writeBytes(frame(0x81, sent.get(i)));
        }
        byte[] bytes = all.toByteArray();
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + random.nextInt(1000));
            parser.feed(bytes, from, to);
            from = to;
        }
        assertEquals(sent, heard);
    }

    @Test
    void fragmentsAreJoinedAroundAPing() throws Exception {
        feed(join(
                frame(0x01, "one "),
                frame(0x89, "ping"),
                frame(0x00, "two "),
                frame(0x80, "three"),
                frame(0x81, "next")));
        assertEquals(List.of("9:ping", "one two three", "next"), heard);
    }

    @Test
    void whatNoServerMaySendIsAFault() {
        assertFault("masked", new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'x'});
        assertFault("reserved", new byte[] {(byte) 0xC1, 1, 'x'});
        assertFault("opcode 2", new byte[] {(byte) 0x82, 1, 'x'});
        assertFault("fragments", new byte[] {(byte) 0x80, 1, 'x'});
        assertFault("bytes", new byte[] {(byte) 0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0});
        assertFault("bytes", new byte[] {(byte) 0x81, 127, -1, 0, 1, 0, 0, 0, 0, 0});
    }

    private void assertFault(String about, byte[] bytes) {
        FrameParser fresh = new FrameParser(new FrameParser.Sink() {
            @Override
            public void text(byte[] text, int from, int to) {}

            @Override
            public void control(int opcode, byte[] text, int from, int to) {}
        });
        ProtocolException fault = assertThrows(ProtocolException.class, () -> fresh.feed(bytes, 0, bytes.length));
        assertTrue(fault.getMessage().contains(about), fault::getMessage);
    }

    private void feed(byte[] bytes) throws ProtocolException {
        parser.feed(bytes, 0, bytes.length);
    }

    private static byte[] frame(int first, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 10).put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 65_536) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}

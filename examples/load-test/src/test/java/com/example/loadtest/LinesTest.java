package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {

    @Test
    void theFirstLineEndIsFoundWhereverItIs() {
        for (int at = 0; at < 40; at++) {
            byte[] bytes = "\u000b\u008a\tx".repeat(15).getBytes(StandardCharsets.ISO_8859_1);
            bytes[at] = '\n';
            bytes[at + 3] = '\n';
            for (int from = 0; from <= at; from++) {
                assertEquals(at, Lines.end(bytes, from, bytes.length), "from " + from);
            }
        }
    }

    @Test
    void withoutALineEndItIsTheEndOfTheMessage() {
        byte[] bytes = "no line ends here, and one behind the end\n".getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(bytes.length - 1, Lines.end(bytes, 0, bytes.length - 1));
        assertEquals(5, Lines.end(bytes, 5, 5));
    }

    @Test
    void severalMessagesOfOneFrameAreToldApart() {
        byte[] bytes = "{\"a\":1}\n{\"b\":22}\n{\"c\":333}".getBytes(StandardCharsets.ISO_8859_1);
        List<String> lines = new ArrayList<>();
        for (int from = 0; from <= bytes.length; ) {
            int end = Lines.end(bytes, from, bytes.length);
            lines.add(new String(bytes, from, end - from, StandardCharsets.ISO_8859_1));
            from = end + 1;
        }
        assertEquals(List.of("{\"a\":1}", "{\"b\":22}", "{\"c\":333}"), lines);
    }
}

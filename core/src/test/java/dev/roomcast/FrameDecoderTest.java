package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {

    private final FrameDecoder decoder = new FrameDecoder(new Settings(Rooms.builder()));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "-0.0",
                "1.10",
                "1e400",
                "12345678901234567890123456789012345678901234567890",
                "true",
                "null",
                "\"\"",
                "\"a\\\"b\\\\\"",
                "\"\\u2028 \u2028 \uD83D\uDE00 \\ud83d\\ude00 \\ud83d\"",
                "[]",
                "[ 1 ,\t2 ]",
                "{}",
                "{ \"a\" : {\"b\":[null , {}]} }"
            })
    void content_is_cut_out_as_it_was_written(String content) throws BadFrame {
        for (String text : new String[] {
            "{\"content\":" + content + "}",
            " { \"content\" : " + content + " , \"x\" : 1 } ",
            "{\"x\":[1,{}],\"content\":" + content + ",\"room\":\"r\"}",
            "{\"room\":\"ü\uD83D\uDE00\",\"content\":\n" + content + "\n}"
        }) {
            ClientFrame frame = decoder.decode(text);
            assertNotNull(frame.content());
            assertEquals(content, frame.content().json());
        }
    }

    @Test
    void every_field_is_read_and_unknown_ones_are_skipped() throws BadFrame {
        ClientFrame frame = decoder.decode("{\"type\":\"move\",\"room\":\"r\",\"id\":\"i\",\"meta\":{\"a\":1},"
                + "\"token\":\"t\",\"later\":{\"content\":2},\"content\":1}");
        assertEquals("move", frame.type());
        assertEquals("r", frame.room());
        assertEquals("i", frame.id());
        assertEquals(
                "{\"a\":1}",
                String.valueOf(frame.meta() == null ? null : frame.meta().json()));
        assertEquals("t", frame.token());
        assertEquals(
                "1",
                String.valueOf(frame.content() == null ? null : frame.content().json()));
        assertTrue(!frame.toString().contains("t]") || !frame.toString().contains("token"));
        assertEquals("chat", decoder.decode("{\"content\":1}").type());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[]",
                "null",
                "7",
                "\"x\"",
                "{\"a\":1}{",
                "{\"a\":1},",
                "{\"a\":1,\"a\":1}",
                "{\"content\":{\"a\":{\"b\":1,\"b\":2}}}",
                "{\"type\":1}",
                "{\"type\":{}}",
                "{\"room\":[]}",
                "{\"room\":null}",
                "{\"id\":true}",
                "{\"token\":1}",
                "{\"meta\":\"x\"}",
                "{\"volatile\":1}",
                "{\"content\":1,}",
                "{content:1}",
                "{\"content\":+1}",
                "{\"content\":.5}",
                "{\"content\":Infinity}",
                "{\"content\":\"\u0001\"}",
                "{\"content\":\"\\x\"}",
                "{\"content\":1 /* c */}",
                "\uFEFF{\"content\":1}"
            })
    void what_is_not_a_message_is_a_bad_frame(String text) {
        assertThrows(BadFrame.class, () -> decoder.decode(text));
    }

    @Test
    void depth_counts_the_message_itself() throws BadFrame {
        assertNotNull(decoder.decode("{\"content\":" + "[".repeat(63) + "]".repeat(63) + "}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"content\":" + "[".repeat(64) + "]".repeat(64) + "}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"content\":" + "[".repeat(20_000)));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"x\":".repeat(20_000)));
    }

    @Test
    void names_and_ids_have_bounds() throws BadFrame {
        assertNotNull(decoder.decode("{\"room\":\"" + "r".repeat(255) + "\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"room\":\"" + "r".repeat(256) + "\"}"));
        assertNotNull(decoder.decode("{\"id\":\"" + "ü".repeat(32) + "\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"" + "ü".repeat(32) + "x\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"type\":\"a\\tb\"}"));
    }

    @Test
    void what_is_refused_is_not_repeated_but_the_id_is() {
        BadFrame refusal = assertThrows(
                BadFrame.class, () -> decoder.decode("{\"id\":\"i\",\"room\":\"a\\u0000b\",\"content\":\"c\"}"));
        assertEquals("i", refusal.answered().id());
        assertEquals(null, refusal.answered().room());
    }

    @Test
    void no_mutation_of_a_message_does_more_than_be_refused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String valid =
                "{\"type\":\"move\",\"room\":\"r\",\"content\":{\"a\":[1,2.5e3,\"\\u00fc\",null,true]},\"id\":\"i\",\"volatile\":false}";
        String alphabet = "{}[]\",:\\ut0123456789eE+-.ntrf \u0000\uD83D\u2028ü";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder(valid);
            for (int m = random.nextInt(4); m >= 0; m--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    default -> text.deleteCharAt(at);
                }
            }
            try {
                ClientFrame frame = decoder.decode(text.toString());
                if (frame.content() != null) {
                    dev.roomcast.message.Content.ofJson(frame.content().json());
                }
            } catch (BadFrame refused) {
                // As it should be.
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + ": " + text, e);
            }
        }
    }
}

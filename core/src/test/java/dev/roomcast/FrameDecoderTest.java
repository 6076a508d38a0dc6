package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.roomcast.message.Content;
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
        assertEquals("ClientFrame[move]", frame.toString(), "no token in a log");
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
                "{\"room\":\"\"}",
                "{\"room\":\" \"}",
                "{\"type\":null}",
                "{\"id\":null}",
                "{\"id\":1}",
                "{\"token\":{}}",
                "{\"token\":null}",
                "{\"meta\":null}",
                "{\"meta\":[]}",
                "{\"volatile\":null}",
                "{\"volatile\":\"true\"}",
                "{\"x\":[{\"a\":1,\"\\u0061\":2}]}",
                "{\"content\":1,\"\\u0063ontent\":2}",
                "{\"content\":\"unclosed}",
                "{\"content\":}",
                "{\"content\"}",
                "{\"content\":01}",
                "{\"content\":1.}",
                "{\"content\":1e}",
                "{\"content\":NaN}",
                "{\"content\":nul}",
                "{\"content\":truex}",
                "{\"content\":'a'}",
                "{\"content\":\"\\u12\"}",
                "{\"content\":\"\n\"}",
                "{\"a\":1} 2",
                "{\"a\":1} \u00A0",
                "1e400",
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
        assertThrows(BadFrame.class, () -> decoder.decode("[".repeat(20_000)));
        String unread = "{\"x\":" + "[".repeat(64) + "]".repeat(64) + "}";
        assertThrows(BadFrame.class, () -> decoder.decode(unread), "also where nobody looks");
    }

    @Test
    void names_and_ids_have_bounds() throws BadFrame {
        assertNotNull(decoder.decode("{\"room\":\"" + "r".repeat(255) + "\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"room\":\"" + "r".repeat(256) + "\"}"));
        assertNotNull(decoder.decode("{\"id\":\"" + "ü".repeat(32) + "\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"" + "ü".repeat(32) + "x\"}"));
        assertNotNull(decoder.decode("{\"type\":\"" + "t".repeat(255) + "\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"type\":\"" + "t".repeat(256) + "\"}"));
        for (String escaped : new String[] {"\\t", "\\u0000", "\\u007f", "\\u0085", "\\u2028", "\\u202e", "\\ud800"}) {
            assertThrows(BadFrame.class, () -> decoder.decode("{\"type\":\"a" + escaped + "b\"}"), escaped);
            assertThrows(BadFrame.class, () -> decoder.decode("{\"room\":\"a" + escaped + "b\"}"), escaped);
        }
    }

    @Test
    void a_refusal_names_the_limit_that_was_hit() {
        assertEquals(Limit.JSON_DEPTH, limit("{\"content\":" + "[".repeat(64) + "]".repeat(64) + "}"));
        assertEquals(Limit.NAME_LENGTH, limit("{\"room\":\"" + "r".repeat(256) + "\"}"));
        assertEquals(Limit.NAME_LENGTH, limit("{\"type\":\"" + "t".repeat(256) + "\"}"));
        assertNull(limit("{\"room\":\"a\\tb\"}"));
        assertNull(limit("{\"id\":\"" + "i".repeat(65) + "\"}"));
        assertNull(limit("{"));
    }

    @Test
    void what_is_refused_is_not_repeated_but_the_id_is() {
        BadFrame refusal = assertThrows(
                BadFrame.class, () -> decoder.decode("{\"id\":\"i\",\"room\":\"a\\u0000b\",\"content\":\"c\"}"));
        assertEquals("i", refusal.answered().id());
        assertEquals(null, refusal.answered().room());
    }

    /** An id that is refused itself, or was not looked at yet, is not repeated: it may have any length. */
    @ParameterizedTest
    @ValueSource(strings = {"\"type\":\"\\t\"", "\"room\":\"\\t\"", "\"type\":\"\""})
    void an_id_that_is_too_long_is_never_repeated(String faulty) {
        String text = "{" + faulty + ",\"id\":\"" + "x".repeat(65) + "\"}";
        assertNull(assertThrows(BadFrame.class, () -> decoder.decode(text))
                .answered()
                .id());
    }

    /** Its ack would name another id, since half a character cannot be sent. */
    @Test
    void an_id_has_whole_characters() throws BadFrame {
        assertEquals(
                "\uD83D\uDE00", decoder.decode("{\"id\":\"\\ud83d\\ude00\"}").id());
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"\\ud83d\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"\\ude00\\ud83d\"}"));
    }

    @Test
    void an_id_has_at_least_one_byte_and_none_if_volatile() throws BadFrame {
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"\"}"));
        assertThrows(BadFrame.class, () -> decoder.decode("{\"id\":\"i\",\"volatile\":true}"));
        assertNotNull(decoder.decode("{\"id\":\"i\",\"volatile\":false}"));
        assertTrue(decoder.decode("{\"volatile\":true}").isVolatile());
    }

    /** Texts beyond 32,768 characters are read in pieces of 4,000; the cut must not notice. */
    @Test
    void content_is_cut_out_of_long_messages_wherever_it_stands() throws BadFrame {
        for (String content :
                new String[] {"1.25e7", "\"\\u0041\u2028\uD83D\uDE00\"", "[1 , {\"a\":\"b\"} ]", "true"}) {
            for (int before = 3_940; before < 4_010; before++) {
                String text = "{\"pad\":\"" + "p".repeat(before) + "\",\"content\": " + content + " ,\"tail\":\""
                        + "t".repeat(33_000) + "\"}";
                ClientFrame frame = decoder.decode(text);
                assertNotNull(frame.content());
                assertEquals(content, frame.content().json());
            }
        }
    }

    @Test
    void a_number_may_fill_a_message() throws BadFrame {
        String digits = "9".repeat(65_000);
        ClientFrame frame = decoder.decode("{\"content\":" + digits + "}");
        assertNotNull(frame.content());
        assertEquals(digits, frame.content().json());
    }

    /**
     * Keys of one client once broke the messages of others. Jackson keeps the names it has read in a table that all parsers
     * of a factory share; names of equal hash, which anyone can make, left it broken: other clients' messages then ended in
     * an IllegalStateException.
     */
    @Test
    void keys_of_one_message_do_no_harm_to_the_next() throws BadFrame {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < 1024; i++) {
            keys.append(i == 0 ? "" : ",").append('"');
            for (int bit = 0; bit < 10; bit++) {
                // 33 * 'A' + 'B' == 33 * 'B' + '!', and 33 is what Jackson multiplies with.
                keys.append((i >> bit & 1) == 0 ? "AB" : "B!");
            }
            keys.append("\":1");
        }
        assertNotNull(decoder.decode("{\"content\":{" + keys + "}}"));
        for (int message = 0; message < 10; message++) {
            StringBuilder other = new StringBuilder();
            for (int i = 0; i < 3000; i++) {
                other.append(i == 0 ? "\"k" : ",\"k")
                        .append(message)
                        .append('_')
                        .append(i)
                        .append("\":1");
            }
            assertNotNull(decoder.decode("{\"content\":{" + other + "}}"));
        }
    }

    @Test
    void no_mutation_of_a_message_does_more_than_be_refused() {
        long seed = System.nanoTime();
        System.out.println("FrameDecoderTest mutates with seed " + seed);
        Random random = new Random(seed);
        String valid =
                "{\"type\":\"move\",\"room\":\"r\",\"content\":{\"a\":[1,2.5e3,\"\\u00fc\",null,true]},\"id\":\"i\",\"volatile\":false}";
        String alphabet = "{}[]\",:\\ut0123456789eE+-.ntrf \u0000\uD83D\u2028ü";
        for (int i = 0; i < 200_000; i++) {
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
                    Content.ofJson(frame.content().json());
                }
            } catch (BadFrame refused) {
                // As it should be.
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + ": " + text, e);
            }
        }
    }

    private Limit limit(String text) {
        return assertThrows(BadFrame.class, () -> decoder.decode(text)).limit();
    }
}

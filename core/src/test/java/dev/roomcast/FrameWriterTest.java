package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.StringWriter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameWriterTest {

    private static final String[] PIECES = {
        "a",
        "Z",
        " ",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "\b",
        "\f",
        "\u0000",
        "\u001f",
        "\u007f",
        "\u0080",
        "é",
        "ß",
        "\u07ff",
        "\u0800",
        "漢",
        "\u2028",
        "\uffff",
        "🙂",
        "👩‍🚀",
        "/",
        "<",
        "plain text of some length "
    };

    @Test
    void whatever_the_text_it_is_what_a_json_library_writes() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(round % 100 == 0 ? 400 : 8); i > 0; i--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            String value = text.toString();
            long number = random.nextLong();
            StringWriter expected = new StringWriter();
            try (JsonGenerator json = new JsonFactory().createGenerator(expected)) {
                json.writeStartObject();
                json.writeStringField("type", value);
                json.writeNumberField("n", number);
                json.writeFieldName("raw");
                json.writeRawValue("\"" + value.replaceAll("[\\x00-\\x1f\"\\\\]", "") + "\"");
                json.writeArrayFieldStart("list");
                json.writeStartObject();
                json.writeBooleanField("b", true);
                json.writeEndObject();
                json.writeStartObject();
                json.writeEndObject();
                json.writeEndArray();
                json.writeEndObject();
            }
            String written = new FrameWriter(value)
                    .number("n", number)
                    .raw("raw", "\"" + value.replaceAll("[\\x00-\\x1f\"\\\\]", "") + "\"")
                    .open("list", '[')
                    .open('{')
                    .bool("b", true)
                    .close('}')
                    .open('{')
                    .close('}')
                    .close(']')
                    .end()
                    .text();
            assertEquals(
                    expected.toString().toLowerCase(java.util.Locale.ROOT),
                    written.toLowerCase(java.util.Locale.ROOT),
                    "seed " + seed);
        }
    }

    @Test
    void half_a_character_becomes_a_question_mark() {
        String text = new FrameWriter("a\ud800b\udc00\ud83d")
                .raw("r", "\"\udfff\"")
                .end()
                .text();
        assertEquals("{\"type\":\"a?b??\",\"r\":\"?\"}", text);
    }

    @Test
    void an_absent_text_leaves_its_field_out_and_what_is_taken_back_is_gone() {
        FrameWriter frame = new FrameWriter("x").text("no", null);
        int before = frame.size();
        frame.text("a", "b");
        frame.truncate(before);
        assertEquals("{\"type\":\"x\",\"c\":1}", frame.number("c", 1).end().text());
    }
}

package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.fuzz.Fuzz;
import dev.roomcast.fuzz.JsonInput;
import dev.roomcast.guard.Names;
import dev.roomcast.message.Content;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a client sends is a message or refused, and what is relayed of it is JSON. */
class FrameDecoderFuzzTest {

    private static final int NAME_LENGTH = (int) Limit.NAME_LENGTH.defaultValue();

    private final FrameDecoder decoder = new FrameDecoder(new Settings(Rooms.builder()));

    @Test
    void a_text_is_a_message_or_refused() {
        new Fuzz(FrameDecoderFuzzTest.class, "message")
                .run(
                        20_000,
                        random -> new JsonInput(random).message().getBytes(StandardCharsets.UTF_8),
                        input -> decode(new String(input, StandardCharsets.UTF_8)));
    }

    private void decode(String text) throws BadFrame {
        ClientFrame frame;
        try {
            frame = decoder.decode(text);
        } catch (BadFrame refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        isName(frame.type());
        isName(frame.room());
        isName(frame.key());
        isOneValue(frame.content());
        isOneValue(frame.meta());
    }

    private static void isName(@Nullable String name) {
        if (name != null) {
            assertEquals(Optional.empty(), Names.fault(name, NAME_LENGTH));
        }
    }

    /** It stands within a line of other JSON, so it is one value on one line. */
    private void isOneValue(@Nullable Content content) throws BadFrame {
        if (content != null) {
            assertTrue(content.json().chars().noneMatch(c -> c == '\n' || c == '\r'));
            Content again = decoder.decode("{\"content\":" + content.json() + ",\"type\":\"x\"}")
                    .content();
            assertNotNull(again);
            assertEquals(content.json(), again.json());
        }
    }
}

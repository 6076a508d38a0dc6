package dev.roomcast.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Rooms;
import dev.roomcast.fuzz.Fuzz;
import dev.roomcast.fuzz.JsonInput;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever comes in one piece from one client is answered as the protocol says, and another one hears and speaks on. */
class MessageFuzzTest {

    private static final Set<String> ERRORS =
            Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).collect(Collectors.toSet());
    private static final Set<Integer> CLOSES =
            Arrays.stream(CloseCode.values()).map(CloseCode::code).collect(Collectors.toSet());

    private final ManualTime time = new ManualTime();
    private final Rooms rooms =
            Rooms.builder().time(time).rate(new Rate(1000, 1000)).build();
    private final LogLines log = new LogLines();
    private final FakeClient good = FakeClient.connect(rooms, "good", "room0");
    private FakeClient bad = FakeClient.connect(rooms, "bad", "room0");
    private int count;

    @AfterEach
    void close() {
        rooms.close();
        log.close();
    }

    @Test
    void any_piece_is_answered_as_the_protocol_says() {
        new Fuzz(MessageFuzzTest.class, "piece").run(1_000, MessageFuzzTest::piece, this::check);
        assertEquals(List.of(), log.lines());
    }

    /** Up to five messages, each on its own line. */
    private static byte[] piece(Random random) {
        JsonInput input = new JsonInput(random);
        StringBuilder piece = new StringBuilder(input.message());
        for (int i = random.nextInt(5); i > 0; i--) {
            piece.append('\n').append(input.message());
        }
        return piece.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void check(byte[] input) {
        bad.sendsTogether(new String(input, StandardCharsets.UTF_8).split("\n", 32));
        bad.frames("error").forEach(error -> assertTrue(ERRORS.contains(error.text("code")), error::json));
        bad.forget();
        if (bad.closeCode().isPresent()) {
            assertTrue(CLOSES.contains(bad.closeCode().get()), () -> "closed with " + bad.closeCode());
            bad = FakeClient.connect(rooms, "bad", "room0");
        }
        // Malformed messages are forgiven after a minute.
        time.advance(Duration.ofSeconds(10));
        good.forget();
        String text = "good " + count++;
        good.says(text);
        good.await(
                text,
                client -> client.frames("chat").stream()
                        .anyMatch(frame -> frame.text("content").equals(text)));
        assertTrue(good.closeCode().isEmpty());
    }
}

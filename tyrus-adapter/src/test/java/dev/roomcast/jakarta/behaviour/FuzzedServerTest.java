package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.fuzz.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes a client sends, the answer is one of those that the protocols name, nothing is logged as a fault, and two
 * others talk on.
 */
class FuzzedServerTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ERRORS =
            Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).collect(Collectors.toSet());
    private static final Set<Integer> CLOSES = Stream.concat(
                    Arrays.stream(CloseCode.values()).map(CloseCode::code), Stream.of(1002, 1005, 1007))
            .collect(Collectors.toSet());
    private static final Set<Integer> STATUSES =
            Set.of(100, 101, 200, 206, 304, 400, 403, 404, 405, 408, 411, 413, 414, 417, 426, 429, 431, 501, 505);
    private static final byte[] UPGRADE = ("GET /rooms?room=fuzz&user=mallory HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    private final Site site = Site.open();
    private final Conversation others = new Conversation(site.port(), "fuzz");
    private final LoggedFaults log = new LoggedFaults();
    private int inputs;

    @BeforeEach
    void others_talk() {
        others.goesOn(2);
    }

    @AfterEach
    void close() {
        log.close();
        others.goesOn(5);
        others.close();
        site.awaitEmpty();
        site.close();
    }

    @Test
    void any_frames_are_answered_as_the_protocol_says() {
        new Fuzz(FuzzedServerTest.class, "frames").run(60, random -> new FrameInput(random).frames(), this::sendFrames);
    }

    @Test
    void any_request_is_answered_as_http_says() {
        new Fuzz(FuzzedServerTest.class, "http").run(60, random -> new HttpInput(random).head(), this::sendRequest);
    }

    private void sendFrames(byte[] frames) throws IOException {
        byte[] answer = RawExchange.of(site.port(), UPGRADE, frames);
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        assertTrue(text.startsWith("HTTP/1.1 101 "), text);
        checkFrames(ByteBuffer.wrap(answer).position(text.indexOf("\r\n\r\n") + 4));
        nobodyNoticed();
    }

    /** The server fragments nothing and masks nothing. What was cut at the end is passed over. */
    private static void checkFrames(ByteBuffer bytes) throws IOException {
        while (bytes.remaining() >= 2) {
            int first = bytes.get() & 0xff;
            int length = bytes.get() & 0xff;
            if (length >= 126 && bytes.remaining() < 8) {
                return;
            }
            length = length == 126 ? bytes.getShort() & 0xffff : length == 127 ? (int) bytes.getLong() : length;
            if (length > bytes.remaining()) {
                return;
            }
            byte[] payload = new byte[length];
            bytes.get(payload);
            if (first == (RawClient.FIN | RawClient.TEXT)) {
                checkMessage(JSON.readTree(payload));
            } else if (first == (RawClient.FIN | RawClient.CLOSE)) {
                int code = length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
                // A client's own code comes back.
                assertTrue(CLOSES.contains(code) || code >= 3000 || code == 1011, () -> "closed with " + code);
            } else {
                assertTrue(first == (RawClient.FIN | RawClient.PING) || first == (RawClient.FIN | RawClient.PONG));
            }
        }
    }

    private static void checkMessage(JsonNode message) {
        assertTrue(message.path("type").isTextual(), message::toString);
        if (message.get("type").asText().equals("error")) {
            assertTrue(ERRORS.contains(message.get("code").asText()), message::toString);
        }
    }

    private void sendRequest(byte[] head) throws IOException {
        String answer = new String(RawExchange.of(site.port(), head), StandardCharsets.ISO_8859_1);
        if (!answer.isEmpty()) {
            assertTrue(answer.matches("(?s)HTTP/1\\.[01] [0-9]{3} .*"), answer);
            assertTrue(STATUSES.contains(Integer.parseInt(answer.substring(9, 12))), answer);
        }
        nobodyNoticed();
    }

    private void nobodyNoticed() {
        assertEquals(List.of(), log.take());
        if (++inputs % 10 == 0) {
            others.goesOn(1);
        }
    }
}

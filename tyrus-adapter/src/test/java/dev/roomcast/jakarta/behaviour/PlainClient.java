package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that knows nothing of Roomcast: the JDK's, made readable. Every wait has a deadline. */
public final class PlainClient implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    private record Closed(int code, String reason) {}

    /** What came, in order: a text or a {@link Closed}. */
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();

    private final WebSocket socket;

    private PlainClient(URI uri, String... headers) {
        WebSocket.Builder builder = HTTP.newWebSocketBuilder().connectTimeout(DEADLINE);
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        socket = builder.buildAsync(uri, new Listener())
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Connects, and waits until its user is told of itself. */
    public static PlainClient join(int port, String room, String user) {
        PlainClient client = connect(port, "room=" + room + "&user=" + user);
        JsonNode self = client.next("user_joined");
        while (!self.get("userId").asText().equals(user)) {
            self = client.next("user_joined");
        }
        return client;
    }

    public static PlainClient connect(int port, String query, String... headers) {
        return new PlainClient(URI.create("ws://127.0.0.1:" + port + "/rooms?" + query), headers);
    }

    /** Connects in vain, and says with which status. */
    public static int refusal(int port, String query, String... headers) {
        CompletionException failed = assertThrows(
                CompletionException.class, () -> connect(port, query, headers).close());
        return assertInstanceOf(WebSocketHandshakeException.class, failed.getCause())
                .getResponse()
                .statusCode();
    }

    public PlainClient send(String text) {
        socket.sendText(text, true)
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
        return this;
    }

    /** Says something in the room of the URL. */
    public PlainClient say(Object content) {
        try {
            return send("{\"content\":" + JSON.writeValueAsString(content) + "}");
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** The next frame, as it came. */
    public String nextText() {
        Object next = take();
        if (next instanceof Closed closed) {
            throw new AssertionError("a frame was expected, but the connection has ended: " + closed);
        }
        return (String) next;
    }

    public JsonNode next() {
        String text = nextText();
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** The next frame of a type; others are passed over. */
    public JsonNode next(String type) {
        JsonNode frame = next();
        while (!frame.path("type").asText().equals(type)) {
            frame = next();
        }
        return frame;
    }

    /** The next frame, which must be of this type. */
    public JsonNode expect(String type) {
        JsonNode frame = next();
        assertEquals(type, frame.path("type").asText(), () -> "in " + frame);
        return frame;
    }

    /** Waits for the end, whatever comes before it; 1006 if there was no closing handshake. */
    public int expectClose() {
        Object next = take();
        while (!(next instanceof Closed)) {
            next = take();
        }
        return ((Closed) next).code;
    }

    /** Leaves in order. */
    @Override
    public void close() {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                .exceptionally(gone -> socket)
                .join();
        expectClose();
    }

    /** Goes without a word. */
    public void vanish() {
        socket.abort();
    }

    private Object take() {
        try {
            Object next = arrived.poll(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("nothing came within " + DEADLINE);
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                arrived.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            arrived.add(new Closed(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            arrived.add(new Closed(1006, error.toString()));
        }
    }
}

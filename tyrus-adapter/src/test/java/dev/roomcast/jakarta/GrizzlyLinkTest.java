package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.jakarta.behaviour.RawClient;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The socket under an endpoint that is not ours, and what is said when that endpoint fails. */
class GrizzlyLinkTest {

    private final Queue<LogRecord> log = new ConcurrentLinkedQueue<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                log.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private RoomServer server;

    @AfterEach
    void stop() {
        Logger.getLogger("").removeHandler(listener);
        server.close();
    }

    /** An endpoint that hears nothing. */
    public static final class Silent extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {}
    }

    private void start(Class<? extends Endpoint> endpoint, ServerEndpointConfig.Configurator configurator)
            throws IOException {
        server = RoomServer.builder()
                .port(0)
                .endpoint(ServerEndpointConfig.Builder.create(endpoint, "/rooms")
                        .configurator(configurator)
                        .build())
                .start();
        Logger.getLogger("").addHandler(listener);
    }

    @Test
    void what_is_unfinished_is_told_until_it_is_whole() throws IOException {
        List<Integer> told = new CopyOnWriteArrayList<>();
        start(Silent.class, new ServerEndpointConfig.Configurator() {
            @Override
            public void modifyHandshake(
                    ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
                ((Link) Objects.requireNonNull(request.getHttpSession())).receive(new Hearing(told), true);
            }
        });
        try (RawClient client = RawClient.connect(server.port(), "")) {
            client.sendText("whole");
            client.send(RawClient.TEXT, new byte[1000]);
            await().until(() -> told.contains(1004));
            byte[] rest = RawClient.frame(RawClient.FIN | RawClient.CONTINUATION, new byte[3000]);
            client.sendBytes(Arrays.copyOf(rest, 2008));
            await().until(() -> told.contains(3008));
            client.sendBytes(Arrays.copyOfRange(rest, 2008, rest.length));
            await().until(() -> told.get(told.size() - 1) == 0);
        }
        List<Integer> rising = new ArrayList<>(told.subList(0, told.size() - 1));
        assertEquals(rising.stream().sorted().toList(), rising);
    }

    private record Hearing(List<Integer> told) implements Link.Receiver {

        @Override
        public void texts(List<String> texts) {}

        @Override
        public void tooBig() {}

        @Override
        public void tooManyFrames() {}

        @Override
        public void unfinished(int bytes) {
            told.add(bytes);
        }
    }

    /** It was the stack trace, with the whole URL in it. */
    @Test
    void a_handshake_that_fails_is_500_and_one_line_without_what_was_sent() throws IOException {
        start(Silent.class, new ServerEndpointConfig.Configurator() {
            @Override
            public void modifyHandshake(
                    ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
                throw new IllegalStateException(request.getQueryString() + "\r\nforged");
            }
        });
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.request("GET /rooms?token=secret HTTP/1.1");
            assertTrue(answer.startsWith("HTTP/1.1 500"), answer);
        }
        await().until(() -> !log.isEmpty());
        assertClean();
        assertEquals(1, log.size());
    }

    @Test
    void an_endpoint_that_cannot_be_made_closes_with_a_code() throws IOException {
        start(Silent.class, new ServerEndpointConfig.Configurator() {
            @Override
            public <T> T getEndpointInstance(Class<T> type) {
                throw new IllegalStateException("token=secret\r\nforged");
            }
        });
        assertEquals(1011, RawClient.connect(server.port(), "token=secret").expectClose());
        assertClean();
    }

    @Test
    void no_query_whatever_is_in_it_leaves_more_than_a_line() throws IOException {
        start(Silent.class, new ServerEndpointConfig.Configurator());
        for (String query : List.of("a|b", "{x}", "^", "\\", "`", "%zz", "%ff", "\u00e4", "[", "a=%00", "\"<>")) {
            try (RawClient client = RawClient.dial(server.port())) {
                client.request("GET /rooms?token=secret&" + query + " HTTP/1.1");
            }
        }
        assertClean();
        assertEquals(0, log.size());
    }

    private void assertClean() {
        for (LogRecord line : log) {
            assertFalse(String.valueOf(line.getMessage()).contains("secret"), line.getMessage());
            for (Object parameter : line.getParameters() == null ? new Object[0] : line.getParameters()) {
                assertFalse(String.valueOf(parameter).contains("secret"), String.valueOf(parameter));
            }
            assertEquals(null, line.getThrown());
        }
    }
}

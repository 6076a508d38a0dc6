package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An endpoint without a hub: a test takes the transport of each session and writes what it likes. */
final class FrameSource extends ServerEndpointConfig.Configurator {

    /** Sizes about which the form of a frame's header changes, and some beyond a socket's buffer. */
    static final List<Integer> SIZES = List.of(1, 2, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537, 300_000);

    /** Sessions as they are opened. */
    private final BlockingQueue<SessionTransport> opened = new LinkedBlockingQueue<>();

    private final Outlets outlets = new Outlets("/frames", new HardCut(Runnable::run), new Errands());

    ServerEndpointConfig config() {
        return ServerEndpointConfig.Builder.create(Opening.class, "/frames")
                .configurator(this)
                .build();
    }

    String ways() {
        return outlets.toString();
    }

    SessionTransport next() throws InterruptedException {
        SessionTransport next = opened.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no session came");
        }
        return next;
    }

    @Override
    public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
        if (request.getHttpSession() instanceof Link link) {
            config.getUserProperties().put("link", link);
        }
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
        return type.cast(new Opening(this));
    }

    /** Hands each session to its source. */
    public static final class Opening extends Endpoint {

        private final FrameSource source;

        Opening(FrameSource source) {
            this.source = source;
        }

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            Link link = (Link) session.getUserProperties().get("link");
            source.opened.add(new SessionTransport(session, source.outlets.of(session, link)));
        }
    }

    /** A text of so many bytes of UTF-8, told apart by its number. */
    static String text(int number, int size) {
        StringBuilder text = new StringBuilder(size).append((char) ('a' + number % 26));
        while (text.length() + 1 < size && text.length() < 64) {
            text.append((char) ('0' + (number + text.length()) % 10));
        }
        int left = size - text.length();
        return text.append("\u00e4".repeat(left / 2))
                .append("z".repeat(left % 2))
                .toString();
    }

    static FrameBatch batch(List<String> texts) {
        List<TextFrame> frames = new ArrayList<>();
        texts.forEach(text -> frames.add(TextFrame.ofUtf8(text.getBytes(StandardCharsets.UTF_8))));
        return FrameBatch.of(frames);
    }

    /** Starts a write, and is done when its completion has come. */
    static CompletableFuture<Void> write(SessionTransport to, FrameBatch batch) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        to.write(batch, failure -> end(written, failure));
        return written;
    }

    static CompletableFuture<Void> ping(SessionTransport to) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        to.ping(failure -> end(written, failure));
        return written;
    }

    private static void end(CompletableFuture<Void> written, @Nullable Throwable failure) {
        boolean first = failure == null ? written.complete(null) : written.completeExceptionally(failure);
        if (!first) {
            throw new AssertionError("told twice", new IOException(failure));
        }
    }
}

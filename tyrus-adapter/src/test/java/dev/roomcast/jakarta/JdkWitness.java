package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client of {@code java.net.http}. It reads only what is asked of it. */
final class JdkWitness implements FrameConformance.Witness, WebSocket.Listener {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;
    private volatile boolean paused;

    JdkWitness(int port) {
        socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/frames"), this)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void onOpen(WebSocket opened) {
        opened.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            arrived.add("text " + text);
            text.setLength(0);
        }
        return more(from);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
        arrived.add("binary");
        return more(from);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer payload) {
        arrived.add("ping " + payload.remaining());
        return more(from);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer payload) {
        pongs.add("pong " + payload.remaining());
        return more(from);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        arrived.add("close " + code + " " + reason);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        arrived.add("error " + failure);
    }

    private @Nullable CompletionStage<?> more(WebSocket from) {
        if (!paused) {
            from.request(1);
        }
        return null;
    }

    private void expect(String what, BlockingQueue<String> in) throws InterruptedException {
        assertEquals(what, in.poll(20, TimeUnit.SECONDS));
    }

    @Override
    public void expectText(String expected) throws InterruptedException {
        expect("text " + expected, arrived);
    }

    @Override
    public void expectPing() throws InterruptedException {
        expect("ping 0", arrived);
    }

    @Override
    public void expectPong() throws InterruptedException {
        expect("pong 1", pongs);
    }

    @Override
    public void expectClose(int code, String reason) throws InterruptedException {
        expect("close " + code + " " + reason, arrived);
    }

    @Override
    public void sendPing() {
        socket.sendPing(ByteBuffer.wrap(new byte[1]))
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** What it was asked for already, it still reads: one message. */
    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        socket.request(1);
    }

    @Override
    public void close() {
        socket.abort();
    }
}

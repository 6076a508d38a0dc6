package dev.roomcast.browser;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A client that says things in a room; what it hears counts only as a sign that it is in. */
final class Speaker implements WebSocket.Listener, AutoCloseable {

    /** Fewer than a room may have before its presence is told as a count. */
    private static final int TOGETHER = 50;

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final CompletableFuture<Boolean> isIn = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private WebSocket socket;

    /** Connects, and enters the room unless it is null. */
    static Speaker connect(URI server, String path, String room, String user) throws Exception {
        Speaker speaker = new Speaker();
        String inRoom = room == null ? "" : "&room=" + encoded(room);
        URI uri = URI.create("ws://" + server.getAuthority() + "/" + path + "?user=" + encoded(user) + inRoom);
        speaker.socket = HTTP.newWebSocketBuilder().buildAsync(uri, speaker).get(10, SECONDS);
        return speaker;
    }

    /**
     * Each of these users comes into the room, with its own name as metadata, says something, and leaves. Returns how many
     * were refused.
     */
    static int comeAndGo(URI server, String path, String room, List<String> users) throws Exception {
        int refused = 0;
        for (int from = 0; from < users.size(); from += TOGETHER) {
            List<Speaker> some = new ArrayList<>();
            for (String user : users.subList(from, Math.min(from + TOGETHER, users.size()))) {
                Speaker speaker = connect(server, path, null, user);
                some.add(speaker);
                if (speaker.isIn.get(10, SECONDS)) {
                    speaker.send(Map.of("type", "join", "room", room, "meta", Map.of(user, List.of(user))));
                    speaker.send(Map.of("room", room, "content", "hello"));
                } else {
                    refused++;
                }
            }
            some.forEach(Speaker::close);
        }
        return refused;
    }

    void say(Object content) {
        send(Map.of("content", content));
    }

    private void send(Map<String, Object> frame) {
        socket.sendText(Texts.json(frame), true).join();
    }

    @Override
    public void close() {
        if (!ended.isDone()) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
        ended.orTimeout(10, SECONDS).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        isIn.complete(true);
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        isIn.complete(false);
        ended.complete(null);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        isIn.completeExceptionally(error);
        ended.completeExceptionally(error);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

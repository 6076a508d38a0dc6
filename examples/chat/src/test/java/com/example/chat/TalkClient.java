package com.example.chat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A plain client in a room, on the JDK's own WebSocket. */
final class TalkClient implements WebSocket.Listener {

    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder part = new StringBuilder();
    private WebSocket socket;

    static TalkClient connect(HttpClient http, URI server, String room, String user) throws Exception {
        TalkClient client = new TalkClient();
        URI uri = URI.create("ws://" + server.getAuthority() + "/rooms?room=" + room + "&user=" + user);
        client.socket = http.newWebSocketBuilder().buildAsync(uri, client).get(10, TimeUnit.SECONDS);
        return client;
    }

    void say(String text) {
        String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
        send("{\"content\":\"" + quoted + "\"}");
    }

    void send(String frame) {
        socket.sendText(frame, true).join();
    }

    void leave() {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    /** Waits for the next frame of a type that is about a user; passes over others. */
    String next(String type, String user) throws InterruptedException {
        while (true) {
            String frame = frames.poll(10, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no " + type + " of " + user + ", only " + seen);
            }
            if (frame.contains("\"type\":\"" + type + "\"") && frame.contains("\"userId\":\"" + user + "\"")) {
                return frame;
            }
        }
    }

    List<String> seen() {
        return seen;
    }

    CompletableFuture<Integer> closeCode() {
        return closed;
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            seen.add(part.toString());
            frames.add(part.toString());
            part.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed.complete(statusCode);
        return null;
    }
}

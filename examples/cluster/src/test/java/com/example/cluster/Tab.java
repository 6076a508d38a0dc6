package com.example.cluster;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A plain WebSocket client. */
final class Tab implements WebSocket.Listener {

    private static final long DEADLINE_SECONDS = 30;

    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
    private final CountDownLatch cut = new CountDownLatch(1);
    private final StringBuilder part = new StringBuilder();
    private WebSocket socket;

    private Tab() {}

    static Tab open(HttpClient http, int port, String origin, String query) {
        Tab tab = new Tab();
        tab.socket = http.newWebSocketBuilder()
                .header("Origin", origin)
                .buildAsync(URI.create("ws://localhost:" + port + "/rooms?" + query), tab)
                .join();
        return tab;
    }

    void say(String content) {
        socket.sendText("{\"content\":\"" + content + "\"}", true).join();
    }

    /** The next frame of a type; others are passed over. */
    Frame next(String type) throws InterruptedException {
        while (true) {
            String frame = frames.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no " + type);
            }
            if (frame.contains("\"type\":\"" + type + "\"")) {
                return new Frame(frame);
            }
        }
    }

    boolean isCut() throws InterruptedException {
        return cut.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            frames.add(part.toString());
            part.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        cut.countDown();
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        cut.countDown();
    }

    /** One JSON object of the server, as far as a test needs to read it. */
    record Frame(String json) {

        String text(String field) {
            return find("\"" + field + "\":\"([^\"]*)\"");
        }

        long number(String field) {
            return Long.parseLong(find("\"" + field + "\":(\\d+)"));
        }

        boolean is(String field) {
            return json.contains("\"" + field + "\":true");
        }

        private String find(String pattern) {
            Matcher matcher = Pattern.compile(pattern).matcher(json);
            if (!matcher.find()) {
                throw new AssertionError(pattern + " is not in " + json);
            }
            return matcher.group(1);
        }
    }
}

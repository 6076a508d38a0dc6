package com.example.siege;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends one request that is too long, malformed, or unusual, and goes when it is answered or a second has passed. */
final class BadRequests extends Script {

    private static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String HOST = "Host: siege.example\r\n";

    private static final List<String> REQUESTS = List.of(
            "GET " + "/a".repeat(1_500) + " HTTP/1.1\r\n" + HOST + "\r\n",
            "GET /rooms?user=auth0|5f7c&room=a HTTP/1.1\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?user={a}^`\\&room=a HTTP/1.1\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?room=%zz HTTP/1.1\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?room=%ff%fe HTTP/1.1\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?room=a HTTP/1.1\r\n" + HOST + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?room=a HTTP/1.1\r\n" + HOST + UPGRADE + KEY + KEY + "\r\n",
            "GET /rooms?room=a HTTP/1.0\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms?room=" + "r".repeat(4_000) + " HTTP/1.1\r\n" + HOST + UPGRADE + KEY + "\r\n",
            "GET /rooms HTTP/1.1\r\n" + HOST + UPGRADE.replace("13", "99") + KEY + "\r\n",
            "POST /rooms HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: gzip\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "X: a\rb\0c\r\n\r\n",
            "GET /../../etc/passwd HTTP/1.1\r\n" + HOST + "\r\n",
            "GET /%2e%2e/%2e%2e/etc/passwd%00.js HTTP/1.1\r\n" + HOST + "\r\n",
            "GET / HTTP/9.9\r\n" + HOST + "\r\n",
            "\0\1\2\3\r\n\r\n",
            "GET\r\n\r\n",
            "GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(2_000) + "\r\n",
            "GET / HTTP/1.1\r\nX: " + "y".repeat(50_000) + "\r\n\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Cookie: \u0080\u00ff\r\n\r\n");

    private static int turn;

    private long end;
    private boolean isAnswered;

    @Override
    void connected(Peer peer) {
        peer.write(REQUESTS.get(turn++ % REQUESTS.size()).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    void received(Peer peer, ByteBuffer bytes) {
        isAnswered = true;
    }

    @Override
    void tick(Peer peer, long now) {
        if (end == 0) {
            end = now + TimeUnit.SECONDS.toNanos(1);
        }
        if (isAnswered || now - end > 0) {
            peer.close("done");
        }
    }
}

package dev.roomcast.jakarta.behaviour;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes up heads of HTTP requests: handshakes and page loads with a fault here and there in each line. */
final class HttpInput {

    private static final List<String> METHODS =
            List.of("POST", "HEAD", "OPTIONS", "PUT", "TRACE", "CONNECT", "get", "G\tET", "", "PRI", "GET ", "\u0000");
    private static final List<String> TARGETS = List.of(
            "/rooms?room=fuzz&user=mallory",
            "/rooms",
            "/rooms?room=fuzz",
            "/rooms?user=mallory&user=other&room=fuzz",
            "/",
            "/app.js",
            "/roomcast/roomcast.js",
            "/sub/",
            "/rooms/",
            "/rooms?room=%",
            "/rooms?room=%zz&user=%ff",
            "/rooms?room=a%00b",
            "/rooms?%72oom=fuzz&user=mallory",
            "/rooms?room=fuzz&user=a+b%2Bc",
            "/rooms#fragment",
            "http://127.0.0.1/rooms?room=fuzz",
            "http://elsewhere.example/",
            "*",
            "rooms",
            "//rooms",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/a/../app.js",
            "/.hidden.txt",
            "/app.js%00.txt",
            "/app.js;x=1",
            "\\rooms",
            "");
    private static final List<String> VERSIONS =
            List.of("HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/11", "http/1.1", "", "HTTP/1.1 x", "HTTP/");
    private static final List<String> UPGRADE = List.of(
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    private static final List<String> MORE = List.of(
            "Host: elsewhere.example",
            "Host:",
            "Connection: close",
            "Connection: keep-alive, Upgrade",
            "Upgrade: foo, websocket",
            "Upgrade: WebSocket",
            "Upgrade: h2c",
            "Sec-WebSocket-Version: 8",
            "Sec-WebSocket-Version: 13, 8",
            "Sec-WebSocket-Version: x",
            "Sec-WebSocket-Key: short",
            "Sec-WebSocket-Key:",
            "Sec-WebSocket-Protocol: roomcast.v1",
            "Sec-WebSocket-Protocol: a, roomcast.v1, b",
            "Sec-WebSocket-Protocol: ,,",
            "Sec-WebSocket-Extensions: permessage-deflate",
            "Sec-WebSocket-Extensions: x; y=\"",
            "Origin: null",
            "Origin: http://127.0.0.1",
            "Origin: ://",
            "Origin: http://a b",
            "Content-Length: 5",
            "Content-Length: -1",
            "Content-Length: 5, 6",
            "Content-Length: 99999999999999999999",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: chunked, identity",
            "Expect: 100-continue",
            "Expect: x",
            "Cookie: a=b; c",
            "Cookie: $Version=1; a=\"",
            "Authorization: Basic !!!",
            "X-Forwarded-For: 1.2.3.4",
            "Range: bytes=0-1",
            "If-None-Match: *",
            "If-Modified-Since: x",
            "Accept-Encoding: gzip",
            "no colon",
            ": no name",
            "X Y: space",
            "X:\u0001\u0002",
            "X: a\rb",
            " folded",
            "\tfolded",
            "X: \u00ff\u0080");

    private final Random random;

    HttpInput(Random random) {
        this.random = random;
    }

    byte[] head() {
        List<String> lines = new ArrayList<>();
        for (String line : UPGRADE) {
            if (!rarely()) {
                lines.add(line);
            }
            if (rarely()) {
                lines.add(line);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            lines.add(pick(MORE));
        }
        if (random.nextBoolean()) {
            Collections.shuffle(lines, random);
        }
        if (rarely()) {
            lines.add(("X" + random.nextInt(9) + ": ") + "y".repeat(1 << random.nextInt(16)));
        }
        lines.add(
                0,
                (rarely() ? pick(METHODS) : "GET") + " " + target() + " " + (rarely() ? pick(VERSIONS) : "HTTP/1.1"));
        StringBuilder head = new StringBuilder();
        lines.forEach(line -> head.append(line).append(end()));
        head.append(end());
        return (rarely() ? head.append("5\r\nhello\r\n0\r\n\r\n") : head)
                .toString()
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private String target() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> TARGETS.get(0);
            case 4 -> "/rooms?room=fuzz&user=" + (char) (1 + random.nextInt(255));
            case 5 -> "/" + "a/".repeat(random.nextInt(100)) + "%" + random.nextInt(100);
            default -> pick(TARGETS);
        };
    }

    private String end() {
        return random.nextInt(60) > 0 ? "\r\n" : pick(List.of("\n", "\r", "\n\r", "", "\r\r\n", " \r\n"));
    }

    private boolean rarely() {
        return random.nextInt(10) == 0;
    }

    private String pick(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}

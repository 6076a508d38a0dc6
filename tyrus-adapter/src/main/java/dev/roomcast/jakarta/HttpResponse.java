package dev.roomcast.jakarta;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer to one request. Not safe for use by several threads. */
final class HttpResponse {

    private static final byte[] NOTHING = {};

    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(101, "Switching Protocols"),
            Map.entry(200, "OK"),
            Map.entry(304, "Not Modified"),
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(414, "URI Too Long"),
            Map.entry(426, "Upgrade Required"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(505, "HTTP Version Not Supported"));

    private final int status;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private byte[] body = NOTHING;

    HttpResponse(int status) {
        this.status = status;
    }

    /** An answer that says no more than its status does. */
    static HttpResponse plain(int status) {
        String text = status + " " + reason(status) + "\n";
        return new HttpResponse(status)
                .body("text/plain; charset=utf-8", text.getBytes(StandardCharsets.US_ASCII))
                .header("X-Content-Type-Options", "nosniff");
    }

    /** RFC 9112 4: the phrase may be empty. */
    private static String reason(int status) {
        return REASONS.getOrDefault(status, "");
    }

    HttpResponse header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    HttpResponse body(String type, byte[] content) {
        body = content;
        return header("Content-Type", type);
    }

    /** Bytes of the body. */
    int length() {
        return body.length;
    }

    /**
     * The bytes of it.
     *
     * @param withBody false for an answer to {@code HEAD}
     */
    ByteBuffer encode(boolean withBody) {
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(reason(status))
                .append("\r\nDate: ")
                .append(DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        if (status != 101 && status != 304) {
            headers.put("Content-Length", Integer.toString(body.length));
        }
        headers.forEach(
                (name, value) -> head.append("\r\n").append(name).append(": ").append(value));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + 4 + body.length);
        bytes.writeBytes(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (withBody) {
            bytes.writeBytes(body);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}

package dev.roomcast.jakarta;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * What has come over a connection that speaks HTTP and belongs to no request yet. Each byte is looked at once, and a head
 * that cannot become sound is refused at the byte that breaks it. Used by one thread at a time.
 */
final class RequestBuffer {

    /** Largest head of a request: request line and headers. */
    static final int MAX_HEAD_BYTES = 16 * 1024;

    private static final int FIRST_BYTES = 1024;

    private byte[] bytes = {};
    private int from;
    private int to;

    /** Bytes before it were looked at. */
    private int scanned;

    /** Where the line begins that the next byte to be looked at belongs to. */
    private int line;

    private boolean firstLine = true;

    /** Appends what came. */
    void add(ByteBuffer data) {
        int length = data.remaining();
        if (to + length > bytes.length) {
            int kept = to - from;
            byte[] larger = kept + length <= bytes.length
                    ? bytes
                    : new byte[Math.max(Math.max(FIRST_BYTES, 2 * kept), kept + length)];
            System.arraycopy(bytes, from, larger, 0, kept);
            bytes = larger;
            scanned -= from;
            line -= from;
            to = kept;
            from = 0;
        }
        data.get(bytes, to, length);
        to += length;
    }

    boolean isEmpty() {
        return from == to;
    }

    /** Takes all that is left. */
    ByteBuffer rest() {
        byte[] rest = Arrays.copyOfRange(bytes, from, to);
        clear();
        return ByteBuffer.wrap(rest);
    }

    /** Forgets all. */
    void clear() {
        bytes = new byte[] {};
        from = 0;
        to = 0;
        restart();
    }

    /**
     * Takes the next request.
     *
     * @return empty if its head has not come whole
     * @throws BadRequest if it is none, or too large
     */
    Optional<HttpRequest> next() throws BadRequest {
        skipEmptyLine();
        while (scanned < to) {
            byte b = bytes[scanned++];
            if (b == '\n') {
                int length = scanned - line;
                if (length < 2 || bytes[scanned - 2] != '\r') {
                    throw new BadRequest(400, "a line ends without CR");
                }
                if (length == 2) {
                    return Optional.of(taken());
                }
                line = scanned;
                firstLine = false;
            } else if (b == 0 || (scanned - 2 >= line && bytes[scanned - 2] == '\r')) {
                throw new BadRequest(400, b == 0 ? "NUL" : "a CR that ends no line");
            }
            if (scanned - from > MAX_HEAD_BYTES) {
                throw new BadRequest(firstLine ? 414 : 431, "head too large");
            }
        }
        if (isEmpty()) {
            clear();
        }
        return Optional.empty();
    }

    /** RFC 9112 2.2: one before the request line is no fault. */
    private void skipEmptyLine() {
        if (scanned == from && to - from >= 2 && bytes[from] == '\r' && bytes[from + 1] == '\n') {
            from += 2;
            restart();
        }
    }

    private HttpRequest taken() throws BadRequest {
        int start = from;
        from = scanned;
        restart();
        return HttpRequest.parse(bytes, start, from);
    }

    private void restart() {
        scanned = from;
        line = from;
        firstLine = true;
    }
}

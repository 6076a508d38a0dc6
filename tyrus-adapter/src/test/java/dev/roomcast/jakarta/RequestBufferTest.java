package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBufferTest {

    private static final String HOST = "Host: x\r\n";

    private final RequestBuffer buffer = new RequestBuffer();

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Optional<HttpRequest> next(String text) throws BadRequest {
        buffer.add(bytes(text));
        return buffer.next();
    }

    private static void assertRefused(int status, String head) {
        RequestBuffer whole = new RequestBuffer();
        whole.add(bytes(head));
        assertEquals(status, assertThrows(BadRequest.class, whole::next).status(), head);
        RequestBuffer dripped = new RequestBuffer();
        BadRequest refused = assertThrows(BadRequest.class, () -> {
            for (int i = 0; i < head.length(); i++) {
                dripped.add(bytes(head.substring(i, i + 1)));
                dripped.next();
            }
        });
        assertEquals(status, refused.status(), head);
    }

    @Test
    void what_a_request_says_is_read() throws BadRequest {
        HttpRequest request = next("GET /a/b?c=d?e HTTP/1.1\r\nhost: x\r\nX-One:\t1 \r\nx-one: 2\r\nEmpty:\r\n\r\n")
                .orElseThrow();
        assertEquals("GET", request.method());
        assertEquals("/a/b", request.path());
        assertEquals("c=d?e", request.query());
        assertTrue(request.isHttp11());
        assertTrue(request.keepsAlive());
        assertEquals("{empty=[], host=[x], x-one=[1, 2]}", request.headers().toString());
        assertTrue(buffer.isEmpty());
    }

    @Test
    void requests_that_came_together_are_taken_one_by_one_and_the_rest_is_left() throws BadRequest {
        buffer.add(bytes("GET /1 HTTP/1.1\r\n" + HOST + "\r\nGET /2 HTTP/1.1\r\n" + HOST + "\r\nrest"));
        assertEquals("/1", buffer.next().orElseThrow().path());
        assertEquals("/2", buffer.next().orElseThrow().path());
        assertEquals("rest", StandardCharsets.US_ASCII.decode(buffer.rest()).toString());
        assertTrue(buffer.isEmpty());
    }

    @Test
    void a_request_in_pieces_is_the_same_request() throws BadRequest {
        Random random = new Random(1);
        String head = "\r\nGET /a HTTP/1.1\r\n" + HOST + "Long: " + "v".repeat(5000) + "\r\n\r\n";
        for (int round = 0; round < 50; round++) {
            String all = head.repeat(3);
            int taken = 0;
            for (int at = 0; at < all.length(); ) {
                int to = Math.min(all.length(), at + 2 + random.nextInt(3000));
                buffer.add(bytes(all.substring(at, to)));
                while (buffer.next().isPresent()) {
                    taken++;
                }
                at = to;
            }
            assertEquals(3, taken);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: y\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: gzip\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked, chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunkedx\r\n",
                "Transfer-Encoding:\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 3\r\nContent-Length: 3\r\n",
                "Content-Length: 3\r\nContent-Length: 4\r\n",
                "Content-Length: 3, 3\r\n",
                "Content-Length: +3\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 0x3\r\n",
                "Content-Length: 99999999999999999999\r\n",
                "Content-Length:\r\n",
                "Authorization: a\r\nAuthorization: b\r\n",
                "Sec-WebSocket-Key: a\r\nsec-websocket-key: a\r\n",
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n",
                "A: b\0c\r\n",
                "A: b\rc\r\n",
                "A: b\nB: c\r\n",
                "A: b\r\r\n",
                "A: b\u0001\r\n",
                "A: b\u007f\r\n",
                "A : b\r\n",
                " A: b\r\n",
                "A: b\r\n c\r\n",
                "A\r\n",
                ": b\r\n",
                "A\u00e4: b\r\n",
                "(A): b\r\n"
            })
    void headers_that_two_readers_could_read_differently_are_refused(String headers) {
        assertRefused(400, "GET / HTTP/1.1\r\n" + HOST + headers + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET  / HTTP/1.1",
                "GET / HTTP/1.1 ",
                "GET /",
                "GET",
                " GET / HTTP/1.1",
                "G(T / HTTP/1.1",
                "GET a HTTP/1.1",
                "GET * HTTP/1.1",
                "GET http://x/ HTTP/1.1",
                "GET /\t HTTP/1.1",
                "GET /a\u0001 HTTP/1.1",
                "GET /\u00e4 HTTP/1.1",
                "GET / http/1.1",
                "GET / HTTPS/1.1",
                "GET / HTTP/1.11"
            })
    void a_request_line_that_is_none_is_refused(String line) {
        assertRefused(400, line + "\r\n" + HOST + "\r\n");
    }

    @Test
    void a_request_without_a_host_is_refused_unless_it_is_of_http_1_0() throws BadRequest {
        assertRefused(400, "GET / HTTP/1.1\r\n\r\n");
        HttpRequest old = next("GET / HTTP/1.0\r\n\r\n").orElseThrow();
        assertFalse(old.isHttp11());
        assertFalse(old.keepsAlive());
        assertRefused(400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    @Test
    void what_is_too_long_is_refused_before_it_is_looked_at() {
        assertRefused(505, "GET / HTTP/2.0\r\n" + HOST + "\r\n");
        assertRefused(414, "GET /" + "a/".repeat(4096) + " HTTP/1.1\r\n" + HOST + "\r\n");
        assertRefused(414, "GET /" + "a".repeat(RequestBuffer.MAX_HEAD_BYTES));
        assertRefused(431, "GET / HTTP/1.1\r\nA: " + "a".repeat(RequestBuffer.MAX_HEAD_BYTES));
        assertRefused(431, "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(101) + "\r\n");
    }

    @Test
    void a_request_with_a_body_is_the_last_of_its_connection() throws BadRequest {
        assertFalse(next("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\n")
                .orElseThrow()
                .keepsAlive());
        assertFalse(next("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: Chunked\r\n\r\n")
                .orElseThrow()
                .keepsAlive());
        assertTrue(next("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n")
                .orElseThrow()
                .keepsAlive());
    }
}

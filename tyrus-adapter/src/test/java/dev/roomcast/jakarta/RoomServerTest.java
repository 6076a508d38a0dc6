package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.jakarta.behaviour.RawClient;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomServerTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static RoomServer server;

    @BeforeAll
    static void start() throws IOException {
        server = RoomServer.builder()
                .port(0)
                .resources("web")
                .resources("/more/")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.uri().resolve(path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void the_browser_client_is_served_beside_them() throws Exception {
        // As browsers ask, without the JDK's offer of HTTP/2.
        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/roomcast/roomcast.js"))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        HttpResponse<String> client = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(200, client.statusCode());
        assertEquals("text/javascript; charset=utf-8", header(client, "Content-Type"));
        assertTrue(client.body().contains("export function connect("));
        // Of what stands where servlet containers serve it, that alone: others' jars have things there, too.
        assertEquals(404, ask("GET", "/other/thing.js").statusCode());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /                 | text/html; charset=utf-8       | <!doctype html><title>home</title>
                    /?room=a          | text/html; charset=utf-8       | <!doctype html><title>home</title>
                    /index.html       | text/html; charset=utf-8       | <!doctype html><title>home</title>
                    /sub/             | text/html; charset=utf-8       | <!doctype html><title>sub</title>
                    /app.js           | text/javascript; charset=utf-8 | export const answer = 42;
                    /%61pp.js         | text/javascript; charset=utf-8 | export const answer = 42;
                    /mod.mjs          | text/javascript; charset=utf-8 | export default 1;
                    /style.css        | text/css; charset=utf-8        | body { margin: 0 }
                    /icon.svg         | image/svg+xml                  | <svg xmlns="http://www.w3.org/2000/svg"/>
                    /data.json        | application/json               | {"a":1}
                    /app.js.map       | application/json               | {"version":3}
                    /note.txt         | text/plain; charset=utf-8      | plain
                    /extra/second.txt | text/plain; charset=utf-8      | second
                    """)
    void a_resource_is_served_as_what_it_is(String path, String type, String content) throws Exception {
        HttpResponse<String> response = ask("GET", path);
        assertEquals(200, response.statusCode());
        assertEquals(content, response.body().strip());
        assertEquals(type, header(response, "Content-Type").replace(";charset", "; charset"));
        assertEquals("nosniff", header(response, "X-Content-Type-Options"));
        assertEquals("no-cache", header(response, "Cache-Control"));
    }

    @ParameterizedTest
    @CsvSource({"/pixel.png,image/png", "/font.woff2,font/woff2", "/favicon.ico,image/x-icon"})
    void bytes_are_served_unchanged(String path, String type) throws Exception {
        HttpResponse<byte[]> response = HTTP.send(
                HttpRequest.newBuilder(server.uri().resolve(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(type, header(response, "Content-Type"));
        assertEquals(4, response.body().length);
    }

    @Test
    void head_says_the_same_without_a_body() throws Exception {
        HttpResponse<String> head = ask("HEAD", "/app.js");
        HttpResponse<String> get = ask("GET", "/app.js");
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        for (String name :
                Set.of("Content-Type", "Content-Length", "ETag", "Cache-Control", "X-Content-Type-Options")) {
            assertEquals(header(get, name), header(head, name), name);
        }
        assertEquals(404, ask("HEAD", "/absent.js").statusCode());
    }

    @Test
    void what_the_browser_has_already_is_not_sent_again() throws Exception {
        String tag = header(ask("GET", "/app.js"), "ETag");
        HttpResponse<String> again = ask("GET", "/app.js", "If-None-Match", tag);
        assertEquals(304, again.statusCode());
        assertEquals("", again.body());
        assertEquals(200, ask("GET", "/app.js", "If-None-Match", "\"other\"").statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"})
    void other_methods_are_not_allowed(String method) {
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.exchange(method + " /app.js HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 405"), answer);
            assertTrue(answer.contains("Allow: GET, HEAD"), answer);
        }
    }

    /** Answered by Grizzly itself. */
    @Test
    void trace_is_not_allowed() {
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.exchange("TRACE /app.js HTTP/1.1\r\nHost: x\r\nCookie: secret\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 405"), answer);
            assertFalse(answer.contains("secret"), answer);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/absent.html",
                "/thing.exe",
                "/sub",
                "/web",
                "/folder.js",
                "/folder.js/",
                "/.hidden.txt",
                "//note.txt",
                "/sub//index.html",
                "/./note.txt",
                "/../secret.txt",
                "/sub/../../secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e/secret.txt",
                "/%2e%2e%2fsecret.txt",
                "/%252e%252e%252fsecret.txt",
                "/..\\secret.txt",
                "/..%5csecret.txt",
                "/%5c..%5csecret.txt",
                "/note.txt%00",
                "/secret.txt%00.html",
                "/note.txt%00.html",
                "/%00/note.txt",
                "/note%2etxt%20",
                "/note.txt;x=1",
                "/%c0%ae%c0%ae/secret.txt",
                "/%ff.txt",
                "/%zz.txt",
                "/dev/roomcast/jakarta/RoomServer.class",
                "/junit-platform.properties",
                "/C:/secret.txt",
                "/file:/etc/passwd",
                "/n\u00e4me.txt"
            })
    void anything_else_is_not_there(String path) {
        try (RawClient client = RawClient.dial(server.port())) {
            String answer = client.exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertTrue(answer.matches("(?s)HTTP/1\\.1 4(04|00) .*"), answer);
            assertFalse(answer.contains("secret"), answer);
        }
    }

    @Test
    void an_error_page_does_not_tell_what_serves_it() throws Exception {
        HttpResponse<String> response = ask("GET", "/absent.html");
        assertEquals("404 Not Found", response.body().strip());
        assertEquals("nosniff", header(response, "X-Content-Type-Options"));
        String all = response.headers().map() + response.body();
        assertFalse(all.toLowerCase(Locale.ROOT).contains("grizzly"), all);
    }

    @Test
    void a_busy_port_is_named_in_the_exception_and_leaves_no_thread() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Set<Thread> before = roomcastThreads();
            BindException busy = assertThrows(
                    BindException.class,
                    () -> RoomServer.builder()
                            .port(taken.getLocalPort())
                            .start()
                            .close());
            assertTrue(busy.getMessage().contains("port " + taken.getLocalPort() + " of 127.0.0.1"), busy.getMessage());
            // Those of earlier tests may still be ending.
            Awaitility.await().until(() -> before.containsAll(roomcastThreads()));
        }
    }

    @Test
    void a_connection_that_says_nothing_is_dropped_unless_it_is_upgraded() throws IOException {
        try (Rooms rooms = Rooms.builder().build();
                RoomServer impatient = RoomServer.builder()
                        .port(0)
                        .endpoint(RoomEndpoint.at("/rooms", rooms))
                        .idleSeconds(1)
                        .start();
                RawClient silent = RawClient.connect(impatient.port(), "room=lobby&user=silent")) {
            silent.nextContaining("user_joined");
            // These begin to be idle later, and yet only they are dropped.
            try (RawClient mute = RawClient.dial(impatient.port());
                    RawClient slow = RawClient.dial(impatient.port())) {
                slow.sendBytes("GET /rooms?us".getBytes(StandardCharsets.US_ASCII));
                assertEquals(1006, mute.expectClose());
                assertEquals(1006, slow.expectClose());
            }
            silent.sendText("{\"content\":\"at last\"}").nextContaining("at last");
        }
    }

    @Test
    void two_endpoints_at_one_path_are_an_error() {
        try (Rooms rooms = Rooms.builder().build()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> RoomServer.builder()
                            .port(0)
                            .endpoint(RoomEndpoint.at("/rooms", rooms))
                            .endpoint(RoomEndpoint.at("/rooms", rooms))
                            .start()
                            .close());
        }
    }

    @Test
    void a_port_that_is_none_is_an_error() {
        assertThrows(IllegalArgumentException.class, () -> RoomServer.builder().port(65536));
        assertThrows(IllegalArgumentException.class, () -> RoomServer.builder().port(-1));
    }

    @Test
    void it_says_where_it_is() {
        assertEquals(URI.create("http://127.0.0.1:" + server.port() + "/"), server.uri());
    }

    private static Set<Thread> roomcastThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("roomcast"))
                .collect(Collectors.toSet());
    }
}

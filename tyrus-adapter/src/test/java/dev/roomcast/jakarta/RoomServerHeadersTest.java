package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoomServerHeadersTest {

    @ParameterizedTest
    @ValueSource(strings = {"app.js", "roomcast/roomcast.js", "nothing.js"})
    void a_header_stands_in_every_answer_once(String path) throws IOException, InterruptedException {
        try (RoomServer server = RoomServer.builder()
                .port(0)
                .resources("web")
                .header("Referrer-Policy", "origin")
                .header("Referrer-Policy", "no-referrer")
                .start()) {
            HttpResponse<Void> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(server.uri().resolve(path)).build(),
                            HttpResponse.BodyHandlers.discarding());
            assertEquals(List.of("no-referrer"), answer.headers().allValues("Referrer-Policy"));
        }
    }

    @Test
    void what_would_be_another_line_is_no_header() {
        RoomServer.Builder builder = RoomServer.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.header("X", "a\r\nY: b"));
        assertThrows(IllegalArgumentException.class, () -> builder.header("X: a\r\nY", "b"));
        assertThrows(IllegalArgumentException.class, () -> builder.header("", "b"));
        assertThrows(IllegalArgumentException.class, () -> builder.header("X", "ü"));
    }
}

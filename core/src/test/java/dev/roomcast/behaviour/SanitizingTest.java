package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.testkit.FakeClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strings of clients are cleaned on their way in, wherever they stand. */
class SanitizingTest {

    @Test
    void by_default_controls_and_overrides_are_dropped_and_the_rest_is_relayed_byte_for_byte() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.sends("{\"content\":\"a\\u0000b\\u202ec\"}");
            one.sends("{\"content\":{ \"<b>\" : 1.10 }}");
            assertEquals("abc", one.frames("chat").get(0).text("content"));
            assertTrue(one.frames("chat").get(1).json().contains("{ \"<b>\" : 1.10 }"));
        }
    }

    @Test
    void escaping_reaches_content_keys_metadata_and_names() {
        try (Rooms rooms = Rooms.builder().sanitizer(Sanitizer.escapeHtml()).build()) {
            FakeClient one = FakeClient.connect(rooms, "<one>", "<lobby>");
            allJoined(one);
            one.sends("{\"content\":{\"<k>\":[\"<v>\"]}}");
            one.sends("{\"type\":\"join\",\"room\":\"<lobby>\",\"meta\":{\"<m>\":\"<n>\"}}");
            assertEquals("{&lt;k&gt;=[&lt;v&gt;]}", one.last("chat").text("content"));
            assertEquals("&lt;one&gt;", one.last("chat").text("userId"));
            assertEquals("&lt;lobby&gt;", one.last("chat").text("room"));
            assertEquals("{&lt;m&gt;=&lt;n&gt;}", one.last("user_updated").text("meta"));
            one.frames().forEach(frame -> assertTrue(!frame.json().contains("<"), frame.json()));
        }
    }

    @Test
    void a_room_goes_by_the_name_one_gave_and_by_the_name_one_is_shown() {
        try (Rooms rooms = Rooms.builder().sanitizer(Sanitizer.escapeHtml()).build()) {
            FakeClient one = FakeClient.connect(rooms, "one");
            one.sends("{\"type\":\"join\",\"room\":\"a&b\"}");
            one.sends("{\"room\":\"a&b\",\"content\":1}");
            one.sends("{\"room\":\"a&amp;b\",\"content\":2}");
            assertThat(one).received("1", "2");
        }
    }

    /** An error repeated the client's own spelling, which a page that shows it would have taken for markup. */
    @Test
    void an_error_and_an_ack_name_a_room_as_it_is_shown_and_never_as_it_was_written() {
        try (Rooms rooms = Rooms.builder().sanitizer(Sanitizer.escapeHtml()).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "<lobby>");
            allJoined(one);
            one.sends("{\"content\":1,\"id\":\"i\"}");
            one.sends("{\"content\":2,\"id\":\"i\",\"room\":\"<lobby>\"}");
            one.sends("{\"content\":2,\"room\":\"<other>\"}");
            one.sends("{\"type\":\"leave\",\"room\":\"<other>\"}");
            one.sends("{\"type\":\"members\",\"room\":\"<other>\"}");
            one.sends("{\"type\":\"left\",\"room\":\"<other>\"}");
            one.sends("{\"type\":\"chat\",\"room\":\"<other>\"}");
            one.sends("{\"content\":2,\"id\":\"\",\"room\":\"<other>\"}");
            assertEquals("&lt;lobby&gt;", one.last("ack").text("room"));
            assertEquals(7, one.frames("error").size());
            assertEquals("&lt;lobby&gt;", one.frames("error").get(0).text("room"));
            assertEquals("&lt;other&gt;", one.last("error").text("room"));
            one.frames().forEach(frame -> assertTrue(!frame.json().contains("<"), frame.json()));
        }
    }

    /** It was let in, and each of its messages was an internal error. */
    @Test
    void a_name_that_becomes_too_long_when_it_is_escaped_is_refused_at_the_door() {
        String name = "<".repeat(100);
        try (Rooms rooms = Rooms.builder().sanitizer(Sanitizer.escapeHtml()).build()) {
            assertThat(FakeClient.connect(rooms, name, "lobby")).wasClosed(CloseCode.BAD_REQUEST);
            assertThat(FakeClient.connect(rooms, "one", name)).wasClosed(CloseCode.BAD_REQUEST);
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            one.sends("{\"type\":\"join\",\"room\":\"" + name + "\"}");
            one.sends("{\"content\":1,\"room\":\"" + name + "\"}");
            assertThat(one).isOpen();
            assertEquals(
                    List.of("bad_request", "bad_request"),
                    one.frames("error").stream()
                            .map(frame -> frame.text("code"))
                            .toList());
            assertEquals(2, rooms.stats().hits(Limit.NAME_LENGTH));
        }
        try (Rooms rooms = Rooms.builder()
                .sanitizer(Sanitizer.escapeHtml())
                .authenticator(Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token))))
                .build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.sends("{\"type\":\"auth\",\"token\":\"" + name + "\"}");
            assertThat(one).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
        }
    }

    @Test
    void a_sanitizer_that_fails_for_a_name_lets_nobody_in_by_it() {
        Sanitizer broken = Sanitizer.of(text -> {
            throw new IllegalStateException("quotes " + text);
        });
        try (Rooms rooms = Rooms.builder().sanitizer(broken).build()) {
            assertThat(FakeClient.connect(rooms, "one", "lobby")).wasClosed(CloseCode.BAD_REQUEST);
            assertEquals(0, rooms.stats().connections());
        }
    }

    @Test
    void each_type_may_have_a_sanitizer_of_its_own() {
        try (Rooms rooms = Rooms.builder()
                .sanitizer("code", Sanitizer.none())
                .sanitizer(Sanitizer.escapeHtml())
                .build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.sends("{\"type\":\"code\",\"content\":\"<T>\"}");
            one.says("<T>");
            assertEquals("<T>", one.last("code").text("content"));
            assertEquals("&lt;T&gt;", one.last("chat").text("content"));
        }
    }

    @Test
    void keys_that_become_the_same_are_a_bad_request() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.sends("{\"content\":{\"a\":1,\"a\\u0000\":2}}");
            assertThat(one).wasRefused(ErrorCode.BAD_REQUEST).received();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u001Bb", "a\u202Eb"})
    void line_breaks_and_controls_in_names_are_refused_and_cannot_forge_a_log_line(String name) {
        LogLines log = new LogLines();
        try (Rooms rooms = Rooms.builder()
                .handler((sender, room, message, relay) -> {
                    throw new IllegalStateException("so that something is logged");
                })
                .build()) {
            assertThat(FakeClient.connect(rooms, name, "lobby")).wasClosed(CloseCode.BAD_REQUEST);
            assertThat(FakeClient.connect(rooms, "one", name)).wasClosed(CloseCode.BAD_REQUEST);
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.says("fails");
            assertThat(one).wasRefused(ErrorCode.INTERNAL);
        } finally {
            log.close();
        }
        assertTrue(!log.lines().isEmpty(), "nothing was logged");
        log.lines().forEach(line -> assertTrue(!line.contains(name), line));
    }
}

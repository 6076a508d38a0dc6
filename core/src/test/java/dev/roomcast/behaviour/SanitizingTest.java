package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.testkit.FakeClient;
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

package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RecordingObserver;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sends cannot hurt anyone, and it is told what was wrong. */
class BadInputTest {

    private final ManualTime time = new ManualTime();
    private final RecordingObserver observer = new RecordingObserver();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .observer(observer)
            .rate(new Rate(1000, 1000))
            .build();
    private final FakeClient good = FakeClient.connect(rooms, "good", "lobby");
    private final FakeClient bad = FakeClient.connect(rooms, "bad", "lobby");

    @AfterEach
    void the_good_one_noticed_nothing() {
        good.forget();
        good.says("still here");
        assertThat(good).received("still here").isOpen();
        rooms.close();
        assertEquals(0, rooms.stats().connections());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[]",
                "null",
                "1",
                "\"text\"",
                "{\"content\":1}{\"content\":2}",
                "{\"content\":1} x",
                "{\"content\":}",
                "{\"content\":01}",
                "{\"content\":NaN}",
                "{'content':1}",
                "{\"content\":1,\"content\":2}",
                "{\"content\":{\"a\":1,\"a\":2}}",
                "{\"type\":7,\"content\":1}",
                "{\"type\":\"\",\"content\":1}",
                "{\"type\":\"a\\nb\",\"content\":1}",
                "{\"type\":null,\"content\":1}",
                "{\"type\":\"<img src=x onerror=alert(1)>\",\"content\":1}",
                "{\"room\":7,\"content\":1}",
                "{\"room\":\"\\u2028\",\"content\":1}",
                "{\"id\":7,\"content\":1}",
                "{\"id\":\"\",\"content\":1}",
                "{\"id\":\"x\",\"volatile\":true,\"content\":1}",
                "{\"volatile\":\"yes\",\"content\":1}",
                "{\"type\":\"join\",\"room\":\"other\",\"meta\":[1]}",
                "{}",
                "{\"type\":\"chat\"}",
                "{\"type\":\"auth\",\"token\":\"t\"}",
                "{\"type\":\"welcome\",\"content\":1}",
                "{\"type\":\"user_left\",\"userId\":\"good\"}",
                "{\"type\":\"rc.anything\",\"content\":1}",
            })
    void malformed_or_reserved_is_a_bad_request_and_the_connection_lives(String text) {
        bad.sends(text);
        assertThat(bad).wasRefused(ErrorCode.BAD_REQUEST).isOpen();
        assertTrue(observer.events().contains("refuse bad BAD_REQUEST"));
        assertEquals(1, rooms.stats().refused(ErrorCode.BAD_REQUEST));
        bad.says("and on");
        assertThat(bad).received("and on");
        assertThat(good).received("and on");
    }

    @Test
    void nesting_is_bounded() {
        bad.sends("{\"content\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}");
        assertThat(bad).wasRefused(ErrorCode.BAD_REQUEST).isOpen();
        bad.sends("{\"content\":" + "[".repeat(63) + "]".repeat(63) + "}");
        assertEquals(1, good.frames("chat").size());
    }

    @Test
    void binary_is_a_bad_request() {
        bad.sendsBinary();
        assertThat(bad).wasRefused(ErrorCode.BAD_REQUEST).isOpen();
    }

    @Test
    void an_error_names_the_message_it_answers_and_repeats_nothing_else() {
        bad.sends("{\"type\":\"move\",\"room\":\"nowhere\",\"id\":\"m1\",\"content\":\"secret\"}");
        Received error = bad.last("error");
        assertEquals("not_joined", error.text("code"));
        assertEquals("move", error.text("re"));
        assertEquals("nowhere", error.text("room"));
        assertEquals("m1", error.text("id"));
        assertTrue(!error.json().contains("secret"));
    }

    @Test
    void twenty_malformed_messages_within_a_minute_are_too_many() {
        for (int i = 0; i < 19; i++) {
            bad.sends("{");
            time.advance(Duration.ofMillis(100));
        }
        assertThat(bad).isOpen();
        bad.sends("{");
        assertThat(bad).wasClosed(CloseCode.BAD_REQUEST);
        assertEquals(1, rooms.stats().hits(Limit.BAD_REQUESTS_PER_MINUTE));
    }

    @Test
    void a_malformed_message_now_and_then_is_forgiven() {
        for (int i = 0; i < 100; i++) {
            bad.sends("{");
            time.advance(Duration.ofSeconds(5));
        }
        assertThat(bad).isOpen();
    }

    @Test
    void the_size_is_counted_in_bytes() {
        String frame = "{\"content\":\"\"}";
        int room = 64 * 1024 - frame.length();
        bad.sends("{\"content\":\"" + "x".repeat(room) + "\"}");
        assertEquals(1, good.frames("chat").size());
        bad.sends("{\"content\":\"" + "ü".repeat(room / 2 + 1) + "\"}");
        assertThat(bad).wasClosed(CloseCode.TOO_BIG);
        assertEquals(1, rooms.stats().hits(Limit.MESSAGE_BYTES));
    }

    @Test
    void more_than_the_rate_is_refused_and_more_than_that_is_closed() {
        try (Rooms strict = Rooms.builder().time(time).rate(new Rate(50, 100)).build()) {
            FakeClient fast = FakeClient.connect(strict, "fast", "lobby");
            for (int i = 0; i < 101; i++) {
                fast.says(i);
            }
            assertThat(fast).wasRefused(ErrorCode.RATE_LIMITED).isOpen();
            assertEquals(100, fast.frames("chat").size());
            assertEquals(20, fast.last("error").number("retryAfter"));
            time.advance(Duration.ofMillis(20));
            fast.says("again");
            assertEquals(101, fast.frames("chat").size());
            for (int i = 0; i < 500; i++) {
                fast.says(i);
            }
            assertThat(fast).wasClosed(CloseCode.TOO_MANY);
        }
    }

    @Test
    void a_ping_is_answered_and_too_many_are_closed() {
        bad.sends("{\"type\":\"ping\"}");
        assertEquals("{\"type\":\"pong\"}", bad.last("pong").json());
        for (int i = 0; i < 10; i++) {
            bad.sends("{\"type\":\"ping\"}");
        }
        assertThat(bad).wasClosed(CloseCode.TOO_MANY);
    }

    @Test
    void a_url_without_a_usable_user_or_room_is_closed_for_good() {
        for (Handshake handshake : List.of(
                Handshake.builder().parameter("room", "lobby").build(),
                Handshake.builder().parameter("user", " ").build(),
                Handshake.builder().parameter("user", "a\nb").build(),
                Handshake.builder().parameter("user", "x".repeat(256)).build(),
                Handshake.builder().parameter("user", "u").parameter("room", "").build())) {
            FakeClient client = FakeClient.connect(rooms, handshake);
            assertThat(client).wasClosed(CloseCode.BAD_REQUEST).receivedNothing();
        }
    }

    @Test
    void rooms_per_connection_are_bounded() {
        allJoined(bad);
        for (int i = 1; i < 128; i++) {
            bad.sends("{\"type\":\"join\",\"room\":\"room" + i + "\"}");
        }
        assertEquals(128, bad.frames("joined").size());
        bad.sends("{\"type\":\"join\",\"room\":\"one more\"}");
        assertThat(bad).wasRefused(ErrorCode.TOO_MANY_ROOMS).isOpen();
        bad.sends("{\"type\":\"leave\",\"room\":\"room1\"}");
        bad.sends("{\"type\":\"join\",\"room\":\"one more\"}");
        assertEquals(129, bad.frames("joined").size());
    }
}

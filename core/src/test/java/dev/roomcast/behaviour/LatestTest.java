package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.roomcast.ErrorCode;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is worth nothing when late, and what is replaced by what is newer, from a client's message to the other clients. */
class LatestTest {

    private final Rooms rooms = Rooms.builder()
            .time(new ManualTime())
            .rate(new Rate(1e6, 1_000_000))
            .build();
    private final FakeClient one = FakeClient.connect(rooms, "one", "r");
    private final FakeClient two = FakeClient.connect(rooms, "two", "r");

    @BeforeEach
    void begin() {
        Clients.allJoined(one, two);
        one.forget();
        two.forget();
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void neither_has_a_position_nor_a_place_in_history() {
        one.sends("{\"type\":\"cursor\",\"content\":1,\"volatile\":true}");
        one.sends("{\"type\":\"price\",\"content\":2,\"key\":\"gold\"}");
        one.says("reliable");
        for (FakeClient client : List.of(one, two)) {
            Received cursor = client.last("cursor");
            assertFalse(cursor.fields().containsKey("offset"));
            assertFalse(cursor.fields().containsKey("epoch"));
            Received price = client.last("price");
            assertFalse(price.fields().containsKey("offset"));
            assertEquals("gold", price.text("key"));
            assertEquals("one", price.text("userId"));
            assertEquals(1, client.last("chat").number("offset"));
        }
        assertEquals(
                1,
                rooms.room("r")
                        .history(null, 10)
                        .toCompletableFuture()
                        .join()
                        .messages()
                        .size());
    }

    /** It stood behind all else that waited, and so behind the answer to the leaving. */
    @Test
    void nothing_of_a_key_comes_to_one_that_has_left() {
        two.stopsReading();
        one.says("in flight");
        one.sends("{\"type\":\"price\",\"content\":1,\"key\":\"gold\"}");
        one.last("price");
        two.sends("{\"type\":\"leave\",\"room\":\"r\"}");
        one.last("user_left");
        two.readsAgain();
        two.last("left");
        two.sends("{\"type\":\"ping\"}");
        two.last("pong");
        assertEquals(List.of(), two.frames("price"));
        assertEquals(1, rooms.stats().dropped());
    }

    /** The refusal did not name the id, so a client waited for the answer to its message until it gave up. */
    @ParameterizedTest
    @ValueSource(strings = {"\"volatile\":true", "\"key\":\"k\"", "\"key\":\"k\",\"volatile\":true"})
    void with_an_id_they_are_a_bad_request_that_names_it(String option) {
        one.sends("{\"content\":1,\"id\":\"i\"," + option + "}");
        assertThat(one).wasRefused(ErrorCode.BAD_REQUEST);
        assertEquals("i", one.last("error").text("id"));
        assertEquals("chat", one.last("error").text("re"));
        assertEquals(List.of(), two.frames());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"key\":7",
                "\"key\":null",
                "\"key\":\"\"",
                "\"key\":\"a\\u0000\"",
                "\"key\":[\"k\"]",
                "\"volatile\":1"
            })
    void what_is_no_key_is_a_bad_request(String key) {
        one.sends("{\"content\":1," + key + "}");
        assertThat(one).wasRefused(ErrorCode.BAD_REQUEST);
        assertEquals(List.of(), two.frames());
    }

    @Test
    void to_a_slow_member_comes_the_newest_of_a_key_once_and_of_what_is_volatile_nothing() {
        two.stopsReading();
        one.says("in flight");
        for (int i = 1; i <= 100; i++) {
            one.sends("{\"type\":\"price\",\"content\":" + i + ",\"key\":\"gold\"}");
            one.sends("{\"type\":\"price\",\"content\":-" + i + ",\"key\":\"silver\"}");
            one.sends("{\"type\":\"cursor\",\"content\":" + i + ",\"volatile\":true}");
        }
        one.says("behind");
        two.readsAgain();
        assertThat(two).received("in flight", "behind");
        two.await("two prices", client -> client.frames("price").size() == 2);
        assertEquals(
                List.of("100", "-100"),
                two.frames("price").stream().map(frame -> frame.text("content")).toList());
        assertEquals(List.of(), two.frames("cursor"));
        assertEquals(100, one.frames("cursor").size());
        assertEquals(200, one.frames("price").size());
        assertEquals(100, rooms.stats().dropped(), "the volatile ones; one that is replaced is not dropped");
    }
}

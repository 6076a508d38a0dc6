package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.behaviour.Clients.settle;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.LateBridge;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What any plain client sees, with a bridge that answers at once and with one that answers late. */
@ParameterizedClass
@EnumSource(SeedTest.Answers.class)
class SeedTest {

    enum Answers {
        AT_ONCE,
        LATE
    }

    private final ManualTime time = new ManualTime();
    private final Rooms rooms;

    SeedTest(Answers answers) {
        Bridge bridge = answers == Answers.LATE ? new LateBridge(Bridge.local()) : Bridge.local();
        // No heartbeat: a jump of the clock in the middle of another thread's write would find a ping unanswered.
        rooms = Rooms.builder()
                .bridge(bridge)
                .time(time)
                .heartbeat(Duration.ofDays(1))
                .build();
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void a_joiner_is_welcomed_then_joined_then_told_of_itself() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        assertThat(one).receivedTypes("welcome", "joined", "user_joined");
        Received joined = one.last("joined");
        assertEquals("lobby", joined.text("room"));
        assertEquals(0, joined.number("offset"));
        assertEquals("[{userId=one}]", joined.text("members"));
        assertEquals(1, joined.number("count"));
        Received self = one.last("user_joined");
        assertEquals("one", self.text("userId"));
        assertEquals(time.millis(), self.number("timestamp"));
    }

    @Test
    void others_are_told_who_comes_and_who_goes() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        assertThat(one).receivedTypes("welcome", "joined", "user_joined");
        one.forget();
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        assertThat(two).receivedTypes("welcome", "joined", "user_joined");
        assertEquals("two", one.last("user_joined").text("userId"));
        two.closes();
        assertEquals("two", one.last("user_left").text("userId"));
        assertThat(one).receivedTypes("user_joined", "user_left");
    }

    @Test
    void everyone_in_the_room_and_nobody_else_hears_a_message_once() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        FakeClient elsewhere = FakeClient.connect(rooms, "three", "garden");
        allJoined(one, two, elsewhere);
        one.says("hello");
        assertThat(two).received("hello");
        two.says("hi");
        assertThat(one).received("hello", "hi");
        assertThat(two).received("hello", "hi");
        elsewhere.says("alone");
        assertThat(elsewhere).received("alone");
        Received chat = two.frames("chat").get(0);
        assertEquals(
                "{\"type\":\"chat\",\"userId\":\"one\",\"content\":\"hello\",\"timestamp\":" + time.millis()
                        + ",\"room\":\"lobby\",\"epoch\":\"" + chat.text("epoch") + "\",\"offset\":1}",
                chat.json());
    }

    @Test
    void many_messages_come_in_order_and_once() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        allJoined(one, two);
        List<String> said = IntStream.range(0, 90).mapToObj(Integer::toString).toList();
        said.forEach(one::says);
        assertThat(two).received(said.toArray(String[]::new)).sawEveryOffsetInOrder();
        assertThat(one).received(said.toArray(String[]::new)).sawEveryOffsetInOrder();
    }

    @Test
    void two_tabs_of_one_user_are_one_member_and_each_hears_everything() {
        FakeClient other = FakeClient.connect(rooms, "other", "lobby");
        FakeClient tab1 = FakeClient.connect(rooms, "one", "lobby");
        allJoined(other, tab1);
        other.last("user_joined");
        other.forget();
        FakeClient tab2 = FakeClient.connect(rooms, "one", "lobby");
        assertThat(tab2).receivedTypes("welcome", "joined", "user_joined");
        assertEquals(2, tab2.last("joined").number("count"));
        tab1.says("from one tab");
        assertThat(tab2).received("from one tab");
        tab1.closes();
        tab2.says("still here");
        assertThat(other).received("from one tab", "still here");
        assertEquals(List.of(), other.frames("user_left"));
        assertEquals(List.of(), other.frames("user_joined"));
        tab2.closes();
        assertEquals("one", other.last("user_left").text("userId"));
    }

    @Test
    void content_of_any_kind_comes_as_it_was_written() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        allJoined(one);
        for (String json : List.of(
                "1.10",
                "12345678901234567890.000",
                "null",
                "true",
                "\"\\u2028 \u2028 \\\"quotes\\\" \uD83D\uDE00 \\ud83d\\ude00\"",
                "{ \"b\" : [1, 2,{}] ,\"a\":\"\\/\"}")) {
            one.forget();
            one.sends("{\"content\":" + json + ",\"ignored\":[1]}");
            String frame = one.last("chat").json();
            assertEquals(json, frame.substring(frame.indexOf("\"content\":") + 10, frame.indexOf(",\"timestamp\"")));
        }
    }

    @Test
    void a_lost_user_is_waited_for_and_leaves_when_the_grace_is_over() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        allJoined(one, two);
        one.last("user_joined");
        one.forget();
        two.vanishes();
        settle(one);
        time.advance(Duration.ofMillis(Limit.GRACE.defaultValue() - 1));
        assertEquals(List.of(), one.frames("user_left"));
        time.advance(Duration.ofMillis(1));
        assertEquals("two", one.last("user_left").text("userId"));
    }

    @Test
    void a_user_who_is_back_within_the_grace_never_left() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        allJoined(one, two);
        one.last("user_joined");
        two.vanishes();
        settle(one);
        time.advance(Duration.ofSeconds(9));
        one.forget();
        FakeClient again = FakeClient.connect(rooms, "two", "lobby");
        allJoined(again);
        time.advance(Duration.ofSeconds(60));
        again.says("back");
        assertThat(one).received("back");
        assertThat(one).receivedTypes("chat");
    }

    @Test
    void a_joined_room_is_the_top_of_the_order() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        allJoined(one);
        one.says("before");
        assertThat(one).received("before");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        assertEquals(1, two.last("joined").number("offset"));
        one.says("after");
        assertThat(two).received("after");
        assertEquals(2, two.last("chat").number("offset"));
    }
}

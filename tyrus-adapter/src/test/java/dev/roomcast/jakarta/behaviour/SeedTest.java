package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What any WebSocket client sees over a real socket. */
class SeedTest {

    private static Site site;

    /** Another for each test, so that nobody of the one before is still there. */
    private final String room = UUID.randomUUID().toString();

    @BeforeAll
    static void open() {
        site = Site.open();
    }

    @AfterAll
    static void close() {
        site.awaitEmpty();
        site.close();
    }

    @Test
    void everyone_is_told_who_comes_says_something_and_goes() {
        long before = System.currentTimeMillis();
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann")) {
            PlainClient ben = PlainClient.join(site.port(), room, "ben");
            JsonNode came = ann.expect("user_joined");
            assertEquals("ben", came.get("userId").asText());
            assertIsNow(before, came);

            ben.say("hello");
            for (PlainClient client : List.of(ann, ben)) {
                JsonNode said = client.expect("chat");
                assertEquals("ben", said.get("userId").asText());
                assertEquals("hello", said.get("content").asText());
                assertEquals(room, said.get("room").asText());
                assertIsNow(before, said);
            }

            ben.close();
            JsonNode left = ann.expect("user_left");
            assertEquals("ben", left.get("userId").asText());
        }
    }

    @Test
    void a_newcomer_is_welcomed_then_joined_then_told_of_itself() {
        try (PlainClient ann = PlainClient.connect(site.port(), "room=" + room + "&user=ann")) {
            assertEquals("ann", ann.expect("welcome").get("userId").asText());
            assertEquals(room, ann.expect("joined").get("room").asText());
            assertEquals("ann", ann.expect("user_joined").get("userId").asText());
        }
    }

    @Test
    void each_message_reaches_each_member_once_and_in_one_order_and_nobody_elsewhere() {
        int each = 150;
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann");
                PlainClient ben = PlainClient.join(site.port(), room, "ben");
                PlainClient cid = PlainClient.join(site.port(), room, "cid");
                PlainClient far = PlainClient.join(site.port(), room + "-garden", "far")) {
            Thread talking = new Thread(() -> say(ann, each));
            talking.start();
            say(ben, each);
            List<String> heard = chats(cid, 2 * each);
            assertEquals(heard, chats(ann, 2 * each));
            assertEquals(heard, chats(ben, 2 * each));
            for (String who : List.of("ann", "ben")) {
                assertEquals(
                        numbers(who, each),
                        heard.stream().filter(said -> said.startsWith(who)).toList());
            }
            // Nothing of all that comes before the garden's own message.
            far.say("alone");
            assertEquals("alone", far.expect("chat").get("content").asText());
        }
    }

    @Test
    void two_tabs_of_one_user_both_hear_everything_and_the_user_leaves_with_the_last() {
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann")) {
            PlainClient first = PlainClient.join(site.port(), room, "ben");
            PlainClient second = PlainClient.join(site.port(), room, "ben");
            ann.say("both");
            assertEquals("both", first.next("chat").get("content").asText());
            assertEquals("both", second.next("chat").get("content").asText());

            first.close();
            ann.say("one");
            assertEquals("one", second.next("chat").get("content").asText());
            second.say("still here");
            second.close();

            assertEquals("ben", ann.expect("user_joined").get("userId").asText());
            assertEquals("both", ann.expect("chat").get("content").asText());
            assertEquals("one", ann.expect("chat").get("content").asText());
            assertEquals("still here", ann.expect("chat").get("content").asText());
            assertEquals("ben", ann.expect("user_left").get("userId").asText());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Grüße, 世界, שלום, 👩‍👩‍👧",
                "\"quoted\" and \\backslashed\\ and 'plain'",
                "line\u2028separator\u2029and\ttab\nand newline",
                "</script><b>bold</b>",
                ""
            })
    void text_arrives_as_it_was_sent(String text) {
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann");
                PlainClient ben = PlainClient.join(site.port(), room, "ben")) {
            ann.say(text);
            assertEquals(text, ben.next("chat").get("content").asText());
            assertEquals(text, ann.next("chat").get("content").asText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":[1,null,true]}", "[]", "1.10", "12345678901234567890.123456789", "false", "null"})
    void content_of_any_kind_arrives_digit_for_digit(String content) {
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann")) {
            ann.send("{\"content\":" + content + "}");
            String said = ann.nextText();
            assertTrue(said.contains("\"content\":" + content), said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a+b", "a&b=c", "50%", "Zoë/世界", "👩‍👧", "~!'()*"})
    void names_in_the_url_are_decoded(String name) {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
        try (PlainClient ann = PlainClient.connect(site.port(), "user=" + encoded + "&room=" + encoded)) {
            assertEquals(name, ann.expect("welcome").get("userId").asText());
            assertEquals(name, ann.expect("joined").get("room").asText());
        }
    }

    @Test
    void without_a_room_in_the_url_a_client_joins_by_message() {
        try (PlainClient ann = PlainClient.connect(site.port(), "user=ann")) {
            ann.expect("welcome");
            ann.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
            assertEquals(room, ann.expect("joined").get("room").asText());
            ann.next("user_joined");
            ann.send("{\"room\":\"" + room + "\",\"content\":\"in\"}");
            assertEquals("in", ann.expect("chat").get("content").asText());
        }
    }

    @Test
    void a_client_whose_connection_breaks_has_left_for_the_others_after_the_grace() {
        try (PlainClient ann = PlainClient.join(site.port(), room, "ann")) {
            RawClient ben = RawClient.connect(site.port(), "room=" + room + "&user=ben");
            ben.nextContaining("user_joined");
            ben.vanish();
            assertEquals("ben", ann.next("user_left").get("userId").asText());
        }
    }

    private static void assertIsNow(long before, JsonNode frame) {
        long at = frame.get("timestamp").asLong();
        assertFalse(at < before || at > System.currentTimeMillis(), () -> "the time of " + frame);
    }

    private static void say(PlainClient client, int times) {
        for (int i = 1; i <= times; i++) {
            client.say(i);
        }
    }

    private static List<String> chats(PlainClient client, int times) {
        List<String> heard = new ArrayList<>();
        while (heard.size() < times) {
            JsonNode chat = client.next("chat");
            heard.add(chat.get("userId").asText() + " " + chat.get("content").asInt());
        }
        return heard;
    }

    private static List<String> numbers(String who, int upTo) {
        return IntStream.rangeClosed(1, upTo).mapToObj(i -> who + " " + i).toList();
    }
}

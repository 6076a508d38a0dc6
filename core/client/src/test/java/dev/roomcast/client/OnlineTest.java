package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.JOIN;
import static dev.roomcast.client.RecordingOutlet.chat;
import static dev.roomcast.client.RecordingOutlet.code;
import static dev.roomcast.client.RecordingOutlet.joined;
import static dev.roomcast.client.RecordingOutlet.joinedAt;
import static dev.roomcast.client.RecordingOutlet.send;
import static dev.roomcast.client.RecordingOutlet.sent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a client asks a server that knows it, and how it takes refusals. */
class OnlineTest {

    private final RecordingOutlet server = RecordingOutlet.online();
    private final Session session = server.session;

    private static final String PING = Online.PING.replace('"', '\'');
    private static final String TOO_MANY =
            "{'type':'error','code':'rate_limited','message':'too many messages','retryAfter':400}";

    @Test
    void a_refusal_stops_everything_until_the_server_says_and_what_was_not_answered_is_repeated() {
        ClientRoom room = server.inRoom();
        room.send("a");
        room.send("b");
        server.next();
        server.says(TOO_MANY);
        server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
        room.send("c");
        assertEquals(List.of(), server.next());
        server.turn(Duration.ofMillis(400));
        assertEquals(List.of(PING), server.next());
        server.says("{'type':'pong'}");
        assertEquals(List.of(sent("b", 2), sent("c", 3)), server.next());
    }

    @Test
    void a_join_that_was_refused_unread_is_asked_again_and_one_that_was_answered_is_not() {
        server.next();
        session.join("r", null, null);
        session.join("s", null, null);
        server.next();
        server.says(TOO_MANY, joinedAt("e", 5, false));
        server.turn(Duration.ofMillis(400));
        server.says("{'type':'pong'}");
        assertEquals(List.of(PING, "{'type':'join','room':'s'}"), server.next());
    }

    @Test
    void a_pong_from_before_the_pause_says_nothing() {
        ClientRoom room = server.inRoom();
        room.send("a");
        server.next();
        server.says(TOO_MANY, "{'type':'pong'}");
        assertEquals(List.of(), server.next());
    }

    @Test
    void members_follow_the_revisions() {
        ClientRoom room = server.inRoom();
        server.says("{'type':'user_joined','room':'r','userId':'ann','rev':1}");
        server.says("{'type':'user_joined','room':'r','userId':'ben','rev':2,'meta':{'a':1}}");
        server.says("{'type':'user_left','room':'r','userId':'ben','rev':1}");
        assertEquals(Map.of("ann", Content.NULL, "ben", Content.ofJson("{\"a\":1}")), room.members());
        server.says("{'type':'user_left','room':'r','userId':'ann','rev':3}");
        assertEquals(List.of("+ben", "-ann"), server.nextTold());
        assertEquals(1, room.memberCount());
    }

    @Test
    void of_a_big_room_the_count_is_known_and_a_sample() {
        ClientRoom room = server.inRoom();
        server.says("{'type':'members','room':'r','members':[{'userId':'cat'}],'count':5000,'rev':7}");
        assertEquals(5000, room.memberCount());
        assertEquals(1, room.members().size());
    }

    @Test
    void a_few_questions_are_asked_at_a_time() {
        server.next();
        IntStream.range(0, 20).forEach(i -> session.join("room" + i, null, null));
        assertEquals(8, server.next().size());
        server.says(joined("room0"));
        assertEquals(List.of("{'type':'join','room':'room8'}"), server.next());
    }

    @Test
    void a_room_that_the_server_calls_by_another_name_is_the_one_that_was_asked_for() {
        ClientRoom room = session.join("a&b", null, null);
        server.says(joined("a&amp;b"));
        server.nextTold();
        server.says("{'type':'chat','room':'a&amp;b','userId':'ben','content':1,'epoch':'e','offset':1}");
        assertEquals(List.of("a&b chat ben 1"), server.nextTold());
        assertEquals(1, room.position().orElseThrow().offset());
    }

    /** It was taken for the answer to the room that was asked for, which then got the other one's messages. */
    @Test
    void a_room_that_the_server_joins_of_its_own_answers_nothing() {
        ClientRoom room = session.join("r", null, null);
        server.nextTold();
        server.says(joined("inbox", "i", 9, false));
        assertEquals(Optional.empty(), room.position());
        server.says(joinedAt("e", 5, false), "{'type':'chat','room':'inbox','content':1,'epoch':'i','offset':10}");
        assertEquals(List.of("joined inbox", "joined r", "inbox chat null 1"), server.nextTold());
        server.says(chat("well", 6));
        assertEquals(List.of("r chat ben \"well\""), server.nextTold());
    }

    /** Nobody could see it: its messages were dropped, and after a comeback it was not joined again. */
    @Test
    void a_room_that_the_server_joins_of_its_own_is_one_of_the_rooms() {
        server.nextTold();
        server.says(joined("inbox", "i", 9, false));
        assertEquals(List.of("joined inbox"), server.nextTold());
        ClientRoom inbox = session.read(session.rooms::faces).get(0);
        assertEquals(9, inbox.position().orElseThrow().offset());
        server.next();
        server.comesBack();
        assertEquals(
                "{'type':'join','room':'inbox','epoch':'i','offset':9}",
                server.next().get(2));
        server.says(joined("inbox", "i", 9, true), "{'type':'left','room':'inbox'}");
        assertEquals(List.of(), session.read(session.rooms::faces));
    }

    /** The answer to a join that was repeated comes while the room is being left: it was taken for a room of the server's. */
    @Test
    void a_room_that_is_being_left_is_not_one_that_the_server_joins_of_its_own() {
        ClientRoom room = server.inRoom();
        room.leave();
        server.says(joinedAt("e", 6, false), "{'type':'left','room':'r'}");
        assertEquals(List.of(), session.read(session.rooms::faces));
        assertEquals(List.of(), server.nextTold());
    }

    @Test
    void the_refusals_of_a_comeback_with_many_rooms_are_not_told() {
        server.next();
        IntStream.range(0, 128).forEach(i -> session.join("room" + i, null, null));
        server.nextTold();
        int refused = 0;
        List<String> asked = new ArrayList<>(server.next());
        Set<String> in = new HashSet<>();
        // Fifty in a second, and a hundred at once.
        double allowance = 100;
        for (int round = 0; in.size() < 128 && round < 1000; round++) {
            for (String line : asked) {
                if (line.equals(PING)) {
                    server.says("{'type':'pong'}");
                } else if (allowance >= 1) {
                    allowance--;
                    String name = line.split("'", -1)[7];
                    in.add(name);
                    server.says(joined(name));
                } else {
                    refused++;
                    server.says("{'type':'error','code':'rate_limited','message':'too many messages','retryAfter':20}");
                }
            }
            server.turn(Duration.ofMillis(10));
            allowance = Math.min(100, allowance + 0.5);
            asked = new ArrayList<>(server.next());
        }
        assertEquals(128, in.size());
        assertEquals(
                List.of(),
                server.nextTold().stream()
                        .filter(told -> told.startsWith("error"))
                        .toList());
        assertTrue(refused < 60, refused + " refusals");
    }

    @Test
    void a_join_that_is_refused_for_the_moment_is_not_told() {
        session.join("r", null, null);
        server.nextTold();
        server.says("{'type':'error','code':'rate_limited','message':'','re':'join','room':'r','retryAfter':30}");
        server.says("{'type':'error','code':'unavailable','message':'','re':'join','room':'r'}");
        assertEquals(List.of(), server.nextTold());
    }

    @Test
    void a_room_that_the_server_joins_once_more_stays_where_it_is() {
        ClientRoom room = server.inRoom();
        session.join("s", null, null);
        server.says(joinedAt("e", 8, false));
        assertEquals(List.of(), server.nextTold());
        assertEquals(5, room.position().orElseThrow().offset());
        server.says(joined("s"));
        assertEquals(List.of("joined s"), server.nextTold());
    }

    @Test
    void the_refusal_of_a_leave_is_not_that_of_a_join() {
        ClientRoom room = server.inRoom();
        room.leave();
        session.join("s", null, null);
        server.says("{'type':'left','room':'r'}");
        server.says("{'type':'error','code':'not_joined','message':'','re':'leave','room':'r'}");
        server.says(joined("s"));
        assertEquals(List.of("joined s"), server.nextTold());
    }

    /** Everything else waited behind it for ever. */
    @Test
    void a_server_that_does_not_answer_a_question_is_left_after_half_a_minute() {
        server.next();
        session.join("r", null, null);
        server.turn(Duration.ofMillis(29_999));
        assertEquals(ClientState.ONLINE, session.state());
        server.turn(Duration.ofMillis(1));
        assertEquals(List.of(JOIN, "abort"), server.next());
        server.turn(Duration.ofSeconds(20));
        server.comesOnline();
        server.says(joinedAt("e", 5, false));
        server.turn(Duration.ofSeconds(29));
        session.join("s", null, null);
        server.turn(Duration.ofSeconds(10));
        assertEquals(ClientState.ONLINE, session.state());
    }

    @Test
    void refused_for_the_moment_a_join_is_tried_again() {
        session.join("r", null, null);
        server.next();
        server.says("{'type':'error','code':'unavailable','message':'','re':'join','room':'r','retryAfter':3000}");
        server.turn(Duration.ofSeconds(3));
        assertEquals(List.of(JOIN), server.next());
    }

    @Test
    void taken_out_it_does_not_come_back_by_itself() {
        ClientRoom room = server.inRoom();
        CompletableFuture<Position> send = send(room, "a");
        server.says("{'type':'left','room':'r'}");
        assertEquals(List.of("left r left"), server.nextTold());
        server.next();
        server.comesBack();
        assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
        assertEquals(List.of("abort", "dial"), server.next());
    }

    @Test
    void leaving_and_joining_again_waits_until_the_server_has_let_go() {
        ClientRoom room = server.inRoom();
        room.leave();
        session.join("r", null, null);
        assertEquals(List.of("{'type':'leave','room':'r'}"), server.next());
        server.says(chat("late", 6), "{'type':'left','room':'r'}");
        assertEquals(List.of(), server.nextTold());
        assertEquals(List.of(JOIN), server.next());
    }
}

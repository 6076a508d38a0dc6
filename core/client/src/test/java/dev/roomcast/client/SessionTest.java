package dev.roomcast.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client without a socket: each rule of the protocol, by a clock that is turned by hand. */
class SessionTest {

    private static final String JOIN = "{'type':'join','room':'r'}";

    private final RecordingOutlet server = RecordingOutlet.online();
    private final Session session = server.session;

    /** In room r at (e, 5). */
    private ClientRoom joined() {
        ClientRoom room = session.join("r", null);
        server.says(joinedAt("e", 5, false));
        server.next();
        server.nextTold();
        return room;
    }

    private static String joinedAt(String epoch, long offset, boolean recovered) {
        return "{'type':'joined','room':'r','epoch':'" + epoch + "','offset':" + offset + ",'recovered':" + recovered
                + ",'members':[{'userId':'ann'}],'count':1,'rev':1}";
    }

    private static String chat(String content, long offset) {
        return "{'type':'chat','room':'r','userId':'ben','content':'" + content
                + "','timestamp':1,'epoch':'e','offset':" + offset + "}";
    }

    private static String sent(String content, int id) {
        return "{'type':'chat','room':'r','content':'" + content + "','id':'id" + id + "'}";
    }

    private static String code(CompletableFuture<?> future) {
        assertTrue(future.isDone(), "it has no outcome yet");
        CompletionException failed = assertThrows(CompletionException.class, future::join);
        return ((SendException) failed.getCause()).code();
    }

    private CompletableFuture<Position> send(ClientRoom room, String content) {
        return room.send(content).toCompletableFuture();
    }

    @Nested
    class Positions {

        @Test
        void the_first_join_names_none_and_takes_that_of_the_answer() {
            server.next();
            session.join("r", null);
            assertEquals(List.of(JOIN), server.next());
            server.says(joinedAt("e", 5, false));
            server.comesBack();
            assertEquals(
                    "{'type':'join','room':'r','epoch':'e','offset':5}",
                    server.next().get(2));
        }

        @Test
        void messages_move_it() {
            joined();
            server.says(chat("one", 6), chat("two", 8));
            assertEquals(List.of("r chat ben \"one\"", "r chat ben \"two\""), server.nextTold());
            server.comesBack();
            assertEquals(
                    "{'type':'join','room':'r','epoch':'e','offset':8}",
                    server.next().get(2));
        }

        @Test
        void an_ack_does_not_move_it() {
            ClientRoom room = joined();
            room.send("mine");
            server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':9}");
            assertEquals(new Position("e", 5), room.position().orElseThrow());
        }

        @Test
        void a_join_that_recovers_does_not_move_it_for_it_may_be_cut_before_all_has_come() {
            ClientRoom room = joined();
            server.comesBack();
            server.says(joinedAt("e", 20, true), chat("six", 6));
            server.comesBack();
            assertEquals(new Position("e", 6), room.position().orElseThrow());
            assertTrue(server.done.contains("{'type':'join','room':'r','epoch':'e','offset':6}"));
            assertTrue(server.told.contains("recovered r"));
        }

        @Test
        void a_join_that_recovers_nothing_moves_it_and_is_told_as_a_gap() {
            ClientRoom room = joined();
            server.comesBack();
            server.nextTold();
            server.says(joinedAt("f", 3, false));
            assertEquals(List.of("gap r e5 f3"), server.nextTold());
            assertEquals(new Position("f", 3), room.position().orElseThrow());
        }

        @Test
        void a_gap_moves_it() {
            ClientRoom room = joined();
            server.says("{'type':'gap','room':'r','lost':{'epoch':'e','after':5},'epoch':'f','offset':40}");
            assertEquals(List.of("gap r e5 f40"), server.nextTold());
            assertEquals(new Position("f", 40), room.position().orElseThrow());
        }

        @Test
        void volatile_and_keyed_messages_do_not_move_it() {
            ClientRoom room = joined();
            server.says("{'type':'cursor','room':'r','userId':'ben','content':1.10,'timestamp':1,'key':'k'}");
            assertEquals(List.of("r cursor ben 1.10"), server.nextTold());
            assertEquals(new Position("e", 5), room.position().orElseThrow());
        }

        @Test
        void what_a_connection_says_that_was_given_up_counts_for_nothing() {
            ClientRoom room = joined();
            int old = server.link;
            server.comesBack();
            server.nextTold();
            session.received(old, chat("late", 6).replace('\'', '"'));
            assertEquals(List.of(), server.nextTold());
            assertEquals(new Position("e", 5), room.position().orElseThrow());
        }
    }

    @Nested
    class SendsOnce {

        @Test
        void they_wait_for_the_room() {
            server.next();
            ClientRoom room = session.join("r", null);
            room.send("early");
            assertEquals(List.of(JOIN), server.next());
            server.says(joinedAt("e", 0, false));
            assertEquals(List.of(sent("early", 1)), server.next());
        }

        @Test
        void an_ack_completes_one_with_its_position() {
            CompletableFuture<Position> send = send(joined(), "a");
            server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
            assertEquals(new Position("e", 6), send.join());
            server.next();
            server.comesBack();
            server.says(joinedAt("e", 6, true));
            assertFalse(server.done.contains(sent("a", 1)));
        }

        @Test
        void those_without_an_answer_are_repeated_in_order_with_their_ids() {
            ClientRoom room = joined();
            room.send("a");
            room.send("b");
            assertEquals(List.of(sent("a", 1), sent("b", 2)), server.next());
            server.comesBack();
            server.next();
            server.says(joinedAt("e", 6, true));
            assertEquals(List.of(sent("a", 1), sent("b", 2)), server.next());
        }

        @Test
        void four_minutes_after_the_first_write_nobody_knows() {
            ClientRoom room = joined();
            CompletableFuture<Position> send = send(room, "a");
            server.turn(Duration.ofMinutes(2));
            server.comesOnlineIfWaiting();
            assertFalse(send.isDone());
            server.turn(Duration.ofMinutes(2));
            assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
        }

        @Test
        void one_that_was_never_written_waits_longer() {
            ClientRoom room = joined();
            server.isCut();
            CompletableFuture<Position> send = send(room, "a");
            server.turn(Duration.ofMinutes(10));
            assertFalse(send.isDone());
        }

        @Test
        void more_than_the_bound_are_refused_at_once() {
            RecordingOutlet small = new RecordingOutlet(
                    new ClientSettings(false, Duration.ofMillis(500), Duration.ofSeconds(20), 2, 1 << 20, 64 << 10));
            ClientRoom room = small.session.join("r", null);
            room.send("a");
            room.send("b");
            assertEquals(SendException.TOO_MANY, code(send(room, "c")));
            assertEquals(SendException.TOO_BIG, code(send(room, "x".repeat(70_000))));
        }

        @Test
        void no_more_are_on_their_way_than_the_server_takes_in() {
            ClientRoom room = joined();
            IntStream.range(0, 100).forEach(i -> room.send("m" + i));
            assertEquals(16, server.next().size());
            server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
            assertEquals(1, server.next().size());
        }

        @Test
        void a_refusal_that_names_it_fails_it() {
            CompletableFuture<Position> send = send(joined(), "a");
            server.says("{'type':'error','code':'forbidden','message':'no','re':'chat','room':'r','id':'id1'}");
            assertEquals("forbidden", code(send));
        }

        @Test
        void a_repeat_that_is_refused_says_nothing_of_the_first_write() {
            CompletableFuture<Position> send = send(joined(), "a");
            server.comesBack();
            server.says(joinedAt("e", 6, true));
            server.says("{'type':'error','code':'forbidden','message':'no','re':'chat','room':'r','id':'id1'}");
            assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
        }

        @Test
        void one_that_cannot_be_said_now_is_repeated_when_the_server_says() {
            ClientRoom room = joined();
            room.send("a");
            server.next();
            server.says("{'type':'error','code':'unavailable','message':'','re':'chat','id':'id1','retryAfter':2000}");
            assertEquals(List.of(), server.next());
            server.turn(Duration.ofSeconds(2));
            assertEquals(List.of(sent("a", 1)), server.next());
        }

        @Test
        void a_refusal_that_names_none_is_found_out_by_sending_one_at_a_time() {
            ClientRoom room = joined();
            CompletableFuture<Position> good = send(room, "good");
            CompletableFuture<Position> bad = send(room, "bad");
            server.next();
            server.says("{'type':'error','code':'bad_request','message':'nested too deep'}");
            assertEquals(List.of(sent("good", 1)), server.next());
            server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
            assertTrue(good.isDone());
            assertEquals(List.of(sent("bad", 2)), server.next());
            server.says("{'type':'error','code':'bad_request','message':'nested too deep'}");
            assertEquals("bad_request", code(bad));
        }

        @Test
        void volatile_ones_go_out_at_once_or_not_at_all() {
            ClientRoom room = joined();
            assertTrue(room.sendVolatile("cursor", 1));
            assertEquals(List.of("{'type':'cursor','room':'r','content':1,'volatile':true}"), server.next());
            server.behind = true;
            assertFalse(room.sendVolatile("cursor", 2));
            server.behind = false;
            server.isCut();
            assertFalse(room.sendVolatile("cursor", 3));
        }

        @Test
        void what_is_no_name_or_has_no_encoding_is_refused_before_it_is_sent() {
            ClientRoom room = joined();
            assertThrows(IllegalArgumentException.class, () -> room.send(" ", "x"));
            assertThrows(IllegalArgumentException.class, () -> room.send("a<b", "x"));
            assertThrows(IllegalArgumentException.class, () -> room.send("\ud800"));
        }
    }

    @Nested
    class TooMany {

        private static final String TOO_MANY =
                "{'type':'error','code':'rate_limited','message':'too many messages','retryAfter':400}";

        @Test
        void a_refusal_stops_everything_until_the_server_says_and_what_was_not_answered_is_repeated() {
            ClientRoom room = joined();
            room.send("a");
            room.send("b");
            server.next();
            server.says(TOO_MANY);
            server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
            room.send("c");
            assertEquals(List.of(), server.next());
            server.turn(Duration.ofMillis(400));
            assertEquals(List.of(Online.PING.replace('"', '\'')), server.next());
            server.says("{'type':'pong'}");
            assertEquals(List.of(sent("b", 2), sent("c", 3)), server.next());
        }

        @Test
        void a_join_that_was_refused_unread_is_asked_again_and_one_that_was_answered_is_not() {
            server.next();
            session.join("r", null);
            session.join("s", null);
            server.next();
            server.says(TOO_MANY, joinedAt("e", 5, false));
            server.turn(Duration.ofMillis(400));
            server.says("{'type':'pong'}");
            assertEquals(List.of(Online.PING.replace('"', '\''), "{'type':'join','room':'s'}"), server.next());
        }

        @Test
        void a_pong_from_before_the_pause_says_nothing() {
            ClientRoom room = joined();
            room.send("a");
            server.next();
            server.says(TOO_MANY, "{'type':'pong'}");
            assertEquals(List.of(), server.next());
        }
    }

    @Nested
    class Connections {

        @Test
        void the_pause_doubles_up_to_the_longest_and_starts_anew_when_a_connection_has_held() {
            server.next();
            for (int seconds : new int[] {1, 2, 4, 8, 16, 20, 20}) {
                server.isCut();
                server.turn(Duration.ofMillis(seconds * 1000L - 1));
                assertEquals(List.of("abort"), server.next());
                server.turn(Duration.ofMillis(1));
                assertEquals(List.of("dial"), server.next());
                server.comesOnline();
            }
            server.turn(Duration.ofSeconds(11));
            server.isCut();
            server.turn(Duration.ofSeconds(1));
            assertEquals(List.of("abort", "dial"), server.next());
        }

        @ParameterizedTest
        @CsvSource({
            "1000,false",
            "1001,true",
            "1006,true",
            "1008,false",
            "1009,false",
            "1011,true",
            "4008,true",
            "4400,false",
            "4401,false",
            "4403,false",
            "4408,true",
            "4409,false",
            "4429,true",
            "4503,true"
        })
        void the_code_decides_whether_it_comes_back(int code, boolean back) {
            server.nextTold();
            session.lost(server.link, code, "");
            assertEquals(back ? List.of("WAITING") : List.of("CLOSED", "closed " + code), server.nextTold());
        }

        @Test
        void where_the_server_asks_for_patience_the_pause_is_longer() {
            server.next();
            session.lost(server.link, 4503, "");
            server.turn(Duration.ofMillis(9_999));
            assertEquals(List.of("abort"), server.next());
            server.turn(Duration.ofMillis(1));
            assertEquals(List.of("dial"), server.next());
        }

        @Test
        void told_when_to_reconnect_it_comes_back_then() {
            server.says("{'type':'reconnect','after':7000}");
            server.turn(Duration.ofSeconds(3));
            server.next();
            session.lost(server.link, 1001, "");
            server.turn(Duration.ofMillis(3_999));
            assertEquals(List.of("abort"), server.next());
            server.turn(Duration.ofMillis(1));
            assertEquals(List.of("dial"), server.next());
        }

        @Test
        void a_server_that_closes_at_the_slot_is_come_back_to_at_once() {
            server.says("{'type':'reconnect','after':7000}");
            server.turn(Duration.ofSeconds(7));
            server.next();
            session.lost(server.link, 1001, "");
            server.turn(Duration.ZERO);
            assertEquals(List.of("abort", "dial"), server.next());
        }

        @Test
        void a_silent_server_is_asked_and_then_given_up() {
            server.next();
            server.turn(Duration.ofSeconds(45));
            assertEquals(List.of(Online.PING.replace('"', '\'')), server.next());
            server.turn(Duration.ofSeconds(10));
            assertEquals(List.of("abort"), server.next());
        }

        @Test
        void a_server_that_answers_or_pings_is_not_silent() {
            server.next();
            server.turn(Duration.ofSeconds(45));
            server.says("{'type':'pong'}");
            server.turn(Duration.ofSeconds(44));
            session.heard(server.link);
            server.turn(Duration.ofSeconds(44));
            assertEquals(List.of(Online.PING.replace('"', '\'')), server.next());
        }

        @Test
        void while_the_application_holds_up_the_reading_silence_says_nothing() {
            server.next();
            session.arrived(server.link);
            server.turn(Duration.ofMinutes(10));
            assertEquals(List.of(), server.next());
        }

        @Test
        void no_welcome_is_not_waited_for_for_ever() {
            server.isCut();
            server.turn(Duration.ofSeconds(1));
            session.opened(server.link);
            server.next();
            server.turn(Duration.ofSeconds(15));
            assertEquals(List.of("abort"), server.next());
        }

        @Test
        void closing_in_order_gives_the_connection_a_little_time() {
            CompletableFuture<Position> send = send(joined(), "a");
            server.next();
            session.close();
            assertEquals(List.of("close"), server.next());
            assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
            session.lost(server.link, 1000, "");
            assertEquals(List.of("abort", "finish"), server.next());
            session.close();
            assertEquals(List.of(), server.next());
        }

        @Test
        void a_server_that_does_not_close_is_cut() {
            session.close();
            server.next();
            server.turn(Duration.ofSeconds(2));
            assertEquals(List.of("abort", "finish"), server.next());
        }
    }

    @Nested
    class Tokens {

        private final RecordingOutlet server = new RecordingOutlet(
                new ClientSettings(true, Duration.ofMillis(500), Duration.ofSeconds(20), 10, 1 << 20, 64 << 10));

        private void answers(String token) {
            server.session.token(server.question, token, null);
        }

        @Test
        void one_is_asked_for_first_and_shown_first() {
            assertEquals(List.of("token?"), server.next());
            answers("t1");
            server.comesOnline();
            assertEquals(List.of("dial", "{'type':'auth','token':'t1'}"), server.next());
        }

        @Test
        void a_new_one_is_shown_when_three_quarters_of_its_time_have_passed() {
            answers("t1");
            server.session.opened(server.link);
            server.says("{'type':'welcome','heartbeat':300000,'expires':" + (server.time.millis() + 40_000) + "}");
            server.next();
            server.turn(Duration.ofSeconds(30));
            assertEquals(List.of("token?"), server.next());
            answers("t2");
            assertEquals(List.of("{'type':'auth','token':'t2'}"), server.next());
        }

        @Test
        void the_same_one_is_not_shown_again() {
            answers("t1");
            server.session.opened(server.link);
            server.says("{'type':'welcome','heartbeat':300000,'expires':" + (server.time.millis() + 40_000) + "}");
            server.turn(Duration.ofSeconds(30));
            answers("t1");
            server.next();
            server.turn(Duration.ofSeconds(5));
            assertEquals(List.of("token?"), server.next());
        }

        @Test
        void refused_it_tries_a_different_one_once() {
            answers("t1");
            server.session.opened(server.link);
            server.session.lost(server.link, 4401, "");
            server.turn(Duration.ofSeconds(1));
            answers("t2");
            server.session.opened(server.link);
            server.nextTold();
            server.session.lost(server.link, 4401, "");
            assertEquals(List.of("CLOSED", "closed 4401"), server.nextTold());
        }

        @Test
        void refused_it_does_not_try_the_same_one_again() {
            answers("t1");
            server.session.opened(server.link);
            server.session.lost(server.link, 4401, "");
            server.turn(Duration.ofSeconds(1));
            server.nextTold();
            answers("t1");
            assertEquals(List.of("CLOSED", "closed 4401"), server.nextTold());
        }

        @Test
        void without_one_it_asks_again_after_a_pause() {
            server.next();
            server.session.token(server.question, null, new IllegalStateException("of the test"));
            server.turn(Duration.ofSeconds(1));
            assertEquals(List.of("abort", "token?"), server.next());
        }
    }

    @Nested
    class RoomsAndMembers {

        @Test
        void members_follow_the_revisions() {
            ClientRoom room = joined();
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
            ClientRoom room = joined();
            server.says("{'type':'members','room':'r','members':[{'userId':'cat'}],'count':5000,'rev':7}");
            assertEquals(5000, room.memberCount());
            assertEquals(1, room.members().size());
        }

        @Test
        void a_few_questions_are_asked_at_a_time() {
            server.next();
            IntStream.range(0, 20).forEach(i -> session.join("room" + i, null));
            assertEquals(8, server.next().size());
            server.says("{'type':'joined','room':'room0','epoch':'e','offset':0}");
            assertEquals(List.of("{'type':'join','room':'room8'}"), server.next());
        }

        @Test
        void a_room_that_the_server_calls_by_another_name_is_the_one_that_was_asked_for() {
            ClientRoom room = session.join("r", null);
            server.says("{'type':'joined','room':'R','epoch':'e','offset':0}");
            server.nextTold();
            server.says("{'type':'chat','room':'R','userId':'ben','content':1,'epoch':'e','offset':1}");
            assertEquals(List.of("r chat ben 1"), server.nextTold());
            assertEquals(1, room.position().orElseThrow().offset());
        }

        @Test
        void refused_for_the_moment_a_join_is_tried_again() {
            session.join("r", null);
            server.next();
            server.says("{'type':'error','code':'unavailable','message':'','re':'join','room':'r','retryAfter':3000}");
            server.turn(Duration.ofSeconds(3));
            assertEquals(List.of(JOIN), server.next());
        }

        @Test
        void taken_out_it_does_not_come_back_by_itself() {
            ClientRoom room = joined();
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
            ClientRoom room = joined();
            room.leave();
            session.join("r", null);
            assertEquals(List.of("{'type':'leave','room':'r'}"), server.next());
            server.says(chat("late", 6), "{'type':'left','room':'r'}");
            assertEquals(List.of(), server.nextTold());
            assertEquals(List.of(JOIN), server.next());
        }

        @Test
        void what_is_no_frame_harms_nothing() {
            joined();
            server.says("nonsense");
            server.says("[]");
            server.says("{'type':'rc.news','room':'r'}", "{'type':'joined'}", "{'type':'ack'}", "{}");
            server.says(chat("well", 6));
            assertEquals(List.of("r chat ben \"well\""), server.nextTold());
        }
    }
}

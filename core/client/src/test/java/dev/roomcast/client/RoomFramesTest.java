package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.JOIN;
import static dev.roomcast.client.RecordingOutlet.chat;
import static dev.roomcast.client.RecordingOutlet.joinedAt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How far a room was seen, and who is in it. */
class RoomFramesTest {

    private final RecordingOutlet server = RecordingOutlet.online();
    private final Session session = server.session;

    @Test
    void the_first_join_names_none_and_takes_that_of_the_answer() {
        server.next();
        session.join("r", null, null);
        assertEquals(List.of(JOIN), server.next());
        server.says(joinedAt("e", 5, false));
        server.comesBack();
        assertEquals(
                "{'type':'join','room':'r','epoch':'e','offset':5}",
                server.next().get(2));
    }

    @Test
    void one_that_an_earlier_client_has_kept_is_gone_on_from() {
        server.next();
        server.nextTold();
        ClientRoom room = session.join("r", null, new Position("e", 3));
        assertEquals(List.of("{'type':'join','room':'r','epoch':'e','offset':3}"), server.next());
        server.says(joinedAt("e", 5, true), chat("four", 4));
        assertTrue(room.joined().toCompletableFuture().isDone());
        assertEquals(
                List.of("joined r", "recovered r", "r chat ben \"four\""),
                server.nextTold().stream()
                        .filter(told -> !told.startsWith("members"))
                        .toList());
        assertEquals(new Position("e", 4), room.position().orElseThrow());
    }

    @Test
    void one_that_the_server_has_forgotten_is_a_gap() {
        ClientRoom room = session.join("r", null, new Position("old", 3));
        server.says(joinedAt("e", 5, false));
        assertTrue(room.joined().toCompletableFuture().isDone());
        assertTrue(server.told.stream().anyMatch(told -> told.startsWith("gap r")), server.told.toString());
        assertEquals(new Position("e", 5), room.position().orElseThrow());
    }

    @Test
    void messages_move_it() {
        server.inRoom();
        server.says(chat("one", 6), chat("two", 8));
        assertEquals(List.of("r chat ben \"one\"", "r chat ben \"two\""), server.nextTold());
        server.comesBack();
        assertEquals(
                "{'type':'join','room':'r','epoch':'e','offset':8}",
                server.next().get(2));
    }

    @Test
    void an_ack_does_not_move_it() {
        ClientRoom room = server.inRoom();
        room.send("mine");
        server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':9}");
        assertEquals(new Position("e", 5), room.position().orElseThrow());
    }

    @Test
    void a_join_that_recovers_does_not_move_it_for_it_may_be_cut_before_all_has_come() {
        ClientRoom room = server.inRoom();
        server.comesBack();
        server.says(joinedAt("e", 20, true), chat("six", 6));
        server.comesBack();
        assertEquals(new Position("e", 6), room.position().orElseThrow());
        assertTrue(server.done.contains("{'type':'join','room':'r','epoch':'e','offset':6}"));
        assertTrue(server.told.contains("recovered r"));
    }

    @Test
    void a_join_that_recovers_nothing_moves_it_and_is_told_as_a_gap() {
        ClientRoom room = server.inRoom();
        server.comesBack();
        server.nextTold();
        server.says(joinedAt("f", 3, false));
        assertEquals(List.of("gap r e5 f3"), server.nextTold());
        assertEquals(new Position("f", 3), room.position().orElseThrow());
    }

    @Test
    void a_gap_moves_it() {
        ClientRoom room = server.inRoom();
        server.says("{'type':'gap','room':'r','lost':{'epoch':'e','after':5},'epoch':'f','offset':40}");
        assertEquals(List.of("gap r e5 f40"), server.nextTold());
        assertEquals(new Position("f", 40), room.position().orElseThrow());
    }

    /** It moved the position before the room was joined, and was then taken back without a word. */
    @Test
    void a_gap_before_the_join_it_belongs_to_is_told_behind_it() {
        ClientRoom room = session.join("r", null, null);
        server.nextTold();
        server.says(
                "{'type':'gap','room':'r','lost':{'epoch':'e','after':0},'epoch':'e','offset':2}",
                "{'type':'gap','room':'r','lost':{'epoch':'e','after':2},'epoch':'e','offset':3}",
                joinedAt("e", 0, false),
                chat("four", 4));
        assertEquals(List.of("joined r", "gap r e0 e3", "r chat ben \"four\""), server.nextTold());
        assertEquals(new Position("e", 4), room.position().orElseThrow());
    }

    @Test
    void a_gap_before_a_join_that_recovers_leaves_the_position_where_it_is() {
        ClientRoom room = server.inRoom();
        server.comesBack();
        server.nextTold();
        server.says(
                "{'type':'gap','room':'r','lost':{'epoch':'e','after':7},'epoch':'e','offset':9}",
                joinedAt("e", 7, true));
        assertEquals(List.of("recovered r", "gap r e7 e9"), server.nextTold());
        assertEquals(new Position("e", 5), room.position().orElseThrow());
        server.says(chat("six", 6), chat("seven", 7), chat("ten", 10));
        assertEquals(3, server.nextTold().size());
    }

    @Test
    void a_gap_of_an_earlier_stay_is_not_told_of_the_next() {
        server.inRoom().leave();
        session.join("r", null, null);
        server.says("{'type':'gap','room':'r','lost':{'epoch':'e','after':5},'epoch':'e','offset':9}");
        server.says("{'type':'left','room':'r'}", joinedAt("e", 9, false));
        assertEquals(List.of("joined r"), server.nextTold());
    }

    @Test
    void volatile_and_keyed_messages_do_not_move_it() {
        ClientRoom room = server.inRoom();
        server.says("{'type':'cursor','room':'r','userId':'ben','content':1.10,'timestamp':1,'key':'k'}");
        assertEquals(List.of("r cursor ben 1.10"), server.nextTold());
        assertEquals(new Position("e", 5), room.position().orElseThrow());
    }

    @Test
    void what_a_connection_says_that_was_given_up_counts_for_nothing() {
        ClientRoom room = server.inRoom();
        int old = server.link;
        server.comesBack();
        server.nextTold();
        session.received(old, chat("late", 6).replace('\'', '"'));
        assertEquals(List.of(), server.nextTold());
        assertEquals(new Position("e", 5), room.position().orElseThrow());
    }
}

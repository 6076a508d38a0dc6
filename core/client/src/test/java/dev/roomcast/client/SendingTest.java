package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.JOIN;
import static dev.roomcast.client.RecordingOutlet.code;
import static dev.roomcast.client.RecordingOutlet.joinedAt;
import static dev.roomcast.client.RecordingOutlet.send;
import static dev.roomcast.client.RecordingOutlet.sent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each send has exactly one outcome. */
class SendingTest {

    private final RecordingOutlet server = RecordingOutlet.online();
    private final Session session = server.session;

    @Test
    void they_wait_for_the_room() {
        server.next();
        ClientRoom room = session.join("r", null, null);
        room.send("early");
        assertEquals(List.of(JOIN), server.next());
        server.says(joinedAt("e", 0, false));
        assertEquals(List.of(sent("early", 1)), server.next());
    }

    @Test
    void an_ack_completes_one_with_its_position() {
        CompletableFuture<Position> send = send(server.inRoom(), "a");
        server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
        assertEquals(new Position("e", 6), send.join());
        server.next();
        server.comesBack();
        server.says(joinedAt("e", 6, true));
        assertFalse(server.done.contains(sent("a", 1)));
    }

    @Test
    void those_without_an_answer_are_repeated_in_order_with_their_ids() {
        ClientRoom room = server.inRoom();
        room.send("a");
        room.send("b");
        assertEquals(List.of(sent("a", 1), sent("b", 2)), server.next());
        server.comesBack();
        server.next();
        server.says(joinedAt("e", 6, true));
        assertEquals(List.of(sent("a", 1), sent("b", 2)), server.next());
    }

    @Test
    void an_id_of_the_applications_own_is_sent_with_it() {
        ClientRoom room = server.inRoom();
        CompletableFuture<Position> send = room.send("chat", "a", "order-7").toCompletableFuture();
        assertEquals(List.of(sent("a", 7).replace("id7", "order-7")), server.next());
        server.says("{'type':'ack','id':'order-7','room':'r','epoch':'e','offset':6}");
        assertEquals(new Position("e", 6), send.join());
    }

    /** It took the place of the first one, whose outcome nobody was told. */
    @Test
    void one_id_twice_is_one_message_with_one_outcome() {
        ClientRoom room = server.inRoom();
        CompletableFuture<Position> first = room.send("chat", "a", "7").toCompletableFuture();
        CompletableFuture<Position> second = room.send("chat", "a", "7").toCompletableFuture();
        CompletableFuture<Position> other = room.send("chat", "b", "7").toCompletableFuture();
        assertEquals(1, server.next().size());
        assertEquals(SendException.ID_CONFLICT, code(other));
        server.says("{'type':'ack','id':'7','room':'r','epoch':'e','offset':6}");
        assertEquals(new Position("e", 6), first.join());
        assertEquals(new Position("e", 6), second.join());
    }

    @Test
    void an_id_has_1_to_64_bytes() {
        ClientRoom room = server.inRoom();
        assertThrows(IllegalArgumentException.class, () -> room.send("chat", "a", ""));
        assertThrows(IllegalArgumentException.class, () -> room.send("chat", "a", "\u00e4".repeat(33)));
        room.send("chat", "a", "\u00e4".repeat(32));
    }

    @Test
    void four_minutes_after_the_first_write_nobody_knows() {
        ClientRoom room = server.inRoom();
        CompletableFuture<Position> send = send(room, "a");
        server.turn(Duration.ofMinutes(2));
        server.comesOnlineIfWaiting();
        assertFalse(send.isDone());
        server.turn(Duration.ofMinutes(2));
        assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
    }

    /** The server has forgotten its id by then, and would say it twice. */
    @Test
    void nor_after_a_sleep_in_which_timers_stood_still() {
        ClientRoom room = server.inRoom();
        CompletableFuture<Position> send = send(room, "a");
        server.sleeps(Duration.ofMinutes(4));
        server.comesBack();
        assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
        server.next();
        server.says(joinedAt("e", 6, true));
        assertEquals(List.of(), server.next());
    }

    @Test
    void a_volatile_one_is_measured_in_bytes() {
        ClientRoom room = server.inRoom();
        assertFalse(room.sendVolatile("chat", "\u4e2d".repeat(30_000)));
        assertTrue(room.sendVolatile("chat", "\u4e2d".repeat(20_000)));
    }

    @Test
    void one_that_was_never_written_waits_longer() {
        ClientRoom room = server.inRoom();
        server.isCut();
        CompletableFuture<Position> send = send(room, "a");
        server.turn(Duration.ofMinutes(10));
        assertFalse(send.isDone());
    }

    @Test
    void more_than_the_bound_are_refused_at_once() {
        RecordingOutlet small = new RecordingOutlet(
                new ClientSettings(false, Duration.ofMillis(500), Duration.ofSeconds(20), 2, 1 << 20, 64 << 10));
        ClientRoom room = small.session.join("r", null, null);
        room.send("a");
        room.send("b");
        assertEquals(SendException.TOO_MANY, code(send(room, "c")));
        assertEquals(SendException.TOO_BIG, code(send(room, "x".repeat(70_000))));
    }

    @Test
    void no_more_are_on_their_way_than_the_server_takes_in() {
        ClientRoom room = server.inRoom();
        IntStream.range(0, 100).forEach(i -> room.send("m" + i));
        assertEquals(16, server.next().size());
        server.says("{'type':'ack','id':'id1','room':'r','epoch':'e','offset':6}");
        assertEquals(1, server.next().size());
    }

    @Test
    void a_refusal_that_names_it_fails_it() {
        CompletableFuture<Position> send = send(server.inRoom(), "a");
        server.says("{'type':'error','code':'forbidden','message':'no','re':'chat','room':'r','id':'id1'}");
        assertEquals("forbidden", code(send));
    }

    @Test
    void a_repeat_that_is_refused_says_nothing_of_the_first_write() {
        CompletableFuture<Position> send = send(server.inRoom(), "a");
        server.comesBack();
        server.says(joinedAt("e", 6, true));
        server.says("{'type':'error','code':'forbidden','message':'no','re':'chat','room':'r','id':'id1'}");
        assertEquals(SendException.OUTCOME_UNKNOWN, code(send));
    }

    @Test
    void one_that_cannot_be_said_now_is_repeated_when_the_server_says() {
        ClientRoom room = server.inRoom();
        room.send("a");
        server.next();
        server.says("{'type':'error','code':'unavailable','message':'','re':'chat','id':'id1','retryAfter':2000}");
        assertEquals(List.of(), server.next());
        server.turn(Duration.ofSeconds(2));
        assertEquals(List.of(sent("a", 1)), server.next());
    }

    @Test
    void a_refusal_that_names_none_is_found_out_by_sending_one_at_a_time() {
        ClientRoom room = server.inRoom();
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
        ClientRoom room = server.inRoom();
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
        ClientRoom room = server.inRoom();
        assertThrows(IllegalArgumentException.class, () -> room.send(" ", "x"));
        assertThrows(IllegalArgumentException.class, () -> room.send("a<b", "x"));
        assertThrows(IllegalArgumentException.class, () -> room.send("\ud800"));
    }
}

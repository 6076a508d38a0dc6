package dev.roomcast.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens: shown first, replaced in time, and not shown twice. */
class AskingTest {

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

    /** The server puts aside what comes while it judges a token, and not much of it. */
    @Test
    void nothing_is_sent_while_one_is_judged() {
        ClientRoom room = showsAnother();
        room.send("waits");
        assertFalse(room.sendVolatile("move", 1));
        assertEquals(List.of(), server.next());
        server.says("{'type':'welcome','heartbeat':300000}");
        assertEquals(List.of(RecordingOutlet.sent("waits", 1)), server.next());
    }

    /** It counted as refused, so the client ended: who judges tokens had only been away. */
    @Test
    void one_that_nobody_judged_before_the_earlier_one_ended_is_shown_again() {
        showsAnother();
        server.session.lost(server.link, 4401, "expired");
        server.turn(Duration.ofSeconds(1));
        answers("t2");
        server.next();
        server.comesOnline();
        assertEquals(List.of("{'type':'auth','token':'t2'}"), server.next().subList(0, 1));
        assertEquals(ClientState.ONLINE, server.session.state());
    }

    /** In a room, with a second token on its way. */
    private ClientRoom showsAnother() {
        answers("t1");
        server.session.opened(server.link);
        server.says("{'type':'welcome','heartbeat':300000,'expires':" + (server.time.millis() + 40_000) + "}");
        ClientRoom room = server.inRoom();
        server.turn(Duration.ofSeconds(30));
        answers("t2");
        server.next();
        return room;
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

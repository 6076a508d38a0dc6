package dev.roomcast.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens: shown first, replaced in time, and not shown twice. */
class AskingTest {

    private static final ClientSettings WITH_TOKENS =
            new ClientSettings(true, Duration.ofMillis(500), Duration.ofSeconds(20), 10, 1 << 20, 64 << 10);

    private final RecordingOutlet server = new RecordingOutlet(WITH_TOKENS);

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
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
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
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
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
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
        server.turn(Duration.ofSeconds(30));
        answers("t1");
        server.next();
        server.turn(Duration.ofSeconds(5));
        assertEquals(List.of("token?"), server.next());
    }

    /** The application's cache is renewed a moment later: the client had ended for good by then. */
    @Test
    void refused_it_asks_for_another_a_few_times_and_not_at_once() {
        answers("t1");
        server.session.opened(server.link);
        server.session.lost(server.link, 4401, "");
        server.turn(Duration.ofSeconds(1));
        answers("t1");
        server.next();
        server.turn(Duration.ofMillis(999));
        assertEquals(List.of(), server.next());
        server.turn(Duration.ofSeconds(20));
        answers("t1");
        server.turn(Duration.ofSeconds(20));
        answers("t2");
        server.comesOnline();
        assertEquals(ClientState.ONLINE, server.session.state());
    }

    @Test
    void refused_it_does_not_ask_for_ever() {
        answers("t1");
        for (int refusals = 1; refusals <= 3; refusals++) {
            if (refusals % 2 == 1) {
                server.session.opened(server.link);
                server.session.lost(server.link, 4401, "");
            } else {
                answers("t" + (refusals - 1));
            }
            assertEquals(ClientState.WAITING, server.session.state());
            server.turn(Duration.ofSeconds(20));
            if (refusals % 2 == 0) {
                answers("t" + (refusals + 1));
            }
        }
        server.nextTold();
        answers("t3");
        assertEquals(List.of("CLOSED", "closed 4401"), server.nextTold());
    }

    /** A token of the host's was asked for each second by a clock that is ahead, and never in time by one that is behind. */
    @Test
    void its_time_is_measured_by_a_clock_that_nobody_sets() {
        for (long wrong : new long[] {-400L * 24, -1, 1, 400L * 24}) {
            RecordingOutlet other = new RecordingOutlet(WITH_TOKENS);
            other.sleeps(Duration.ofHours(wrong));
            other.session.token(other.question, "t1", null);
            other.session.opened(other.link);
            other.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
            other.next();
            other.turn(Duration.ofMillis(29_999));
            assertEquals(List.of(), other.next());
            other.turn(Duration.ofMillis(1));
            assertEquals(List.of("token?"), other.next());
        }
    }

    @Test
    void only_the_latest_welcome_says_when() {
        answers("t1");
        server.session.opened(server.link);
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
        server.turn(Duration.ofSeconds(20));
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':40000}");
        server.next();
        server.turn(Duration.ofMillis(29_999));
        assertEquals(List.of(), server.next());
        server.turn(Duration.ofMillis(1));
        assertEquals(List.of("token?"), server.next());
    }

    /** The next one was not asked for any more, and the connection ended with the token. */
    @Test
    void one_that_does_not_come_while_online_is_asked_for_again() {
        answers("t1");
        server.session.opened(server.link);
        server.says("{'type':'welcome','heartbeat':300000,'expiresIn':200000}");
        server.turn(Duration.ofSeconds(150));
        server.next();
        server.turn(Duration.ofSeconds(35));
        assertEquals(List.of("token?"), server.next());
        answers("t2");
        assertEquals(List.of("{'type':'auth','token':'t2'}"), server.next());
    }

    @Test
    void one_that_does_not_come_before_a_connection_is_asked_for_again() {
        server.next();
        server.turn(Duration.ofSeconds(31));
        assertEquals(List.of("abort", "token?"), server.next());
    }

    @Test
    void without_one_it_asks_again_after_a_pause() {
        server.next();
        server.session.token(server.question, null, new IllegalStateException("of the test"));
        server.turn(Duration.ofSeconds(1));
        assertEquals(List.of("abort", "token?"), server.next());
    }
}

package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.code;
import static dev.roomcast.client.RecordingOutlet.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a client comes back and when it ends, by a clock that is turned by hand. */
class SessionTest {

    private final RecordingOutlet server = RecordingOutlet.online();
    private final Session session = server.session;

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
    void an_application_that_knows_better_ends_the_pause() {
        server.next();
        session.hurry();
        assertEquals(List.of(), server.next());
        session.lost(server.link, 4503, "");
        session.hurry();
        session.hurry();
        assertEquals(List.of("abort", "dial"), server.next());
        server.turn(Duration.ofSeconds(10));
        server.comesOnline();
        assertEquals(ClientState.ONLINE, session.state());
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

    /** It came back at once, hundreds of times in a second. */
    @Test
    void a_server_that_only_sends_its_clients_away_is_not_hammered() {
        server.turn(Duration.ofSeconds(11));
        server.next();
        for (int seconds : new int[] {0, 2, 4, 8, 16, 20}) {
            server.says("{'type':'reconnect','after':0}");
            session.lost(server.link, 1001, "");
            server.turn(Duration.ofMillis(seconds * 1000L - (seconds == 0 ? 0 : 1)));
            assertEquals(seconds == 0 ? List.of("abort", "dial") : List.of("abort"), server.next());
            if (seconds > 0) {
                server.turn(Duration.ofMillis(1));
                assertEquals(List.of("dial"), server.next());
            }
            server.comesOnline();
        }
    }

    /** Times of another kind have no effect: there are some of the client's own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",'heartbeat':0",
                ",'heartbeat':-5",
                ",'heartbeat':'x'",
                ",'heartbeat':1e9",
                ",'heartbeat':null"
            })
    void a_heartbeat_that_is_none_does_not_make_it_ping_all_the_time(String heartbeat) {
        server.isCut();
        server.turn(Duration.ofSeconds(20));
        session.opened(server.link);
        server.says("{'type':'welcome','userId':'ann'" + heartbeat + "}");
        server.next();
        for (int seconds = 0; seconds < 60; seconds++) {
            server.turn(Duration.ofSeconds(1));
            server.says("{'type':'pong'}");
        }
        assertTrue(server.next().size() <= (heartbeat.equals(",'heartbeat':0") ? 60 : 1));
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
        CompletableFuture<Position> send = send(server.inRoom(), "a");
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

package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.joinedAt;
import static dev.roomcast.client.RecordingOutlet.sent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of what is sent under a key only the latest matters. */
class LatestTest {

    private final RecordingOutlet server = RecordingOutlet.online();

    private static String price(String key, int price) {
        return "{'type':'price','room':'r','content':" + price + ",'key':'" + key + "'}";
    }

    @Test
    void one_goes_out_at_once_and_is_not_repeated() {
        ClientRoom room = server.inRoom();
        assertTrue(room.sendLatest("price", "EUR", 1));
        assertEquals(List.of(price("EUR", 1)), server.next());
        server.comesBack();
        server.says(joinedAt("e", 5, true));
        assertFalse(server.next().contains(price("EUR", 1)));
    }

    @Test
    void while_there_is_no_connection_a_later_one_takes_its_place_behind_all_else() {
        ClientRoom room = server.inRoom();
        server.isCut();
        room.sendLatest("price", "EUR", 1);
        room.sendLatest("price", "USD", 2);
        room.sendLatest("price", "EUR", 3);
        room.send("a");
        server.turn(Duration.ofSeconds(20));
        server.comesOnline();
        server.next();
        server.says(joinedAt("e", 5, true));
        assertEquals(List.of(sent("a", 1), price("USD", 2), price("EUR", 3)), server.next());
    }

    /** The socket takes no more, and what it would be given waits without bound. */
    @Test
    void it_waits_here_while_the_socket_is_behind() {
        ClientRoom room = server.inRoom();
        server.behind = true;
        for (int i = 0; i < 1000; i++) {
            room.sendLatest("price", "EUR", i);
        }
        server.turn(Duration.ofSeconds(1));
        assertEquals(List.of(), server.next());
        server.behind = false;
        server.turn(Duration.ofMillis(20));
        assertEquals(List.of(price("EUR", 999)), server.next());
    }

    @Test
    void it_waits_for_its_own_room() {
        server.next();
        ClientRoom room = server.session.join("r", null, null);
        assertTrue(room.sendLatest("price", "EUR", 1));
        server.next();
        server.says(joinedAt("e", 5, false));
        assertEquals(List.of(price("EUR", 1)), server.next());
    }

    @Test
    void what_has_no_place_is_refused_and_a_room_that_is_left_takes_nothing() {
        RecordingOutlet small = new RecordingOutlet(
                new ClientSettings(false, Duration.ofMillis(500), Duration.ofSeconds(20), 2, 1 << 20, 1000));
        ClientRoom room = small.session.join("r", null, null);
        assertTrue(room.sendLatest("price", "a", 1));
        assertTrue(room.sendLatest("price", "b", 1));
        assertTrue(room.sendLatest("price", "b", 2));
        assertFalse(room.sendLatest("price", "c", 1));
        assertFalse(room.sendLatest("price", "a", "x".repeat(1000)));
        assertThrows(IllegalArgumentException.class, () -> room.sendLatest("price", "", 1));
        room.leave();
        assertFalse(room.sendLatest("price", "a", 1));
        ClientRoom again = small.session.join("r", null, null);
        assertTrue(again.sendLatest("price", "c", 1));
        assertTrue(again.sendLatest("price", "d", 1));
    }
}

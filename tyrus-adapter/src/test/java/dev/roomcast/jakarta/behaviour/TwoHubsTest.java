package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Several hubs in one process, on servers of their own or on one, know nothing of each other. */
class TwoHubsTest {

    @Test
    void hubs_on_two_servers_share_no_room() {
        try (Site one = Site.open();
                Site two = Site.open();
                PlainClient ann = PlainClient.join(one.port(), "lobby", "ann");
                PlainClient ben = PlainClient.join(two.port(), "lobby", "ben")) {
            ann.say("to one");
            ben.say("to two");
            assertEquals("to one", ann.expect("chat").get("content").asText());
            assertEquals("to two", ben.expect("chat").get("content").asText());
            assertEquals(1, one.stats().connections());
            assertEquals(1, two.stats().connections());
        }
    }

    @Test
    void hubs_on_one_server_share_no_room_and_one_goes_on_when_the_other_closes() throws IOException {
        Rooms one = Rooms.builder().build();
        Rooms two = Rooms.builder().allowedOrigins("https://app.example.com").build();
        try (RoomServer server = RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", one))
                .endpoint(RoomEndpoint.at("/other/rooms", two))
                .start()) {
            RawClient ann = RawClient.dial(server.port());
            ann.request("GET /rooms?room=lobby&user=ann HTTP/1.1");
            RawClient ben = RawClient.dial(server.port());
            ben.request("GET /other/rooms?room=lobby&user=ben HTTP/1.1", "Origin: https://app.example.com");
            ben.nextContaining("user_joined");
            ben.sendText("{\"content\":\"to two\"}");
            ben.nextContaining("to two");
            ann.nextContaining("user_joined");
            two.close();
            assertEquals(1001, ben.expectClose());
            ann.sendText("{\"content\":\"to one\"}");
            ann.nextContaining("to one");
            ann.close();
        } finally {
            one.close();
            two.close();
        }
    }
}

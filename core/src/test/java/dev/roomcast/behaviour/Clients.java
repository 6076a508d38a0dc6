package dev.roomcast.behaviour;

import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import java.util.List;

/** What the scenarios have in common. */
final class Clients {

    private Clients() {}

    /** Waits until these clients are members and have been told so. */
    static void allJoined(FakeClient... clients) {
        for (FakeClient client : clients) {
            client.last("joined");
            client.last("user_joined");
        }
    }

    /** A round trip through the lane of a client's room: what was under way before has arrived. */
    static void settle(FakeClient client) {
        // A second join changes nothing, and is answered by two frames that nobody else causes.
        int before = client.frames("joined").size();
        client.sends("{\"type\":\"join\"}");
        client.await("joined and what follows it", c -> {
            List<Received> frames = c.frames();
            return c.frames("joined").size() > before
                    && !frames.get(frames.size() - 1).type().equals("joined");
        });
    }
}

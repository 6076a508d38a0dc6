package dev.roomcast.behaviour;

import dev.roomcast.testkit.FakeClient;

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
        // A second join changes nothing and is answered by a frame that nobody else causes.
        int before = client.frames("joined").size();
        client.sends("{\"type\":\"join\"}");
        client.await("joined", c -> c.frames("joined").size() > before);
    }
}

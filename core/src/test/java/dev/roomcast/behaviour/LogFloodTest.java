package dev.roomcast.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Code of the host that throws what a client has made it throw fills no log and lets nobody write into it. */
class LogFloodTest {

    private static final int MANY = 400;

    @Test
    void a_handler_that_throws_for_each_message() {
        List<String> lines = flood(Rooms.builder().handler((sender, room, message, relay) -> {
            Integer.parseInt(message.content().text());
        }));
        assertBounded(lines, "The message handler failed");
    }

    @Test
    void an_access_check_that_throws_for_each_join() {
        List<String> lines = flood(Rooms.builder()
                .authenticator(credentials -> CompletableFuture.completedFuture(Identity.of("u")))
                .access(new Access() {
                    @Override
                    public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                        throw new IllegalStateException(room + "forged");
                    }
                }));
        assertBounded(lines, "The access check failed");
    }

    @Test
    void a_listener_that_throws_for_each_event() {
        List<String> lines = flood(Rooms.builder().executor(Runnable::run).listener(new RoomListener() {
            @Override
            public void onJoin(Room room, Member member) {
                throw new IllegalStateException(room.name() + "forged");
            }
        }));
        assertBounded(lines, "The listener failed");
    }

    private static List<String> flood(RoomsBuilder builder) {
        try (LogLines log = new LogLines();
                Rooms rooms = builder.rate(new Rate(1e6, 1_000_000)).build()) {
            FakeClient client = FakeClient.connect(rooms, "u", "r");
            for (int i = 0; i < MANY; i++) {
                client.sends("{\"content\":\"1\\nSEVERE: forged\"}");
                client.sends("{\"type\":\"join\",\"room\":\"r" + i % 100 + "\"}");
                client.sends("{\"type\":\"leave\",\"room\":\"r" + i % 100 + "\"}");
            }
            client.closes();
            return log.lines();
        }
    }

    private static void assertBounded(List<String> lines, String what) {
        List<String> told = lines.stream().filter(line -> line.startsWith(what)).toList();
        assertFalse(told.isEmpty());
        // One, and a number, per second; it may be a slow machine.
        assertTrue(told.size() < MANY / 10, told.size() + " records");
        assertEquals(
                List.of(),
                lines.stream().filter(line -> line.contains("forged")).toList());
    }
}

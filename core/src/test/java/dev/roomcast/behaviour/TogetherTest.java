package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages of a client that arrive in one piece. */
class TogetherTest {

    private final Rooms rooms = Rooms.builder().time(new ManualTime()).build();
    private final FakeClient ann = FakeClient.connect(rooms, "ann", "r");
    private final FakeClient bob = FakeClient.connect(rooms, "bob", "r");

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void go_out_as_one_write_to_each_member_in_their_order() {
        Clients.allJoined(ann, bob);
        int before = bob.writes();
        ann.sendsTogether("{\"content\":\"1\"}", "{\"content\":\"2\"}", "{\"content\":\"3\"}");
        assertThat(bob).received("1", "2", "3");
        assertThat(ann).received("1", "2", "3");
        assertEquals(before + 1, bob.writes());
    }

    @Test
    void are_refused_one_by_one() {
        Clients.allJoined(ann, bob);
        ann.sendsTogether("{\"content\":\"1\"}", "nonsense", "{\"type\":\"leave\"}", "{\"content\":\"2\"}");
        ann.last("left");
        assertThat(bob).received("1");
        assertEquals(2, ann.frames("error").size());
    }

    /** The join was over only when the whole piece had been read, and a client that said much behind it was closed. */
    @Test
    void may_follow_a_join_in_any_number() {
        Clients.allJoined(bob);
        FakeClient eve = FakeClient.connect(rooms, "eve");
        String[] texts = IntStream.rangeClosed(0, 90)
                .mapToObj(i ->
                        i == 0 ? "{\"type\":\"join\",\"room\":\"r\"}" : "{\"room\":\"r\",\"content\":\"" + i + "\"}")
                .toArray(String[]::new);
        eve.sendsTogether(texts);
        String[] said = IntStream.rangeClosed(1, 90).mapToObj(Integer::toString).toArray(String[]::new);
        assertThat(bob).received(said);
        assertThat(eve).received(said);
    }

    @Test
    void are_read_as_they_come_when_the_host_has_a_handler_since_that_may_block() {
        try (Rooms handled = Rooms.builder()
                .time(new ManualTime())
                .handler((connection, room, message, relay) -> {
                    relay.broadcast(message);
                    assertEquals(0, connection.rooms().size() - 1);
                })
                .build()) {
            FakeClient eve = FakeClient.connect(handled, "eve", "r");
            FakeClient dan = FakeClient.connect(handled, "dan", "r");
            Clients.allJoined(eve, dan);
            int before = dan.writes();
            eve.sendsTogether("{\"content\":\"1\"}", "{\"content\":\"2\"}");
            assertThat(dan).received("1", "2");
            assertEquals(before + 2, dan.writes());
        }
    }
}

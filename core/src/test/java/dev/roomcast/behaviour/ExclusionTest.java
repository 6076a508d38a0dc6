package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message that is not for one connection; and, since that has gone when it is read again, not for its user then. */
class ExclusionTest {

    private final Rooms rooms = Rooms.builder()
            .time(new ManualTime())
            .rate(new Rate(1e6, 1_000_000))
            .handler((connection, room, message, relay) ->
                    relay.broadcast(message.excluding(new Exclusion(connection.id(), connection.userId()))))
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void live_it_is_the_connection_that_is_left_out_and_not_its_users_other_tab() {
        FakeClient tab = FakeClient.connect(rooms, "ann", "r");
        FakeClient otherTab = FakeClient.connect(rooms, "ann", "r");
        FakeClient bob = FakeClient.connect(rooms, "bob", "r");
        Clients.allJoined(tab, otherTab, bob);
        tab.says("1");
        bob.says("2");
        tab.says("3");
        assertThat(tab).received("2");
        assertThat(otherTab).received("1", "2", "3");
        assertThat(bob).received("1", "3");
    }

    @Test
    void replayed_it_is_the_user_who_is_left_out_whatever_the_connection() {
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        FakeClient bob = FakeClient.connect(rooms, "bob", "r");
        Clients.allJoined(ann, bob);
        ann.says("1");
        bob.says("2");
        ann.says("3");
        rooms.room("r").broadcast(Message.chat("4"));
        String epoch = bob.last("chat").text("epoch");
        assertThat(comesBack("ann", epoch)).received("2", "4");
        assertThat(comesBack("bob", epoch)).received("1", "3", "4");
        assertThat(comesBack("eve", epoch)).received("1", "2", "3", "4");
    }

    @Test
    void a_hole_that_it_leaves_is_no_gap() {
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        ann.last("user_joined");
        ann.says("1");
        rooms.room("r").broadcast(Message.chat("2"));
        assertEquals(2, ann.last("chat").number("offset"));
        assertEquals(List.of(), ann.frames("gap"));
    }

    private FakeClient comesBack(String user, String epoch) {
        return FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", "r")
                        .parameter("epoch", epoch)
                        .parameter("offset", "0")
                        .build());
    }
}

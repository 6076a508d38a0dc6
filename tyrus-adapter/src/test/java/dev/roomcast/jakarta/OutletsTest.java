package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.roomcast.Rooms;
import jakarta.websocket.Extension;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutletsTest {

    private final Errands errands = new Errands();
    private final HardCut hardCut = new HardCut(errands);
    private final Session session = mock(Session.class);
    private final Link link = mock(Link.class);

    @AfterEach
    void forget() {
        System.clearProperty(Outlets.SWITCH);
    }

    @Test
    void the_socket_is_used_where_there_is_one() {
        Outlets outlets = new Outlets("/rooms", hardCut, errands);
        assertSame(link, outlets.of(session, link));
        assertTrue(outlets.toString().contains("to the socket: 1"), outlets.toString());
    }

    @Test
    void an_unknown_container_gets_one_message_at_a_time() {
        Outlets outlets = new Outlets("/rooms", hardCut, errands);
        assertInstanceOf(SessionOutlet.class, outlets.of(session, null));
        assertTrue(outlets.toString().contains("asynchronous send: 1"), outlets.toString());
    }

    @Test
    void an_extension_may_change_frames_so_none_is_made_ready() {
        when(session.getNegotiatedExtensions()).thenReturn(List.of(mock(Extension.class)));
        assertInstanceOf(SessionOutlet.class, new Outlets("/rooms", hardCut, errands).of(session, link));
    }

    @Test
    void a_property_turns_ready_made_frames_off() {
        System.setProperty(Outlets.SWITCH, "false");
        assertInstanceOf(SessionOutlet.class, new Outlets("/rooms", hardCut, errands).of(session, link));
        System.setProperty(Outlets.SWITCH, "true");
        assertSame(link, new Outlets("/rooms", hardCut, errands).of(session, link));
    }

    @Test
    void an_endpoint_is_asked_for_its_ways() {
        try (Rooms rooms = Rooms.builder().build()) {
            assertEquals(
                    "ready-made frames to the socket: 0; ready-made frames through Tyrus's writer: 0; "
                            + "one message at a time through the container's asynchronous send: 0",
                    RoomEndpoint.writing(RoomEndpoint.at("/rooms", rooms)));
        }
        ServerEndpointConfig other =
                ServerEndpointConfig.Builder.create(OutletsTest.class, "/other").build();
        assertThrows(IllegalArgumentException.class, () -> RoomEndpoint.writing(other));
    }
}

package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Refusal;
import dev.roomcast.transport.Handshake;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

class RoomEndpointTest {

    private final Rooms rooms = Rooms.builder()
            .limit(Limit.GRACE, 0)
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .build();
    private final Session session = mock(Session.class);
    private final RemoteEndpoint.Async remote = mock(RemoteEndpoint.Async.class);
    private final EndpointConfig config = mock(EndpointConfig.class);
    private final Map<String, Object> properties = new HashMap<>();
    private final List<String> sent = new ArrayList<>();
    private final Errands errands = new Errands();
    private final HardCut hardCut = new HardCut(errands);
    private final RoomEndpoint endpoint = new RoomEndpoint(rooms, new Outlets("/rooms", hardCut, errands), hardCut);

    @BeforeEach
    void describe() {
        when(session.getUserProperties()).thenReturn(properties);
        when(session.getAsyncRemote()).thenReturn(remote);
        doAnswer(call -> {
                    sent.add(call.getArgument(0));
                    call.<SendHandler>getArgument(1).onResult(new SendResult());
                    return null;
                })
                .when(remote)
                .sendText(any(), any());
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private void open(@Nullable Refusal refusal, @Nullable Link link) {
        Handshake.Builder request =
                Handshake.builder().parameter("room", "lobby").parameter("user", "ann");
        properties.put(Arrival.KEY, new Arrival(request, Optional.ofNullable(refusal), link));
        endpoint.onOpen(session, config);
    }

    @SuppressWarnings("unchecked")
    private MessageHandler.Partial<ByteBuffer> binaryHandler() {
        ArgumentCaptor<MessageHandler.Partial<ByteBuffer>> handler =
                ArgumentCaptor.forClass(MessageHandler.Partial.class);
        verify(session).addMessageHandler(eq(ByteBuffer.class), handler.capture());
        return handler.getValue();
    }

    @Test
    void configurations_are_independent() {
        ServerEndpointConfig one = RoomEndpoint.at("/rooms", rooms);
        ServerEndpointConfig two = RoomEndpoint.at("/rooms", rooms);
        assertEquals("/rooms", one.getPath());
        assertSame(RoomEndpoint.class, one.getEndpointClass());
        assertEquals(false, one.getConfigurator() == two.getConfigurator());
    }

    @Test
    void the_containers_limit_is_set_and_is_not_smaller_than_the_hubs() {
        open(null, null);
        ArgumentCaptor<Integer> bytes = ArgumentCaptor.forClass(Integer.class);
        verify(session).setMaxTextMessageBufferSize(bytes.capture());
        assertEquals(true, bytes.getValue() >= 64 * 1024 && bytes.getValue() < 128 * 1024);
        verify(session, never()).setMaxIdleTimeout(anyInt());
    }

    @Test
    void an_open_session_is_welcomed_and_a_closed_one_forgotten() {
        open(null, null);
        assertEquals(1, rooms.stats().connections());
        await().until(() -> sent.stream().anyMatch(text -> text.contains("welcome")));
        endpoint.onClose(session, new CloseReason(CloseCodes.GOING_AWAY, ""));
        endpoint.onClose(session, new CloseReason(CloseCodes.GOING_AWAY, ""));
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void binary_in_parts_is_answered_once_and_too_much_of_it_closes() throws IOException {
        open(null, null);
        MessageHandler.Partial<ByteBuffer> binary = binaryHandler();
        binary.onMessage(ByteBuffer.allocate(40_000), false);
        assertEquals(0, errors());
        binary.onMessage(ByteBuffer.allocate(20_000), true);
        assertEquals(1, errors());
        binary.onMessage(ByteBuffer.allocate(60_000), true);
        assertEquals(2, errors());
        binary.onMessage(ByteBuffer.allocate(60_000), false);
        binary.onMessage(ByteBuffer.allocate(10_000), false);
        ArgumentCaptor<CloseReason> reason = ArgumentCaptor.forClass(CloseReason.class);
        verify(session, timeout(5000)).close(reason.capture());
        assertEquals(1009, reason.getValue().getCloseCode().getCode());
    }

    private long errors() {
        return sent.stream().filter(text -> text.contains("bad_request")).count();
    }

    @Test
    void an_error_changes_nothing() {
        open(null, null);
        endpoint.onError(session, new IllegalStateException("on purpose"));
        endpoint.onError(session, new OutOfMemoryError("on purpose"));
        assertEquals(1, rooms.stats().connections());
    }

    @Test
    void what_comes_before_the_opening_is_harmless() {
        endpoint.onError(session, new IllegalStateException("on purpose"));
        endpoint.onClose(session, new CloseReason(CloseCodes.CLOSED_ABNORMALLY, ""));
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void a_session_whose_handshake_was_refused_is_closed_with_the_code_of_the_status() throws IOException {
        open(new Refusal(503, "on purpose"), mock(Link.class));
        assertEquals(4503, closeCode());
        assertEquals(0, rooms.stats().connections());
    }

    private int closeCode() throws IOException {
        ArgumentCaptor<CloseReason> reason = ArgumentCaptor.forClass(CloseReason.class);
        verify(session, timeout(5000)).close(reason.capture());
        return reason.getValue().getCloseCode().getCode();
    }

    /** Tomcat let each write inherit the second that a ping may take: a member that stalled for two was cut. */
    @Test
    void a_write_has_more_time_than_the_hub_gives_it() {
        open(null, null);
        verify(remote).setSendTimeout(Limit.WRITE_DEADLINE.defaultValue() + Limit.CLOSE_DEADLINE.defaultValue());
    }

    @Test
    void a_session_whose_handshake_was_lost_is_closed() throws IOException {
        endpoint.onOpen(session, config);
        assertEquals(1011, closeCode());
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void a_session_that_cannot_be_set_up_is_closed() throws IOException {
        when(session.isSecure()).thenThrow(new IllegalStateException("on purpose"));
        open(null, null);
        assertEquals(1011, closeCode());
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void in_a_container_that_gives_no_way_to_cut_a_session_is_closed_on_another_thread() throws IOException {
        Thread[] closer = new Thread[1];
        doAnswer(call -> {
                    closer[0] = Thread.currentThread();
                    return null;
                })
                .when(session)
                .close(any());
        hardCut.cut(session);
        verify(session, timeout(5000).times(1)).close(any());
        await().until(() -> closer[0] != null);
        assertEquals("roomcast-errand", closer[0].getName());
        verify(session, atLeastOnce()).getAsyncRemote();
    }
}

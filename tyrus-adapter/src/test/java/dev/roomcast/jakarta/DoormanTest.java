package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.roomcast.Rooms;
import dev.roomcast.transport.Handshake;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.Principal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a container that is not Tyrus: all there is to go by is the API. */
class DoormanTest {

    private final Rooms rooms = Rooms.builder().build();
    private final Rooms listed =
            Rooms.builder().allowedOrigins("https://app.example.com").build();
    private final ServerEndpointConfig config = mock(ServerEndpointConfig.class);
    private final HandshakeRequest request = mock(HandshakeRequest.class);
    private final HandshakeResponse response = mock(HandshakeResponse.class);
    private final Session session = mock(Session.class);
    private final Map<String, Object> properties = new HashMap<>();

    @AfterEach
    void close() {
        rooms.close();
        listed.close();
    }

    private void comes(Map<String, List<String>> headers) {
        when(config.getUserProperties()).thenReturn(properties);
        when(session.getUserProperties()).thenReturn(properties);
        when(request.getHeaders()).thenReturn(headers);
        when(request.getQueryString()).thenReturn("room=lobby");
    }

    @Test
    void an_origin_that_no_host_could_make_right_is_refused_at_once() {
        Doorman sameOrigin = new Doorman(rooms, "/rooms");
        assertTrue(sameOrigin.checkOrigin(null));
        assertTrue(sameOrigin.checkOrigin("http://whatever.example:8080"));
        assertFalse(sameOrigin.checkOrigin("null"));
        assertFalse(sameOrigin.checkOrigin("nonsense"));
        assertFalse(sameOrigin.checkOrigin(""));
        Doorman ofList = new Doorman(listed, "/rooms");
        assertTrue(ofList.checkOrigin(null));
        assertTrue(ofList.checkOrigin("https://app.example.com"));
        assertFalse(ofList.checkOrigin("https://evil.example"));
        assertFalse(ofList.checkOrigin("http://app.example.com"));
    }

    @Test
    void a_foreign_page_is_stopped_by_an_exception() {
        comes(Map.of("Host", List.of("app.example.com"), "Origin", List.of("http://evil.example")));
        assertThrows(
                Doorman.Refused.class, () -> new Doorman(rooms, "/rooms").modifyHandshake(config, request, response));
        assertTrue(Arrival.of(session).orElseThrow().refusal().isPresent());
    }

    @Test
    void everything_the_request_says_reaches_the_handshake() {
        Principal ann = () -> "ann";
        comes(Map.of(
                "Host", List.of("app.example.com"),
                "Origin", List.of("https://app.example.com"),
                "X-Tag", List.of("1", "2")));
        when(request.getUserPrincipal()).thenReturn(ann);
        properties.put("jakarta.websocket.endpoint.remoteAddress", new InetSocketAddress("192.0.2.7", 4711));
        new Doorman(rooms, "/rooms").modifyHandshake(config, request, response);
        when(session.isSecure()).thenReturn(true);
        Handshake handshake = Arrival.of(session).orElseThrow().completedBy(session);
        assertEquals(Optional.of("lobby"), handshake.parameter("room"));
        assertEquals(List.of("1", "2"), handshake.headerValues("x-tag"));
        assertEquals(Optional.of(ann), handshake.principal());
        assertEquals(Optional.of("192.0.2.7"), handshake.remoteAddress());
        assertTrue(handshake.isSecure());
    }

    /** The container's own decoding made the same name of two malformed ones. */
    @ParameterizedTest
    @ValueSource(strings = {"user=%zz", "user=%ff", "user=%c3", "user=z\u00f6e"})
    void a_malformed_query_is_refused_with_400(String query) {
        comes(Map.of());
        when(request.getQueryString()).thenReturn(query);
        assertThrows(
                Doorman.Refused.class, () -> new Doorman(rooms, "/rooms").modifyHandshake(config, request, response));
        assertEquals(
                400, Arrival.of(session).orElseThrow().refusal().orElseThrow().status());
    }

    /** In Jetty the query string is decoded, so {@code 100%25} would be malformed and {@code a%26b} two parameters. */
    @Test
    void the_query_of_the_uri_counts_before_one_that_may_be_decoded() {
        comes(Map.of());
        when(request.getRequestURI()).thenReturn(URI.create("ws://app.example.com/rooms?user=100%25&room=a%26b"));
        when(request.getQueryString()).thenReturn("user=100%&room=a&b");
        new Doorman(rooms, "/rooms").modifyHandshake(config, request, response);
        Handshake handshake = Arrival.of(session).orElseThrow().completedBy(session);
        assertEquals(Optional.of("100%"), handshake.parameter("user"));
        assertEquals(Optional.of("a&b"), handshake.parameter("room"));
        assertFalse(handshake.isSecure());
    }

    @Test
    void a_variable_of_the_path_is_a_parameter_too_and_nothing_else_of_the_containers_is() {
        comes(Map.of());
        when(request.getParameterMap()).thenReturn(Map.of("room", List.of("hall"), "user", List.of("eve")));
        new Doorman(rooms, "/rooms/{room}").modifyHandshake(config, request, response);
        Handshake handshake = Arrival.of(session).orElseThrow().completedBy(session);
        assertEquals(Optional.of("hall"), handshake.parameter("room"));
        assertEquals(Optional.empty(), handshake.parameter("user"));
    }

    @Test
    void a_page_without_tls_opens_nothing_over_tls() {
        comes(Map.of("Host", List.of("app.example.com"), "Origin", List.of("http://app.example.com")));
        when(request.getRequestURI()).thenReturn(URI.create("wss://app.example.com/rooms?room=lobby"));
        assertThrows(
                Doorman.Refused.class, () -> new Doorman(rooms, "/rooms").modifyHandshake(config, request, response));
    }

    @Test
    void a_principal_that_only_the_session_knows_reaches_it_too() {
        Principal ann = () -> "ann";
        comes(Map.of());
        new Doorman(rooms, "/rooms").modifyHandshake(config, request, response);
        when(session.getUserPrincipal()).thenReturn(ann);
        assertEquals(
                Optional.of(ann),
                Arrival.of(session).orElseThrow().completedBy(session).principal());
    }

    @Test
    void each_connection_gets_an_endpoint_of_its_own() throws InstantiationException {
        Doorman doorman = new Doorman(rooms, "/rooms");
        assertTrue(doorman.getEndpointInstance(RoomEndpoint.class) != doorman.getEndpointInstance(RoomEndpoint.class));
        assertThrows(InstantiationException.class, () -> doorman.getEndpointInstance(String.class));
    }
}

package com.example.loadtest;

import dev.roomcast.jakarta.RoomServer;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** One room that speaks {@code roomcast.v1}: always so many messages in a frame, each on a line of its own. */
final class LinesServer implements AutoCloseable {

    private final int together;
    private final RoomServer server;

    // Guarded by this.
    private final List<Session> members = new ArrayList<>();
    private final List<String> waiting = new ArrayList<>();

    LinesServer(int together) throws IOException {
        this.together = together;
        this.server = RoomServer.builder()
                .port(0)
                .endpoint(ServerEndpointConfig.Builder.create(Door.class, "/rooms")
                        .subprotocols(List.of(Handshake.V1))
                        .configurator(new ServerEndpointConfig.Configurator() {
                            @Override
                            public <T> T getEndpointInstance(Class<T> type) {
                                return type.cast(new Door());
                            }
                        })
                        .build())
                .start();
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    private synchronized void joined(Session session) {
        members.add(session);
        send(session, "{\"type\":\"welcome\"}\n{\"type\":\"joined\"}");
    }

    private synchronized void said(String text) {
        waiting.add(text);
        if (waiting.size() == together) {
            String frame = String.join("\n", waiting);
            waiting.clear();
            members.stream().filter(Session::isOpen).forEach(member -> send(member, frame));
        }
    }

    private static void send(Session session, String text) {
        try {
            session.getBasicRemote().sendText(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Public because Tyrus calls it by reflection. */
    public final class Door extends Endpoint {

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text -> said(text));
            joined(session);
        }
    }
}

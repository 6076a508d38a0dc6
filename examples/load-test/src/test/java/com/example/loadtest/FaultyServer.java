package com.example.loadtest;

import dev.roomcast.jakarta.RoomServer;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A room that does one thing wrong to one of its members, once. */
final class FaultyServer implements AutoCloseable {

    enum Fault {
        LOSE,
        DOUBLE,
        SWAP,
        CLOSE
    }

    private static final String VICTIM = "u3";
    private static final int WHEN = 20;

    private final Fault fault;
    private final RoomServer server;

    // Guarded by this.
    private final Map<String, Session> members = new LinkedHashMap<>();
    private int said;
    private String kept;

    FaultyServer(Fault fault) throws IOException {
        this.fault = fault;
        this.server = RoomServer.builder()
                .port(0)
                .endpoint(ServerEndpointConfig.Builder.create(Door.class, "/rooms")
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

    private synchronized void joined(String user, Session session) {
        members.put(user, session);
        send(session, "{\"type\":\"user_joined\",\"userId\":\"" + user + "\"}");
    }

    private synchronized void left(String user) {
        members.remove(user);
    }

    private synchronized void said(String text) {
        said++;
        for (Map.Entry<String, Session> member : Map.copyOf(members).entrySet()) {
            if (member.getKey().equals(VICTIM)) {
                sendToVictim(member.getValue(), text);
            } else {
                send(member.getValue(), text);
            }
        }
    }

    private void sendToVictim(Session session, String text) {
        if (kept != null) {
            send(session, text);
            send(session, kept);
            kept = null;
        } else if (said != WHEN) {
            send(session, text);
        } else {
            switch (fault) {
                case LOSE -> {}
                case DOUBLE -> {
                    send(session, text);
                    send(session, text);
                }
                case SWAP -> kept = text;
                case CLOSE -> {
                    send(session, text);
                    close(session);
                }
            }
        }
    }

    private static void close(Session session) {
        try {
            session.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

        private String user;

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            user = session.getRequestParameterMap().get("user").get(0);
            session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text -> said(text));
            joined(user, session);
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            left(user);
        }
    }
}

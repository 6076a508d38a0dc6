package com.example.loadtest.peers;

import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/**
 * The room loop as one writes it with care on Tyrus: {@code getAsyncRemote().sendText} to each member, one send of a session
 * at a time, so that order holds and a slow member has a queue.
 */
public final class TyrusPeer implements AutoCloseable {

    private final Map<String, TyrusRoom> rooms = new ConcurrentHashMap<>();
    private final TyrusServerContainer container;

    private TyrusPeer() throws IOException {
        container = (TyrusServerContainer) ServerContainerFactory.createServerContainer(Map.of());
        try {
            container.addEndpoint(ServerEndpointConfig.Builder.create(Door.class, "/rooms")
                    .configurator(new ServerEndpointConfig.Configurator() {
                        @Override
                        public <T> T getEndpointInstance(Class<T> type) {
                            return type.cast(new Door());
                        }
                    })
                    .build());
            container.start("/", 0);
        } catch (DeploymentException e) {
            throw new IOException(e);
        }
    }

    /** Starts listening on a port that is free; Tyrus listens on all addresses. */
    public static TyrusPeer start() throws IOException {
        return new TyrusPeer();
    }

    public int port() {
        return container.getPort();
    }

    @Override
    public void close() {
        container.stop();
    }

    /** Public because Tyrus calls it by reflection. */
    public final class Door extends Endpoint {

        private Door() {}

        private TyrusRoom room;
        private TyrusMember member;

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            String name = session.getRequestParameterMap().get("room").get(0);
            member = new TyrusMember(
                    session, session.getRequestParameterMap().get("user").get(0));
            room = rooms.computeIfAbsent(name, TyrusRoom::new);
            session.addMessageHandler(new MessageHandler.Whole<String>() {
                @Override
                public void onMessage(String text) {
                    room.said(member, text);
                }
            });
            room.join(member);
        }

        @Override
        public void onError(Session session, Throwable failure) {
            System.err.println("A session failed: " + failure);
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            room.leave(member);
        }
    }

    public static void main(String... args) throws IOException {
        Peer.quieten();
        Peer.serveUntilInputEnds(start().port());
    }
}

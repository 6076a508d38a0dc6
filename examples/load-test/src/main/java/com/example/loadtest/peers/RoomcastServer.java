package com.example.loadtest.peers;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.io.IOException;

/**
 * Roomcast as it is measured: its standalone server, in memory, with all defaults but one. The rates are raised, since they
 * are there to stop what a load test does.
 */
public final class RoomcastServer implements AutoCloseable {

    private static final Rate UNLIMITED = new Rate(1e9, 1_000_000_000);

    private final Rooms rooms = Rooms.builder()
            .rate(UNLIMITED)
            .userRate(UNLIMITED)
            .handshakes(UNLIMITED)
            .build();
    private final RoomServer server;

    private RoomcastServer() throws IOException {
        server = RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .start();
    }

    /** Starts listening on a port that is free. */
    public static RoomcastServer start() throws IOException {
        return new RoomcastServer();
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        rooms.close();
        server.close();
    }

    public static void main(String... args) throws IOException {
        Peer.quieten();
        Peer.serveUntilInputEnds(start().port());
    }
}

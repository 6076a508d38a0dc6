package com.example.chat;

import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A hub of rooms at {@code /rooms} and the page that talks to it at {@code /}. */
final class ChatServer implements AutoCloseable {

    private final Rooms rooms;
    private final RoomServer server;

    private ChatServer(Rooms rooms, RoomServer server) {
        this.rooms = rooms;
        this.server = server;
    }

    static ChatServer start(RoomsBuilder settings, String host, int port) throws IOException {
        Rooms rooms = settings.build();
        try {
            RoomServer server = RoomServer.builder()
                    .host(host)
                    .port(port)
                    .endpoint(RoomEndpoint.at("/rooms", rooms))
                    .resources("web")
                    // Counts in a header only; all else of the policy stands in the page.
                    .header("Content-Security-Policy", "frame-ancestors 'none'")
                    // The address of a room, and a name in it, are nobody else's business.
                    .header("Referrer-Policy", "no-referrer")
                    .start();
            return new ChatServer(rooms, server);
        } catch (IOException | RuntimeException failed) {
            rooms.close();
            throw failed;
        }
    }

    URI uri() {
        return server.uri();
    }

    /** Tells the end of the server: exceptionally, if it has failed. */
    CompletionStage<Void> closed() {
        return server.closed();
    }

    /** Sends everyone away, one after the other within a time, while the server still answers. */
    void drain(Duration time) {
        rooms.close(time);
    }

    /** Tells everyone that the server goes away, and then goes. */
    @Override
    public void close() {
        rooms.close();
        server.close();
    }
}

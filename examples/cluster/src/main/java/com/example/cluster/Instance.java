package com.example.cluster;

import dev.roomcast.Connection;
import dev.roomcast.Observer;
import dev.roomcast.Rooms;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import dev.roomcast.redis.RedisBridge;
import java.io.IOException;

/**
 * One instance of the application, as a process of its own: {@code Instance NAME REDIS ORIGIN}. Its first line says its port;
 * it ends when its standard input does.
 */
final class Instance {

    private Instance() {}

    public static void main(String... args) throws IOException {
        String name = args[0];
        Rooms rooms = Rooms.builder()
                .bridge(RedisBridge.connect(args[1]))
                .allowedOrigins(args[2])
                .observer(new Observer() {
                    @Override
                    public void onOpen(Connection connection) {
                        connection.send("instance", name);
                    }
                })
                .build();
        try (rooms;
                RoomServer server = RoomServer.builder()
                        .port(0)
                        .endpoint(RoomEndpoint.at("/rooms", rooms))
                        .start()) {
            System.out.println("port " + server.uri().getPort());
            while (System.in.read() >= 0) {
                // Whoever started it is still there.
            }
        }
    }
}

package dev.roomcast.instances;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import dev.roomcast.redis.RedisBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * One instance of a server: a hub on Redis behind a socket, with rates that no test reaches, a history that no test exceeds,
 * and presence that is told one by one. In this JVM, or as a program {@code Instance REDIS PORT} that says its port and ends
 * with its input.
 */
final class Instance implements AutoCloseable {

    private final Rooms rooms;
    private final RoomServer server;

    private Instance(String redis, int port) throws IOException {
        rooms = hub(redis);
        server = RoomServer.builder()
                .port(port)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .start();
    }

    static Instance start(String redis, int port) {
        try {
            return new Instance(redis, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A hub as that of each instance. */
    static Rooms hub(String redis) {
        Rate noRate = new Rate(1_000_000, 1_000_000);
        return Rooms.builder()
                .bridge(RedisBridge.connect(redis))
                .rate(noRate)
                .userRate(noRate)
                .handshakes(noRate)
                .limit(Limit.PRESENCE_MEMBERS, 1000)
                .history(new HistoryLimits(1_000_000, Duration.ofMinutes(30), 256L << 20))
                .build();
    }

    int port() {
        return server.port();
    }

    Rooms rooms() {
        return rooms;
    }

    /** Lets its clients go one after the other, as a deployment does, and ends. */
    void drain(Duration grace) {
        rooms.close(grace);
        server.close();
    }

    @Override
    public void close() {
        rooms.close();
        server.close();
    }

    public static void main(String... args) throws IOException {
        try (Instance instance = start(args[0], Integer.parseInt(args[1]))) {
            System.out.println("port " + instance.port());
            while (System.in.read() >= 0) {
                // Whoever started it is still there.
            }
        }
    }
}

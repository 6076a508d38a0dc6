package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.Stats;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A hub behind a server on a free port, with a rate that no test reaches and a grace that no test waits for. */
public final class Site implements AutoCloseable {

    private final Rooms rooms;
    private final RoomServer server;

    private Site(Rooms rooms) {
        this.rooms = rooms;
        try {
            this.server = RoomServer.builder()
                    .port(0)
                    .endpoint(RoomEndpoint.at("/rooms", rooms))
                    .resources("web")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Site open() {
        return open(builder -> builder);
    }

    public static Site open(UnaryOperator<RoomsBuilder> settings) {
        RoomsBuilder builder = Rooms.builder()
                .rate(new Rate(1_000_000, 1_000_000))
                .handshakes(new Rate(1_000_000, 1_000_000))
                .heartbeat(Duration.ofSeconds(5))
                .limit(Limit.GRACE, 50)
                .history(new HistoryLimits(256, Duration.ofMillis(50), 1 << 20));
        return new Site(settings.apply(builder).build());
    }

    public Rooms rooms() {
        return rooms;
    }

    public RoomServer server() {
        return server;
    }

    public int port() {
        return server.port();
    }

    public Stats stats() {
        return rooms.stats();
    }

    /** Waits until the hub holds no connection. */
    public void awaitNoConnections() {
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertEquals(0, rooms.stats().connections(), "connections"));
    }

    /** Waits until nothing of any client is left. */
    public void awaitEmpty() {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> {
                    Stats stats = rooms.stats();
                    assertEquals(0, stats.connections(), "connections");
                    assertEquals(0, stats.rooms(), "rooms");
                    assertEquals(0, stats.memberships(), "memberships");
                    assertEquals(0, stats.timers(), "timers");
                });
    }

    @Override
    public void close() {
        rooms.close();
        server.close();
    }
}

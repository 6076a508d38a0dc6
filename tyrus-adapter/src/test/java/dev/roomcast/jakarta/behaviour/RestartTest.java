package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A server that is closed and started again at its port, under clients that never cease to come.
 *
 * <p>The bugs: a socket that was accepted while the server closed was neither answered nor closed, and its client waited for
 * as long as it was willing to; and the port was free only some time after the close.
 */
class RestartTest {

    private static final int RESTARTS = Boolean.parseBoolean(System.getenv("ROOMCAST_THOROUGH")) ? 400 : 40;
    private static final int COMERS = 6;

    /** Milliseconds; what is not answered then never is. */
    private static final int PATIENCE = 8_000;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger upgraded = new AtomicInteger();
    private final AtomicInteger sentAway = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    @Test
    void whoever_comes_is_let_in_or_sent_away_and_never_left_waiting() throws Exception {
        int port = serve(0, 0);
        List<Thread> comers = new ArrayList<>();
        for (int i = 0; i < COMERS; i++) {
            Thread comer = new Thread(() -> comeAgainAndAgain(port), "comer-" + i);
            comer.start();
            comers.add(comer);
        }
        try {
            for (int i = 1; i <= RESTARTS; i++) {
                serve(port, 10 * i);
            }
        } finally {
            over.set(true);
            for (Thread comer : comers) {
                comer.join();
            }
        }
        System.out.println(
                RESTARTS + " restarts: " + upgraded + " let in, " + sentAway + " sent away, " + left + " left waiting");
        assertEquals(0, left.get(), "left waiting");
        assertTrue(upgraded.get() > RESTARTS && sentAway.get() > 0);
    }

    /** Serves until so many have been let in. The port must be free again at once. */
    private int serve(int port, int until) throws IOException {
        try (Rooms rooms = Rooms.builder()
                        .handshakes(new Rate(1_000_000, 1_000_000))
                        .build();
                RoomServer server = RoomServer.builder()
                        .port(port)
                        .endpoint(RoomEndpoint.at("/rooms", rooms))
                        .start()) {
            while (upgraded.get() < until && left.get() == 0) {
                LockSupport.parkNanos(50_000);
            }
            return server.port();
        }
    }

    private void comeAgainAndAgain(int port) {
        byte[] request = ("GET /rooms?room=lobby&user=ann HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
                        + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        while (!over.get()) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(PATIENCE);
                // Its own address, so that it cannot be connected with itself while nobody listens.
                socket.bind(new InetSocketAddress("127.0.0.2", 0));
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE);
                socket.getOutputStream().write(request);
                byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 101".length());
                boolean isIn = new String(status, StandardCharsets.US_ASCII).endsWith(" 101");
                (isIn ? upgraded : sentAway).incrementAndGet();
            } catch (SocketTimeoutException never) {
                left.incrementAndGet();
            } catch (IOException refused) {
                sentAway.incrementAndGet();
            }
        }
    }
}

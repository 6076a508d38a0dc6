package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.jakarta.behaviour.RawClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a server ends, and who sees it. */
@Timeout(60)
class RoomServerEndTest {

    private static RoomServer serve(Rooms rooms) throws IOException {
        return RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .start();
    }

    @Test
    void one_that_is_closed_says_so() throws Exception {
        try (Rooms rooms = Rooms.builder().build()) {
            RoomServer server = serve(rooms);
            CompletableFuture<?> closed = server.closed().toCompletableFuture();
            assertFalse(closed.isDone());
            server.close();
            closed.get(10, TimeUnit.SECONDS);
        }
    }

    /** It went on accepting and answered nobody, for ever. */
    @Test
    void one_whose_selector_has_ended_says_so_and_ends_all_that_depends_on_it() throws Exception {
        try (LogWatch log = LogWatch.start();
                Rooms rooms = Rooms.builder().build()) {
            RoomServer server = serve(rooms);
            int port = server.port();
            try (RawClient ann = RawClient.connect(port, "room=lobby&user=ann")) {
                ann.nextContaining("user_joined");
                OutOfMemoryError cause = new OutOfMemoryError("not really");
                server.fail(cause);
                assertEquals(1006, ann.expectClose());
                ExecutionException failed = assertThrows(
                        ExecutionException.class,
                        () -> server.closed().toCompletableFuture().get(20, TimeUnit.SECONDS));
                assertInstanceOf(IllegalStateException.class, failed.getCause());
                assertEquals(cause, failed.getCause().getCause());
                assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
                await().until(() -> rooms.stats().connections() == 0);
                assertTrue(log.lines().stream().anyMatch(line -> line.contains("a thread of it has ended")));
            }
            server.close();
        }
    }

    @Test
    void one_that_closes_while_clients_come_and_go_logs_nothing() throws Exception {
        try (LogWatch log = LogWatch.start()) {
            for (int round = 0; round < 20; round++) {
                Rooms rooms = Rooms.builder().build();
                RoomServer server = serve(rooms);
                List<RawClient> clients = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    clients.add(RawClient.connect(server.port(), "room=lobby&user=u" + i));
                    clients.add(RawClient.dial(server.port()));
                }
                CompletableFuture<Void> leaving = CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < clients.size(); i++) {
                                if (i % 3 == 0) {
                                    clients.get(i).vanish();
                                } else {
                                    leave(clients.get(i));
                                }
                            }
                        },
                        task -> new Thread(task).start());
                if (round % 2 == 0) {
                    rooms.close();
                }
                server.close();
                leaving.get(20, TimeUnit.SECONDS);
                clients.forEach(RawClient::close);
                rooms.close();
            }
            log.assertEmpty();
        }
    }

    private static void leave(RawClient client) {
        try {
            client.send(RawClient.FIN | RawClient.CLOSE, new byte[] {3, (byte) 0xe8});
        } catch (AssertionError gone) {
            // The server was quicker.
        }
        client.close();
    }
}

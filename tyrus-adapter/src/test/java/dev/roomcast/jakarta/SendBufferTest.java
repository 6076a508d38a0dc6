package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.jakarta.behaviour.RawClient;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel takes for a client that does not read, before a write has to wait. */
@Timeout(60)
class SendBufferTest {

    private static final int WRITE_BYTES = 8 * 1024;
    private static final AtomicInteger TAKEN = new AtomicInteger();

    public static final class Sender extends Endpoint {

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            send(session);
        }

        private static void send(Session session) {
            session.getAsyncRemote().sendBinary(ByteBuffer.allocate(WRITE_BYTES), result -> {
                if (result.isOK() && TAKEN.addAndGet(WRITE_BYTES) < 64 << 20) {
                    Thread next = new Thread(() -> send(session), "roomcast-test-sender");
                    next.start();
                }
            });
        }
    }

    /** Left alone it was 1.6 MB here, and 3.5 MB with a client whose own buffer grows. */
    @Test
    void it_is_no_more_than_the_send_buffer() throws IOException {
        try (RoomServer server = RoomServer.builder()
                        .port(0)
                        .endpoint(ServerEndpointConfig.Builder.create(Sender.class, "/rooms")
                                .build())
                        .start();
                RawClient deaf = RawClient.dialNarrow(server.port()).upgrade("")) {
            AtomicInteger before = new AtomicInteger(-1);
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> before.getAndSet(TAKEN.get()) == TAKEN.get());
            int taken = TAKEN.get();
            System.out.printf("%d KB were taken for a client that reads nothing%n", taken / 1024);
            assertTrue(taken > WRITE_BYTES, () -> taken + " bytes");
            assertTrue(taken < 3 * SocketOptions.SEND_BUFFER_BYTES, () -> taken + " bytes");
            deaf.vanish();
        }
    }
}

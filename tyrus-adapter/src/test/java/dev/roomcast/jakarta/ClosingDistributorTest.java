package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.nio.RegisterChannelResult;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransportBuilder;
import org.junit.jupiter.api.Test;

class ClosingDistributorTest {

    @Test
    void a_socket_that_comes_when_the_selectors_have_ended_is_closed() throws IOException {
        TCPNIOTransport transport = TCPNIOTransportBuilder.newInstance().build();
        ClosingDistributor distributor = new ClosingDistributor(transport);
        transport.setNIOChannelDistributor(distributor);
        transport.start();
        transport.shutdownNow();
        CompletableFuture<Throwable> fault = new CompletableFuture<>();
        try (SocketChannel late = SocketChannel.open()) {
            distributor.registerChannelAsync(
                    late, SelectionKey.OP_READ, late, new EmptyCompletionHandler<RegisterChannelResult>() {
                        @Override
                        public void failed(Throwable cause) {
                            fault.complete(cause);
                        }
                    });
            assertTrue(fault.isDone());
            assertFalse(late.isOpen());
        }
    }
}

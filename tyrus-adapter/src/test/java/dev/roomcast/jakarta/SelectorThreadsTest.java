package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransportBuilder;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A selector when there is no memory left: what it does fails, and so does the logging of that. (The errors are thrown here;
 * real ones would hit the test, too.)
 */
@Timeout(60)
class SelectorThreadsTest {

    private static final Logger SELECTOR_LOG = Logger.getLogger("org.glassfish.grizzly.nio.SelectorRunner");

    private final AtomicInteger failuresAhead = new AtomicInteger();
    private final AtomicReference<Throwable> ended = new AtomicReference<>();
    private final SelectorThreads threads = new SelectorThreads(1, ended::set);
    private final TCPNIOTransport transport = TCPNIOTransportBuilder.newInstance()
            .setIOStrategy(new FailingStrategy())
            .build();
    private final Handler noMemoryForTheLog = new NoMemory();
    private int port;

    /** The one of Grizzly, failing as often as it is told to. */
    @SuppressWarnings("rawtypes")
    private final class FailingStrategy implements org.glassfish.grizzly.IOStrategy {

        private final SameThreadIOStrategy real = SameThreadIOStrategy.getInstance();

        @Override
        public boolean executeIoEvent(Connection connection, IOEvent event) throws IOException {
            return executeIoEvent(connection, event, true);
        }

        @Override
        public boolean executeIoEvent(Connection connection, IOEvent event, boolean enabled) throws IOException {
            if (event == IOEvent.READ && failuresAhead.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                throw new OutOfMemoryError("not really");
            }
            return real.executeIoEvent(connection, event, enabled);
        }

        @Override
        public java.util.concurrent.Executor getThreadPoolFor(Connection connection, IOEvent event) {
            return real.getThreadPoolFor(connection, event);
        }

        @Override
        public org.glassfish.grizzly.threadpool.ThreadPoolConfig createDefaultWorkerPoolConfig(
                org.glassfish.grizzly.Transport of) {
            return real.createDefaultWorkerPoolConfig(of);
        }
    }

    private static final class NoMemory extends Handler {
        @Override
        public void publish(LogRecord logged) {
            throw new OutOfMemoryError("not really");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static final class Echo extends BaseFilter {
        @Override
        public NextAction handleRead(FilterChainContext context) {
            context.write(context.getMessage());
            return context.getStopAction();
        }
    }

    @BeforeEach
    void start() throws IOException {
        SELECTOR_LOG.addHandler(noMemoryForTheLog);
        SELECTOR_LOG.setUseParentHandlers(false);
        transport.setKernelThreadPool(threads);
        transport.setSelectorRunnersCount(1);
        transport.setProcessor(FilterChainBuilder.stateless()
                .add(new TransportFilter())
                .add(new Echo())
                .build());
        port = ((InetSocketAddress) transport
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .getLocalAddress())
                .getPort();
        transport.start();
    }

    @AfterEach
    void stop() throws Exception {
        SELECTOR_LOG.removeHandler(noMemoryForTheLog);
        SELECTOR_LOG.setUseParentHandlers(true);
        transport.shutdownNow();
        threads.shutdownNow();
        assertEquals(true, threads.awaitTermination(10, TimeUnit.SECONDS));
    }

    private void isAnswered() throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(10_000);
            client.getOutputStream().write('x');
            assertEquals('x', client.getInputStream().read());
        }
    }

    @Test
    void one_that_fails_goes_on() throws IOException {
        isAnswered();
        failuresAhead.set(SelectorThreads.MOST_FAILURES);
        try (Socket unlucky = new Socket(InetAddress.getLoopbackAddress(), port)) {
            unlucky.getOutputStream().write('x');
            await().until(() -> failuresAhead.get() == 0);
        }
        isAnswered();
        assertNull(ended.get());
    }

    @Test
    void one_that_fails_again_and_again_is_given_up_and_that_is_told() throws IOException {
        failuresAhead.set(Integer.MAX_VALUE);
        try (Socket unlucky = new Socket(InetAddress.getLoopbackAddress(), port)) {
            unlucky.getOutputStream().write('x');
            await().until(() -> ended.get() != null);
        }
        assertInstanceOf(OutOfMemoryError.class, ended.get());
    }
}

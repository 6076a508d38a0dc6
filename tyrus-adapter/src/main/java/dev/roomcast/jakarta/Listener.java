package dev.roomcast.jakarta;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransportBuilder;
import org.glassfish.grizzly.threadpool.Threads;
import org.jspecify.annotations.Nullable;

/**
 * One listening port: a transport of Grizzly's with {@link HttpFilter} at the end of its chain. Handlers run on worker
 * threads, which may block; the selector threads only move bytes.
 */
final class Listener implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");
    private static final int READ_BUFFER_BYTES = 16 * 1024;
    private static final int CLOSE_SECONDS = 5;

    private final String host;
    private final int port;
    private final RoomContainer container = new RoomContainer();
    private final ExecutorService selectors;
    private final ExecutorService workers;
    private final TCPNIOTransport transport;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private volatile @Nullable Throwable failure;

    /**
     * Starts listening.
     *
     * @param idleSeconds a client that has connected is dropped after this unless it has said a request by then; one that is
     *     upgraded never
     */
    Listener(String host, int port, List<ServerEndpointConfig> endpoints, StaticFiles files, int idleSeconds)
            throws IOException {
        this.host = host;
        int cores = Runtime.getRuntime().availableProcessors();
        this.selectors = new SelectorThreads(cores, this::fail);
        this.workers = workers(Math.max(4, cores * 2));
        this.transport = transport(cores);
        try {
            for (ServerEndpointConfig endpoint : endpoints) {
                container.register(endpoint);
            }
            transport.setProcessor(chain(files, idleSeconds));
            var bound = transport.bind(new InetSocketAddress(host, port));
            this.port = ((InetSocketAddress) bound.getLocalAddress()).getPort();
            transport.start();
        } catch (DeploymentException unusable) {
            close();
            throw new IllegalArgumentException("an endpoint is not usable: " + unusable.getMessage(), unusable);
        } catch (BindException taken) {
            close();
            BindException clear =
                    new BindException("cannot listen on port " + port + " of " + host + ": " + taken.getMessage());
            clear.initCause(taken);
            throw clear;
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** Completes when it has ended: exceptionally if it was not told to. */
    CompletionStage<@Nullable Void> closed() {
        return closed.minimalCompletionStage();
    }

    private FilterChain chain(StaticFiles files, int idleSeconds) {
        FilterChain sockets = FilterChainBuilder.stateless()
                .add(new TransportFilter())
                .add(new SocketFilter())
                .build();
        WebSocketUpgrade upgrade =
                new WebSocketUpgrade(container.getWebSocketEngine(), container.getScheduledExecutorService());
        HttpFilter http = new HttpFilter(files, upgrade, sockets, workers, idleSeconds);
        http.watch(container.getScheduledExecutorService());
        return FilterChainBuilder.stateless()
                .add(new TransportFilter())
                .add(http)
                .build();
    }

    private TCPNIOTransport transport(int runners) {
        TCPNIOTransport built = TCPNIOTransportBuilder.newInstance()
                .setIOStrategy(new ReadStrategy())
                .setReadBufferSize(READ_BUFFER_BYTES)
                .build();
        built.setKernelThreadPool(selectors);
        built.setWorkerThreadPool(workers);
        built.setChannelConfigurator(new SocketOptions());
        built.setSelectorRunnersCount(runners);
        built.setNIOChannelDistributor(new ClosingDistributor(built));
        return built;
    }

    private static ExecutorService workers(int count) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> SelectorThreads.thread("roomcast-worker", task));
    }

    /** A selector has ended by itself: a part of the connections is served by nobody any more. */
    void fail(Throwable cause) {
        if (closing.compareAndSet(false, true)) {
            IllegalStateException failed = new IllegalStateException("a thread of the server has ended", cause);
            failure = failed;
            // The thread that has found it is one of those that are waited for.
            Thread closer = new Thread(() -> closeFailed(failed), "roomcast-server-end");
            closer.start();
        }
    }

    private void closeFailed(IllegalStateException failed) {
        try {
            LOG.log(System.Logger.Level.ERROR, "The server closes, since a thread of it has ended", failed);
        } finally {
            end(true);
        }
    }

    @Override
    public void close() {
        end(closing.compareAndSet(false, true));
    }

    private void end(boolean first) {
        if (first) {
            try {
                transport.shutdownNow();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "A server could not be shut down", e);
            }
            selectors.shutdownNow();
            workers.shutdown();
        }
        if (!Threads.isService()) {
            awaitEnd();
        }
        if (first) {
            // Now that the sockets are closed: it would say 1000 to those that are open.
            container.stop();
        }
        Throwable cause = failure;
        if (cause == null) {
            closed.complete(null);
        } else {
            closed.completeExceptionally(cause);
        }
    }

    /** The port is free, and the last socket closed, when the selectors have ended, which they do by themselves. */
    private void awaitEnd() {
        try {
            if (!selectors.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "A selector has not ended within {0} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

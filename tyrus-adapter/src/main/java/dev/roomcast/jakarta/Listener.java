package dev.roomcast.jakarta;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.BindException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransportBuilder;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;
import org.glassfish.grizzly.threadpool.Threads;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;

/**
 * One listening port: Grizzly's HTTP server with {@link UpgradeFilter} in its chain and {@link StaticFiles} at its end.
 * Handlers run on worker threads, which may block; the selector threads only move bytes.
 */
final class Listener implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int CLOSE_SECONDS = 5;

    private final String host;
    private final RoomContainer container = new RoomContainer();
    private final HttpServer server = new HttpServer();
    private final NetworkListener network;

    /**
     * Starts listening.
     *
     * @param idleSeconds a client that has connected and says nothing is dropped after this; one that is upgraded never
     */
    Listener(String host, int port, List<ServerEndpointConfig> endpoints, StaticFiles files, int idleSeconds)
            throws IOException {
        this.host = host;
        this.network = new NetworkListener("roomcast", host, port);
        try {
            for (ServerEndpointConfig endpoint : endpoints) {
                container.register(endpoint);
            }
            configure(files, idleSeconds);
            server.start();
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
        return network.getPort();
    }

    private void configure(StaticFiles files, int idleSeconds) {
        network.setTransport(transport());
        network.getKeepAlive().setIdleTimeoutInSeconds(idleSeconds);
        network.setMaxHttpHeaderSize(MAX_HEADER_BYTES);
        network.getFileCache().setEnabled(false);
        network.registerAddOn((listener, chain) -> addUpgrade(chain));
        server.addListener(network);
        server.getServerConfiguration().addHttpHandler(files, "/");
        server.getServerConfiguration().setDefaultErrorPageGenerator((request, status, reason, text, cause) -> reason);
    }

    private void addUpgrade(FilterChainBuilder chain) {
        IdleTimeoutFilter idle = (IdleTimeoutFilter) chain.get(chain.indexOfType(IdleTimeoutFilter.class));
        FilterChain sockets = FilterChainBuilder.stateless()
                .add(new TransportFilter())
                .add(new SocketFilter(idle))
                .build();
        chain.add(
                chain.indexOfType(HttpServerFilter.class),
                new UpgradeFilter(container.getWebSocketEngine(), sockets, container.getScheduledExecutorService()));
    }

    private static TCPNIOTransport transport() {
        int cores = Runtime.getRuntime().availableProcessors();
        TCPNIOTransport transport = TCPNIOTransportBuilder.newInstance()
                .setIOStrategy(new ReadStrategy())
                .setSelectorThreadPoolConfig(pool("roomcast-selector", cores))
                .setWorkerThreadPoolConfig(pool("roomcast-worker", Math.max(4, cores * 2)))
                .build();
        transport.setSelectorRunnersCount(cores);
        transport.setNIOChannelDistributor(new ClosingDistributor(transport));
        return transport;
    }

    private static ThreadPoolConfig pool(String name, int threads) {
        return ThreadPoolConfig.defaultConfig()
                .setPoolName(name)
                .setCorePoolSize(threads)
                .setMaxPoolSize(threads)
                .setDaemon(false);
    }

    @Override
    public void close() {
        ExecutorService selectors = network.getTransport().getKernelThreadPool();
        server.shutdownNow();
        container.stop();
        if (selectors != null && !Threads.isService()) {
            awaitEnd(selectors);
        }
    }

    /** The port is free, and the last socket closed, when the selectors have ended, which they do by themselves. */
    private static void awaitEnd(ExecutorService selectors) {
        try {
            if (!selectors.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "A selector has not ended within {0} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

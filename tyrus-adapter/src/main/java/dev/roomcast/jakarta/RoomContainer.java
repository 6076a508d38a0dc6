package dev.roomcast.jakarta;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;

/**
 * The Tyrus container of one standalone server.
 *
 * <p>Two settings matter. The idle timeout is -1: with the default, 0, Tyrus starts a timer task of no delay for every
 * message in either direction. The incoming buffer is unbounded, because {@link FrameGate} bounds it per endpoint.
 */
final class RoomContainer extends TyrusServerContainer {

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "roomcast-server-timer");
        thread.setDaemon(true);
        return thread;
    });
    private final WebSocketEngine engine = TyrusWebSocketEngine.builder(this)
            .incomingBufferSize(Integer.MAX_VALUE)
            .build();

    RoomContainer() {
        super((Set<Class<?>>) null);
        timer.setRemoveOnCancelPolicy(true);
        setDefaultMaxSessionIdleTimeout(-1);
    }

    @Override
    public void register(Class<?> endpointClass) throws DeploymentException {
        engine.register(endpointClass, "/");
    }

    @Override
    public void register(ServerEndpointConfig config) throws DeploymentException {
        engine.register(config, "/");
    }

    @Override
    public WebSocketEngine getWebSocketEngine() {
        return engine;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return timer;
    }

    @Override
    public Map<String, Object> getProperties() {
        return Map.of();
    }

    @Override
    public void stop() {
        super.stop();
        timer.shutdownNow();
    }
}

package dev.roomcast.jakarta;

import dev.roomcast.Rooms;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.WsWebSocketContainer;
import org.apache.tomcat.websocket.server.WsSci;
import org.jspecify.annotations.Nullable;

/** A stock Tomcat on a free port with the endpoint of a hub at {@code /rooms}, as somebody's application registers it. */
final class TomcatHost implements AutoCloseable {

    private final Tomcat tomcat = new Tomcat();
    private final Rooms rooms;
    private final Connector connector;
    private @Nullable ServerContainer container;

    private TomcatHost(Path base, Rooms rooms, Connector connector) {
        this.rooms = rooms;
        this.connector = connector;
        tomcat.setBaseDir(base.toString());
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
    }

    static TomcatHost start(Path base, Rooms rooms, boolean filtered, Consumer<Connector> settings)
            throws LifecycleException {
        Connector connector = new Connector();
        settings.accept(connector);
        return start(base, rooms, filtered, connector);
    }

    static TomcatHost start(Path base, Rooms rooms, boolean filtered, Connector connector) throws LifecycleException {
        TomcatHost host = new TomcatHost(base, rooms, connector);
        Context context = host.tomcat.addContext("", null);
        context.addServletContainerInitializer(new WsSci(), null);
        context.addServletContainerInitializer((classes, servlets) -> host.register(servlets, filtered), null);
        Tomcat.addServlet(context, "default", new HttpServlet() {});
        context.addServletMappingDecoded("/", "default");
        host.tomcat.start();
        return host;
    }

    private void register(ServletContext servlets, boolean filtered) {
        container = (ServerContainer) servlets.getAttribute(ServerContainer.class.getName());
        // Looks for closes that are not answered every second in place of every ten.
        ((WsWebSocketContainer) container).setProcessPeriod(1);
        try {
            container.addEndpoint(RoomEndpoint.at("/rooms", rooms));
        } catch (DeploymentException e) {
            throw new IllegalStateException(e);
        }
        if (filtered) {
            FilterRegistration.Dynamic filter = servlets.addFilter("rooms", new RoomFilter(rooms));
            filter.setAsyncSupported(true);
            filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/rooms");
        }
    }

    int port() {
        return connector.getLocalPort();
    }

    /** How many sessions the container knows; one that is not closed stays there for ever. */
    int sessions() {
        Object known = PrivateFields.under(Objects.requireNonNull(container), "sessions")
                .orElseThrow();
        return ((Map<?, ?>) known).size();
    }

    @Override
    public void close() throws LifecycleException {
        rooms.close();
        tomcat.stop();
        tomcat.destroy();
    }
}

import org.jspecify.annotations.NullMarked;

/** Rooms as a Jakarta WebSocket endpoint, in a container of yours or in the small server that comes with it. */
@NullMarked
module dev.roomcast.jakarta {
    requires transitive dev.roomcast;
    requires transitive jakarta.websocket;
    requires static transitive jakarta.servlet;
    requires static org.glassfish.grizzly;
    requires static org.glassfish.tyrus.container.grizzly.server;
    requires static org.glassfish.tyrus.core;
    requires static org.glassfish.tyrus.server;
    requires static org.glassfish.tyrus.spi;
    requires static transitive org.jspecify;

    exports dev.roomcast.jakarta;
}

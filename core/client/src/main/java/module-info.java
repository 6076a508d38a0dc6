import org.jspecify.annotations.NullMarked;

/** A client that comes back by itself, on the JDK's own WebSocket. */
@NullMarked
module dev.roomcast.client {
    requires transitive dev.roomcast;
    requires transitive java.net.http;
    requires com.fasterxml.jackson.core;
    requires static transitive org.jspecify;

    exports dev.roomcast.client;
}

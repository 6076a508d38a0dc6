import org.jspecify.annotations.NullMarked;

/** Rooms for any transport: ordered and recoverable broadcast, presence, heartbeats and access control. */
@NullMarked
module dev.roomcast {
    requires com.fasterxml.jackson.databind;
    requires static owasp.encoder;
    requires static transitive org.jspecify;

    exports dev.roomcast;
    exports dev.roomcast.bridge;
    exports dev.roomcast.guard;
    exports dev.roomcast.message;
    exports dev.roomcast.time;
    exports dev.roomcast.transport;
}

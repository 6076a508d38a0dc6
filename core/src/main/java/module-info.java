import org.jspecify.annotations.NullMarked;

/** Rooms for any transport: ordered and recoverable broadcast, presence, heartbeats and access control. */
@NullMarked
@SuppressWarnings("module")
module dev.roomcast {
    requires com.fasterxml.jackson.databind;
    requires static owasp.encoder;
    requires static transitive org.jspecify;

    exports dev.roomcast;
    exports dev.roomcast.bridge;
    exports dev.roomcast.guard;
    // The other modules of the project, which need not be there.
    exports dev.roomcast.log to
            dev.roomcast.jakarta,
            dev.roomcast.redis;
    exports dev.roomcast.message;
    exports dev.roomcast.time;
    exports dev.roomcast.transport;
}

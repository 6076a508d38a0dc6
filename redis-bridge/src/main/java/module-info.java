import org.jspecify.annotations.NullMarked;

/** Fan-out across instances through Redis. The bridge is not there yet: this module is the place it will fill. */
@NullMarked
module dev.roomcast.redis {
    requires transitive dev.roomcast;
    requires lettuce.core;
    requires static transitive org.jspecify;
}

import org.jspecify.annotations.NullMarked;

/** Rooms across several instances, through Redis. */
@NullMarked
module dev.roomcast.redis {
    requires transitive dev.roomcast;
    requires transitive lettuce.core;
    requires io.netty.common;
    requires io.netty.handler;
    // Lettuce cannot do without it, but names no modules.
    requires io.netty.resolver.dns;
    requires io.netty.transport;
    requires static transitive org.jspecify;

    exports dev.roomcast.redis;
}

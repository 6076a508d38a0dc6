package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.jspecify.annotations.Nullable;

/** Hands the bytes of upgraded connections to their {@link GrizzlyLink}. */
final class SocketFilter extends BaseFilter {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));

    private static final Attribute<GrizzlyLink> LINK =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("dev.roomcast.link");

    static void put(Connection<?> connection, GrizzlyLink link) {
        LINK.set(connection, link);
    }

    /** The link of an upgraded connection; null before. */
    static @Nullable GrizzlyLink link(Connection<?> connection) {
        return LINK.get(connection);
    }

    /** Whether what comes over a connection has to be taken by a thread that does nothing else. */
    static boolean mayBlock(Connection<?> connection) {
        GrizzlyLink link = LINK.get(connection);
        return link == null || link.mayBlock();
    }

    @Override
    public NextAction handleRead(FilterChainContext context) {
        Buffer bytes = context.getMessage();
        GrizzlyLink link = LINK.get(context.getConnection());
        if (link != null) {
            receive(link, bytes);
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    /** A failure costs the connection, not the worker. */
    private static void receive(GrizzlyLink link, Buffer bytes) {
        try {
            link.received(bytes.toByteBuffer());
        } catch (RuntimeException | Error failed) {
            link.cut();
            FAULTS.fault(System.Logger.Level.ERROR, "What a client sent failed", LogText.of(failed), null);
        }
    }
}

package dev.roomcast.jakarta;

import java.io.IOException;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;
import org.jspecify.annotations.Nullable;

/** Hands the bytes of upgraded connections to their {@link GrizzlyLink}. */
final class SocketFilter extends BaseFilter {

    private static final Attribute<GrizzlyLink> LINK =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("dev.roomcast.link");

    private final IdleTimeoutFilter idle;

    /**
     * A filter for upgraded connections.
     *
     * @param idle the filter that has counted them while they spoke HTTP, and must be told of their end to forget them
     */
    SocketFilter(IdleTimeoutFilter idle) {
        this.idle = idle;
    }

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
            link.received(bytes.toByteBuffer());
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    @Override
    public NextAction handleClose(FilterChainContext context) throws IOException {
        return idle.handleClose(context);
    }
}

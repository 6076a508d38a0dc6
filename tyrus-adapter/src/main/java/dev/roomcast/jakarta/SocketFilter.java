package dev.roomcast.jakarta;

import java.io.IOException;
import java.util.List;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;

/** Hands the bytes of upgraded connections to their {@link GrizzlyLink}. */
final class SocketFilter extends BaseFilter {

    private static final Attribute<GrizzlyLink> LINK =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("dev.roomcast.link");

    /** What {@code HttpServerFilter} puts by a connection. */
    private static final List<String> HTTP =
            List.of("org.glassfish.grizzly.http.HttpServerFilter.HttpRequest", "HttpServerFilter.KeepAliveContext");

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
            if (link.isFirstRead()) {
                forgetRequest(context.getConnection());
            }
            link.received(bytes.toByteBuffer());
        }
        bytes.tryDispose();
        return context.getStopAction();
    }

    /**
     * Grizzly's HTTP filter keeps the request with the connection, several kilobytes, and would for as long as it lives. It is
     * let go when the first bytes come after the upgrade, since then the HTTP chain is surely done with it; a client that
     * says nothing answers a ping at the latest.
     */
    private static void forgetRequest(Connection<?> connection) {
        HTTP.forEach(connection.getAttributes()::removeAttribute);
    }

    @Override
    public NextAction handleClose(FilterChainContext context) throws IOException {
        return idle.handleClose(context);
    }
}

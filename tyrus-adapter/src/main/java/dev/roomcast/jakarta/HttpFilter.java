package dev.roomcast.jakarta;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.CloseListener;
import org.glassfish.grizzly.CloseType;
import org.glassfish.grizzly.Closeable;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.nio.NIOConnection;

/**
 * The HTTP part of the server: what connections say until they are upgraded.
 *
 * <p>It is not Grizzly's, whose handlers write to a client that does not read with a thread of their own, and whose parser
 * takes what proxies read differently. Here a thread never waits for a client, a connection has one request in flight, and
 * each step of a client has a deadline and each number of clients a bound:
 *
 * <pre>
 *   step                       deadline                                       at most
 *   saying a request           {@code idleSeconds} in all, not per byte       {@value #MOST_PARTIAL} with a part of one
 *   taking an answer           {@code idleSeconds}, and 1 s more per 4 KiB    {@value #MOST_CONNECTIONS} with those above
 *   closing after an error     2 s                                            and those below
 *   saying the next request    {@code idleSeconds}
 * </pre>
 */
final class HttpFilter extends BaseFilter {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    /** Connections that are not upgraded. Each costs about 4 KiB while it says nothing. */
    static final int MOST_CONNECTIONS = 10_000;

    /** Connections of which a part of a request is here: 16 MiB at most, with {@link RequestBuffer#MAX_HEAD_BYTES} each. */
    static final int MOST_PARTIAL = 1_000;

    private static final long BYTES_PER_SECOND = 4 * 1024;
    private static final long CLOSE_SECONDS = 2;
    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Attribute<HttpConversation> CONVERSATION =
            Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("dev.roomcast.http");

    private final StaticFiles files;
    private final WebSocketUpgrade upgrade;
    private final FilterChain sockets;
    private final Executor workers;
    private final int idleSeconds;
    private final PendingConnections<NIOConnection> connections =
            new PendingConnections<>(MOST_CONNECTIONS, GrizzlyLink::reset, System::nanoTime);
    private final PendingConnections<NIOConnection> partial =
            new PendingConnections<>(MOST_PARTIAL, GrizzlyLink::reset, System::nanoTime);

    /** By the timer's thread. */
    private long evictedTold;

    private long lastTold = System.nanoTime() - TELL_NANOS;

    private final CloseListener<Closeable, CloseType> forget = (closed, type) -> forget(closed);

    /**
     * A filter at the end of a chain.
     *
     * @param sockets the chain of connections that are upgraded
     * @param workers go on with a connection when its client has taken an answer
     */
    HttpFilter(StaticFiles files, WebSocketUpgrade upgrade, FilterChain sockets, Executor workers, int idleSeconds) {
        this.files = files;
        this.upgrade = upgrade;
        this.sockets = sockets;
        this.workers = workers;
        this.idleSeconds = idleSeconds;
    }

    /** Begins to look for deadlines that are over. */
    void watch(ScheduledExecutorService timer) {
        var unused = timer.scheduleWithFixedDelay(this::sweep, 250, 250, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        try {
            connections.sweep();
            partial.sweep();
            tellEvicted();
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.ERROR, "Late connections could not be closed: {0}", LogText.of(failed));
        }
    }

    /** Once a minute at most. */
    private void tellEvicted() {
        long all = connections.evicted() + partial.evicted();
        if (all > evictedTold && System.nanoTime() - lastTold >= TELL_NANOS) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} connections that had said no whole request were closed for newer ones: there were too many",
                    all - evictedTold);
            evictedTold = all;
            lastTold = System.nanoTime();
        }
    }

    @Override
    public NextAction handleAccept(FilterChainContext context) {
        NIOConnection connection = (NIOConnection) context.getConnection();
        awaitRequest(connection);
        // Called at once if the socket is closed already.
        connection.addCloseListener(forget);
        return context.getStopAction();
    }

    @Override
    public NextAction handleRead(FilterChainContext context) {
        NIOConnection connection = (NIOConnection) context.getConnection();
        Buffer bytes = context.getMessage();
        HttpConversation conversation = CONVERSATION.get(connection);
        if (conversation == null) {
            conversation = new HttpConversation(this, connection);
            CONVERSATION.set(connection, conversation);
        }
        boolean complete = conversation.received(bytes.toByteBuffer());
        bytes.tryDispose();
        if (!complete) {
            return context.getStopAction();
        }
        // Nothing more is read until what has come is answered and the answers are taken.
        context.suspend();
        HttpConversation answering = conversation;
        answering.answer(() -> context.resume(context.getStopAction()));
        return context.getSuspendAction();
    }

    private void forget(Closeable closed) {
        NIOConnection connection = (NIOConnection) closed;
        connections.remove(connection);
        partial.remove(connection);
    }

    StaticFiles files() {
        return files;
    }

    WebSocketUpgrade upgrade() {
        return upgrade;
    }

    void awaitRequest(NIOConnection connection) {
        connections.await(connection, TimeUnit.SECONDS.toNanos(idleSeconds));
    }

    void awaitRestOfRequest(NIOConnection connection) {
        partial.awaitOnce(connection, TimeUnit.SECONDS.toNanos(idleSeconds));
    }

    void requestIsWhole(NIOConnection connection) {
        partial.remove(connection);
    }

    void awaitTaken(NIOConnection connection, int bytes) {
        connections.await(connection, TimeUnit.SECONDS.toNanos(idleSeconds + bytes / BYTES_PER_SECOND));
    }

    void awaitClose(NIOConnection connection) {
        connections.await(connection, TimeUnit.SECONDS.toNanos(CLOSE_SECONDS));
    }

    /** The connection belongs to its link from now on, and its bytes pass no HTTP and no deadline of HTTP. */
    void handOver(NIOConnection connection, GrizzlyLink link) {
        connection.removeCloseListener(forget);
        forget(connection);
        CONVERSATION.remove(connection);
        SocketFilter.put(connection, link);
        connection.setProcessor(sockets);
    }

    /** Goes on with a connection on a thread that may meet code of the host. */
    void later(NIOConnection connection, Runnable step) {
        try {
            workers.execute(step);
        } catch (RejectedExecutionException closing) {
            connection.terminateSilently();
        }
    }
}

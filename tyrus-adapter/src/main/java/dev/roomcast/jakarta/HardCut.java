package dev.roomcast.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts the connection under a session of somebody else's container. Jakarta WebSocket can only close in order, and an orderly
 * close queues behind the very write that a stuck peer does not take.
 *
 * <p>In Tyrus the socket is four private fields down: remote endpoint → web socket → protocol handler → writer → Grizzly
 * connection. Closing the writer is not enough, since Grizzly's writer queues the close, too; {@code terminateSilently} of the
 * connection below is what cuts. In Tomcat it is two down: remote endpoint → socket wrapper. Its own {@code close} cuts the
 * socket but tells nobody: the pending write and the session would stay for ever. So the channel below is shut down in both
 * directions, with no time to linger, and then the session is told that its socket is gone; Tomcat's poller, which would do
 * that, does not always look at a socket while a write waits. On the module path the fields can only be reached with
 * {@code --add-opens}, for Tyrus
 * {@code org.glassfish.tyrus.core/org.glassfish.tyrus.core=dev.roomcast.jakarta} and the same for
 * {@code org.glassfish.tyrus.container.grizzly.client}. (The standalone server needs none of this: it has a {@link Link}.)
 *
 * <p>Where the socket cannot be reached the session is closed in order, on a thread that may wait. How long its peer may then
 * keep the socket is the container's to say; that this is so is logged once per endpoint.
 */
final class HardCut {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    private final Executor errands;
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * A way to cut.
     *
     * @param errands runs what may block
     */
    HardCut(Executor errands) {
        this.errands = errands;
    }

    void cut(Session session) {
        if (isTyrusCut(session) || isTomcatCut(session)) {
            return;
        }
        if (!warned.getAndSet(true)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} gives no way to cut a connection at once: one whose peer does not answer keeps its socket until "
                            + "the container's own timeout",
                    session.getClass().getName());
        }
        try {
            errands.execute(() -> closeInOrder(session));
        } catch (RejectedExecutionException tooMany) {
            LOG.log(System.Logger.Level.DEBUG, "A session is left to its container: too many are being closed");
        }
    }

    private static boolean isTyrusCut(Session session) {
        Optional<Object> writer = remote(session)
                .flatMap(remote -> PrivateFields.under(remote, "webSocket", "protocolHandler", "writer"));
        return writer.flatMap(found -> PrivateFields.under(found, "connection"))
                        .map(connection -> call(connection, "terminateSilently"))
                        .orElse(false)
                || writer.map(found -> call(found, "close")).orElse(false);
    }

    private boolean isTomcatCut(Session session) {
        boolean isCut = session.getClass().getName().startsWith("org.apache.tomcat.")
                && PrivateFields.under(session, "wsRemoteEndpoint", "socketWrapper")
                        .map(socket -> isShutDown(socket) || call(socket, "close"))
                        .orElse(false);
        if (isCut) {
            try {
                errands.execute(() -> endInTomcat(session));
            } catch (RejectedExecutionException tooMany) {
                LOG.log(System.Logger.Level.DEBUG, "A session is left to its container: too many are being closed");
            }
        }
        return isCut;
    }

    /** Without a closing handshake. It waits for what is being written, shortly, since the reason is an abnormal one. */
    private static void endInTomcat(Session session) {
        CloseReason gone = new CloseReason(CloseCodes.CLOSED_ABNORMALLY, "");
        try {
            session.getClass()
                    .getMethod("doClose", CloseReason.class, CloseReason.class, boolean.class)
                    .invoke(session, gone, gone, true);
        } catch (ReflectiveOperationException | RuntimeException unreachable) {
            closeInOrder(session);
        }
    }

    /** With a reset, like any cut: what the peer has not read would stay with the kernel for minutes. */
    private static boolean isShutDown(Object socketWrapper) {
        Object channel = result(socketWrapper, "getSocket")
                .flatMap(socket -> result(socket, "getIOChannel"))
                .orElse(null);
        try {
            if (channel instanceof SocketChannel blocking) {
                blocking.setOption(StandardSocketOptions.SO_LINGER, 0);
                blocking.shutdownInput().shutdownOutput();
                return true;
            }
            if (channel instanceof AsynchronousSocketChannel asynchronous) {
                asynchronous.setOption(StandardSocketOptions.SO_LINGER, 0);
                asynchronous.shutdownInput().shutdownOutput();
                return true;
            }
            return false;
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }

    /** Closes a session in order, on a thread that may wait; one that cannot be closed is cut. */
    void close(Session session, CloseReason reason) {
        try {
            errands.execute(() -> {
                try {
                    session.close(reason);
                } catch (IOException | RuntimeException failed) {
                    cut(session);
                }
            });
        } catch (RejectedExecutionException tooMany) {
            cut(session);
        }
    }

    private static Optional<Object> remote(Session session) {
        try {
            return Optional.of(session.getAsyncRemote());
        } catch (RuntimeException closed) {
            return Optional.empty();
        }
    }

    private static Optional<Object> result(Object target, String name) {
        try {
            Method method = target.getClass().getMethod(name);
            method.setAccessible(true);
            return Optional.ofNullable(method.invoke(target));
        } catch (ReflectiveOperationException | RuntimeException unreachable) {
            return Optional.empty();
        }
    }

    private static boolean call(Object target, String name) {
        try {
            Method method = target.getClass().getMethod(name);
            method.setAccessible(true);
            method.invoke(target);
            return true;
        } catch (ReflectiveOperationException | RuntimeException unreachable) {
            return false;
        }
    }

    private static void closeInOrder(Session session) {
        try {
            session.close(new CloseReason(CloseReason.CloseCodes.GOING_AWAY, ""));
        } catch (IOException | RuntimeException closed) {
            LOG.log(System.Logger.Level.DEBUG, "A session could not be closed: {0}", closed.getClass());
        }
    }
}

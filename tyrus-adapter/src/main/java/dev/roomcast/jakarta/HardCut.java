package dev.roomcast.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cuts the connection under a session of somebody else's container. Jakarta WebSocket can only close in order, and an orderly
 * close queues behind the very write that a stuck peer does not take.
 *
 * <p>In Tyrus the socket is four private fields down: remote endpoint → web socket → protocol handler → writer → Grizzly
 * connection. Closing the writer is not enough, since Grizzly's writer queues the close, too; {@code terminateSilently} of the
 * connection below is what cuts. On the module path the fields can only be reached with {@code --add-opens
 * org.glassfish.tyrus.core/org.glassfish.tyrus.core=dev.roomcast.jakarta} and the same for
 * {@code org.glassfish.tyrus.container.grizzly.client}. (The standalone server needs none of this: it has a {@link Link}.)
 *
 * <p>Where the socket cannot be reached the session is closed in order on a thread of its own, which may take as long as the
 * container likes; that this is so is logged once per endpoint.
 */
final class HardCut {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    private final AtomicBoolean warned = new AtomicBoolean();

    void cut(Session session) {
        Optional<Object> writer = under(session, "webSocket", "protocolHandler", "writer");
        boolean gone = writer.flatMap(found -> PrivateFields.under(found, "connection"))
                        .map(connection -> call(connection, "terminateSilently"))
                        .orElse(false)
                || writer.map(found -> call(found, "close")).orElse(false);
        if (!gone) {
            if (!warned.getAndSet(true)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "This container gives no way to cut a connection; one whose peer does not read may outlive its close");
            }
            Thread closing = new Thread(() -> closeInOrder(session), "roomcast-abort");
            closing.setDaemon(true);
            closing.start();
        }
    }

    private static Optional<Object> under(Session session, String... fields) {
        try {
            return PrivateFields.under(session.getAsyncRemote(), fields);
        } catch (RuntimeException closed) {
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

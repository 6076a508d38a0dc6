package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.IOStrategy;
import org.glassfish.grizzly.Transport;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.glassfish.grizzly.strategies.WorkerThreadIOStrategy;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;
import org.jspecify.annotations.Nullable;

/**
 * Who takes what has come over a socket: the thread that found it there, or a worker.
 *
 * <p>A worker costs more than its wake-up. Interest in the socket must be taken back meanwhile and declared anew, which
 * wakes the selector by a system call of its own. In a thousand rooms of ten that was half of the CPU of a delivery. So the
 * thread that finds bytes takes them itself, as long as nothing it meets may block: no code of the host runs then, and a
 * room whose delivery takes long hands itself over to the hub's workers.
 *
 * <p>It takes them past Grizzly's chain of filters, too, into one buffer that it keeps, and gives them to the
 * {@link GrizzlyLink} as they are. Only what is no bytes, an end or a failure, is left to Grizzly, which closes then.
 */
@SuppressWarnings("rawtypes")
final class ReadStrategy implements IOStrategy {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));

    private static final int BUFFER_BYTES = 64 * 1024;

    /** Of each thread that reads, as long as it lives. */
    private static final ThreadLocal<ByteBuffer> BUFFERS =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    private final IOStrategy here = SameThreadIOStrategy.getInstance();
    private final IOStrategy elsewhere = WorkerThreadIOStrategy.getInstance();

    @Override
    public boolean executeIoEvent(Connection connection, IOEvent event) {
        return executeIoEvent(connection, event, true);
    }

    /** Whatever fails here costs one connection, and not the selector that serves thousands. */
    @Override
    public boolean executeIoEvent(Connection connection, IOEvent event, boolean isIoEventEnabled) {
        try {
            GrizzlyLink link = event == IOEvent.READ ? SocketFilter.link(connection) : null;
            if (link != null && isIoEventEnabled && !link.mayBlock() && link.read(BUFFERS.get())) {
                return true;
            }
            return of(connection, event).executeIoEvent(connection, event, isIoEventEnabled);
        } catch (RejectedExecutionException closing) {
            // The workers have ended, and the selectors are about to.
            connection.terminateSilently();
        } catch (IOException | RuntimeException | Error failed) {
            drop(connection, event, failed);
        }
        return true;
    }

    private static void drop(Connection<?> connection, IOEvent event, Throwable failed) {
        if (event != IOEvent.SERVER_ACCEPT) {
            connection.terminateSilently();
        }
        try {
            FAULTS.fault(
                    System.Logger.Level.ERROR, "An event of a socket failed", event + ", " + LogText.of(failed), null);
        } catch (RuntimeException | Error noLog) {
            // There may be no memory for it.
        }
    }

    @Override
    public @Nullable Executor getThreadPoolFor(Connection connection, IOEvent event) {
        return of(connection, event).getThreadPoolFor(connection, event);
    }

    @Override
    public ThreadPoolConfig createDefaultWorkerPoolConfig(Transport transport) {
        return elsewhere.createDefaultWorkerPoolConfig(transport);
    }

    private IOStrategy of(Connection<?> connection, IOEvent event) {
        return event == IOEvent.READ && !SocketFilter.mayBlock(connection) ? here : elsewhere;
    }
}

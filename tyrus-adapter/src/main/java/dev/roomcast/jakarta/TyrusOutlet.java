package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport.Completion;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.glassfish.tyrus.core.TyrusWebSocket;
import org.glassfish.tyrus.spi.CompletionHandler;
import org.glassfish.tyrus.spi.Writer;

/**
 * Ready-made frames through the writer of a Tyrus that somebody else has set up. Tyrus's own frames take the same writer, so
 * what both write keeps its order; nobody else may write messages to the session, and its parts of messages least of all.
 * The writer is three private fields down: remote endpoint → web socket → protocol handler → writer.
 *
 * <p>Loaded only when a session is Tyrus's. Used only with versions with which it is tested, and with Tyrus's own writers,
 * for Grizzly and for servlet containers: what another does with a buffer that holds several frames is not known.
 */
final class TyrusOutlet implements Outlet {

    private static final String TESTED = "2.2.";
    private static final byte[] PING = {(byte) 0x89, 0};

    private final Session session;
    private final TyrusWebSocket socket;
    private final Writer writer;
    private final HardCut hardCut;

    private TyrusOutlet(Session session, TyrusWebSocket socket, Writer writer, HardCut hardCut) {
        this.session = session;
        this.socket = socket;
        this.writer = writer;
        this.hardCut = hardCut;
    }

    /** The outlet of a session of Tyrus, if it has one. */
    static Optional<Outlet> of(Session session, HardCut hardCut) {
        Object remote = session.getAsyncRemote();
        return PrivateFields.under(remote, "webSocket")
                .filter(TyrusWebSocket.class::isInstance)
                .map(TyrusWebSocket.class::cast)
                .flatMap(socket -> PrivateFields.under(socket, "protocolHandler", "writer")
                        .filter(TyrusOutlet::isTyrussOwn)
                        .map(writer -> new TyrusOutlet(session, socket, (Writer) writer, hardCut)));
    }

    /** Whether this version of Tyrus is one of those that are tested. */
    static boolean isTested() {
        return version().startsWith(TESTED);
    }

    /** As the jar says; empty if it does not. */
    static String version() {
        Properties maven = new Properties();
        String place = "/META-INF/maven/org.glassfish.tyrus/tyrus-core/pom.properties";
        try (InputStream in = TyrusWebSocket.class.getResourceAsStream(place)) {
            if (in != null) {
                maven.load(in);
            }
        } catch (IOException unreadable) {
            return "";
        }
        return maven.getProperty("version", "");
    }

    private static boolean isTyrussOwn(Object writer) {
        return writer instanceof Writer && writer.getClass().getName().startsWith("org.glassfish.tyrus.");
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        write(batch.wire(), completion);
    }

    @Override
    public void ping(Completion completion) {
        write(ByteBuffer.wrap(PING), completion);
    }

    @Override
    public void cut() {
        hardCut.cut(session);
    }

    private void write(ByteBuffer bytes, Completion completion) {
        if (!socket.isConnected()) {
            completion.done(new IOException("the connection is closed"));
            return;
        }
        Once once = new Once(completion);
        try {
            writer.write(bytes, once);
        } catch (RuntimeException failed) {
            once.failed(failed);
        }
    }

    /** A writer may call back and throw as well. */
    private static final class Once extends CompletionHandler<ByteBuffer> {

        private final AtomicBoolean told = new AtomicBoolean();
        private final Completion completion;

        Once(Completion completion) {
            this.completion = completion;
        }

        @Override
        public void completed(ByteBuffer written) {
            if (!told.getAndSet(true)) {
                completion.done(null);
            }
        }

        @Override
        public void failed(Throwable cause) {
            if (!told.getAndSet(true)) {
                completion.done(cause);
            }
        }

        @Override
        public void cancelled() {
            failed(new IOException("the write was cancelled"));
        }
    }
}

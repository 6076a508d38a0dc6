package dev.roomcast.client;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client that stays connected: it opens a connection, joins rooms on it, and comes back by itself after a loss until it is
 * closed, or sent away by the server for good.
 *
 * <p>Its methods, and those of its rooms, may be called by any thread, from the {@linkplain ClientListener listener} too, and
 * never block. It has at most two daemon threads of its own, one for timers and one for the listener, beside those of the
 * HTTP client; a client that is idle keeps only the first.
 */
public final class RoomcastClient implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int ID_BYTES = 16;

    /** The server's own bound is lower, and is told; this keeps a join below the largest message. */
    private static final int MOST_META_BYTES = 32 * 1024;

    private final RoomcastClientBuilder settings;
    private final Session session;
    private final Time time;
    private final Desk desk;
    private final HttpClient http;
    private final SecureRandom random = new SecureRandom();

    /** The latest connection. Changed by one output of the session after the other. */
    private final AtomicReference<@Nullable Socket> latest = new AtomicReference<>();

    private record Socket(int link, JdkSocket socket) {}

    RoomcastClient(RoomcastClientBuilder settings) {
        this.settings = settings;
        this.time = settings.time == null ? Time.system("roomcast-client-timer") : settings.time;
        this.desk = new Desk(settings.executor, time, "roomcast-client");
        this.http = settings.http == null ? HttpClient.newHttpClient() : settings.http;
        this.session =
                new Session(settings.settings(), settings.listener, time, new ToSocket(), new Jitter(), this::newId);
    }

    /**
     * Begins a client.
     *
     * @param uri where the server's endpoint is, {@code ws:} or {@code wss:}
     * @return its settings, which {@link RoomcastClientBuilder#open()} puts to work
     * @throws IllegalArgumentException if the URI is of another scheme, or names a room
     */
    public static RoomcastClientBuilder connect(URI uri) {
        return new RoomcastClientBuilder(uri);
    }

    void start() {
        session.start();
    }

    /**
     * Joins a room, now or as soon as there is a connection, and again on each later connection.
     *
     * @param room its name
     * @return the room; the same one while the client is, or wants to be, in it
     * @throws IllegalArgumentException if it is no name
     * @throws IllegalStateException if the client is in a thousand rooms already
     */
    public ClientRoom join(String room) {
        return session.join(room, null, null);
    }

    /**
     * Joins a room as {@link #join(String)} does, with metadata of the user there.
     *
     * @param room its name
     * @param meta a value that {@link Content#of(Object)} writes as an object
     * @return the room; the same one, and without the metadata, if the client is, or wants to be, in it already
     * @throws IllegalArgumentException if it is no name, or the metadata no object, or larger than 32 KiB
     * @throws IllegalStateException if the client is in a thousand rooms already
     */
    public ClientRoom join(String room, Object meta) {
        return session.join(room, written(meta), null);
    }

    /**
     * Joins a room where an earlier client left off, such as one of a process that has ended: what was said since comes first,
     * behind {@link ClientListener#onRecovered}, or {@link ClientListener#onGap} tells that it cannot be had.
     *
     * @param room its name
     * @param from what {@link ClientRoom#position()} was then
     * @param meta a value that {@link Content#of(Object)} writes as an object; null for none
     * @return the room; the same one, and without the position, if the client is, or wants to be, in it already
     * @throws IllegalArgumentException if it is no name, or the metadata no object, or larger than 32 KiB
     * @throws IllegalStateException if the client is in a thousand rooms already
     */
    public ClientRoom join(String room, Position from, @Nullable Object meta) {
        return session.join(room, meta == null ? null : written(meta), from);
    }

    private static Content written(Object meta) {
        Content written = Content.of(meta);
        if (!written.json().startsWith("{")) {
            throw new IllegalArgumentException("metadata is an object");
        }
        if (Send.bytes(Send.checkText(written.json())) > MOST_META_BYTES) {
            throw new IllegalArgumentException("metadata has " + MOST_META_BYTES + " bytes at most");
        }
        return written;
    }

    /**
     * Who the user is, as the server says and others see it.
     *
     * @return the user of the latest connection; empty before the first welcome
     */
    public String userId() {
        return session.read(() -> session.userId);
    }

    /**
     * The rooms that the client is, or wants to be, in, also those that the server's application has let it into.
     *
     * @return a copy, in the order of their joins
     */
    public List<ClientRoom> rooms() {
        return session.read(session.rooms::faces);
    }

    /**
     * Tries to connect at once where the client would wait before its next try ({@link ClientState#WAITING}), such as when the
     * application knows that the network is back. In any other state it does nothing. A pause that the server has asked for is
     * cut short, too.
     */
    public void reconnect() {
        session.hurry();
    }

    /**
     * Where the client stands.
     *
     * @return its state at this moment
     */
    public ClientState state() {
        return session.state();
    }

    /**
     * Closes the connection in order, so that others see the user leave at once, and ends the client. What was sent and not
     * acknowledged fails. Returns at once; within two seconds the connection is closed or cut and the client's own threads
     * end. (Those of its HTTP client end by themselves from Java 21 on, before that when it is garbage.) Idempotent.
     */
    @Override
    public void close() {
        session.close();
    }

    private String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    private void endHttp() {
        if (settings.http == null) {
            try {
                HttpClient.class.getMethod("shutdownNow").invoke(http);
            } catch (ReflectiveOperationException beforeJava21) {
                // Its threads end when nobody refers to it any more.
            }
        }
    }

    /** Draws from the thread's own generator, whichever thread asks. */
    private static final class Jitter implements java.util.random.RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }

    /** What the session wants, done with the JDK's WebSocket. */
    private final class ToSocket implements Outlet {

        @Override
        public void askToken(int question) {
            desk.execute(() -> {
                CompletionStage<String> asked;
                try {
                    asked = settings.tokens == null
                            ? CompletableFuture.failedFuture(new IllegalStateException("no token"))
                            : settings.tokens.get().thenApply(token -> token);
                } catch (Throwable e) {
                    asked = CompletableFuture.failedFuture(e);
                }
                asked.whenComplete((token, failure) -> session.token(question, token, failure));
            });
        }

        @Override
        public void dial(int link) {
            JdkSocket socket = new JdkSocket(link, session, desk);
            latest.set(new Socket(link, socket));
            try {
                WebSocket.Builder builder = http.newWebSocketBuilder()
                        .connectTimeout(CONNECT_TIMEOUT)
                        .subprotocols("roomcast.v1");
                for (int i = 0; i < settings.headers.size(); i += 2) {
                    builder.header(settings.headers.get(i), settings.headers.get(i + 1));
                }
                CompletionStage<WebSocket> opening = builder.buildAsync(settings.target(), socket);
                opening.whenComplete((open, failure) -> {
                    if (failure != null) {
                        socket.failed(failure);
                    }
                });
            } catch (RuntimeException e) {
                socket.failed(e);
            }
        }

        private @Nullable JdkSocket socket(int link) {
            Socket socket = latest.get();
            return socket != null && socket.link == link ? socket.socket : null;
        }

        @Override
        public void write(int link, String text) {
            JdkSocket socket = socket(link);
            if (socket != null) {
                socket.write(text);
            }
        }

        @Override
        public void readOn(int link) {
            JdkSocket socket = socket(link);
            if (socket != null) {
                desk.execute(socket::readOn);
            }
        }

        @Override
        public void close(int link) {
            JdkSocket socket = socket(link);
            if (socket != null) {
                socket.close();
            }
        }

        @Override
        public void abort(int link) {
            JdkSocket socket = socket(link);
            if (socket != null) {
                socket.abort();
            }
        }

        @Override
        public void tell(Runnable callback) {
            desk.execute(callback);
        }

        @Override
        public void finish() {
            time.close();
            desk.finish();
            endHttp();
        }

        @Override
        public boolean isBehind() {
            Socket socket = latest.get();
            return socket != null && socket.socket.isBehind();
        }
    }
}

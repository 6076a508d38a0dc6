package dev.roomcast.client;

import dev.roomcast.time.Time;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a client is to be; made by {@link RoomcastClient#connect}. Not for use by several threads at once. */
public final class RoomcastClientBuilder {

    final URI uri;
    final List<String> headers = new ArrayList<>();

    @Nullable
    String user;

    @Nullable
    Supplier<? extends CompletionStage<String>> tokens;

    ClientListener listener = new ClientListener() {};

    @Nullable
    Executor executor;

    @Nullable
    HttpClient http;

    @Nullable
    Time time;

    private Duration shortestPause = ClientSettings.DEFAULT.shortestPause();
    private Duration longestPause = ClientSettings.DEFAULT.longestPause();
    private int mostSends = ClientSettings.DEFAULT.mostSends();
    private int messageBytes = ClientSettings.DEFAULT.messageBytes();

    RoomcastClientBuilder(URI uri) {
        String scheme = uri.getScheme();
        if (!"ws".equalsIgnoreCase(scheme) && !"wss".equalsIgnoreCase(scheme)) {
            throw new IllegalArgumentException("the scheme is ws or wss, not " + scheme);
        }
        String query = uri.getRawQuery();
        if (query != null && ("&" + query).contains("&room=")) {
            throw new IllegalArgumentException("rooms are joined by join(), not by the URI");
        }
        this.uri = uri;
    }

    /**
     * Names the user, for a server without authentication.
     *
     * @param name the user's name
     * @return this
     */
    public RoomcastClientBuilder user(String name) {
        Send.checkName("user", name);
        this.user = name;
        return this;
    }

    /**
     * Shows the same token each time. When the server refuses it, or it has expired, the client ends.
     *
     * @param token what the server's authenticator wants to see
     * @return this
     */
    public RoomcastClientBuilder token(String token) {
        return tokens(() -> CompletableFuture.completedFuture(token));
    }

    /**
     * Asks for a token before each connection, and for a new one when three quarters of the lifetime of the old one have
     * passed, by a clock that nobody sets. If the server refuses one (close code 4401), another one is asked for, after a pause
     * of at least a second from the second refusal on; the fourth refusal in a row ends the client. The same token once more
     * counts as refused: it may come from a cache that is renewed a moment later.
     *
     * @param supplier called on the thread of the listener; may complete on any thread. One that fails, or does not complete
     *     within 30 s, is asked again, after a pause
     * @return this
     */
    public RoomcastClientBuilder tokens(Supplier<? extends CompletionStage<String>> supplier) {
        this.tokens = supplier;
        return this;
    }

    /**
     * Who is told what happens.
     *
     * @param told the listener; by default nobody
     * @return this
     */
    public RoomcastClientBuilder listener(ClientListener told) {
        this.listener = told;
        return this;
    }

    /**
     * Where the listener is called, one call after the other.
     *
     * @param calls by default one daemon thread of the client's own; it is not shut down with the client
     * @return this
     */
    public RoomcastClientBuilder executor(Executor calls) {
        this.executor = calls;
        return this;
    }

    /**
     * Opens connections by an HTTP client of the application, for its proxy or TLS settings, or to share its threads.
     *
     * @param client by default one of this client's own
     * @return this
     */
    public RoomcastClientBuilder httpClient(HttpClient client) {
        this.http = client;
        return this;
    }

    /**
     * Adds a header to each handshake.
     *
     * @param name as the JDK's WebSocket allows it
     * @param value its value
     * @return this
     */
    public RoomcastClientBuilder header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    /**
     * How long to wait before another try: a random time between the shortest and a ceiling that doubles with each failure
     * from twice the shortest up to the longest. A connection that held for half of the longest starts anew.
     *
     * @param shortest 0.5 s by default; ten times that where the server asks for patience
     * @param longest 20 s by default
     * @return this
     * @throws IllegalArgumentException if one is not positive, or the longest shorter than the shortest
     */
    public RoomcastClientBuilder backoff(Duration shortest, Duration longest) {
        if (shortest.isNegative() || shortest.isZero() || longest.compareTo(shortest) < 0) {
            throw new IllegalArgumentException("pauses are positive, and the longest is not shorter than the shortest");
        }
        this.shortestPause = shortest;
        this.longestPause = longest;
        return this;
    }

    /**
     * How many messages may wait for their acknowledgement; beyond, a send fails with {@link SendException#TOO_MANY}. Together
     * they have at most 4 MiB.
     *
     * @param messages 1000 by default
     * @return this
     * @throws IllegalArgumentException if it is not positive
     */
    public RoomcastClientBuilder unacknowledged(int messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("at least one message may wait");
        }
        this.mostSends = messages;
        return this;
    }

    /**
     * The largest message that the server takes ({@code Limit.MESSAGE_BYTES} there), in bytes of the whole frame: it would
     * close the connection for a larger one, so that fails here, with {@link SendException#TOO_BIG}.
     *
     * @param bytes 64 KiB by default
     * @return this
     */
    public RoomcastClientBuilder messageBytes(int bytes) {
        this.messageBytes = bytes;
        return this;
    }

    RoomcastClientBuilder time(Time clock) {
        this.time = clock;
        return this;
    }

    /**
     * Starts to connect, and returns at once.
     *
     * @return the client, to be closed by who asked for it
     */
    public RoomcastClient open() {
        RoomcastClient client = new RoomcastClient(this);
        client.start();
        return client;
    }

    ClientSettings settings() {
        return new ClientSettings(
                tokens != null,
                shortestPause,
                longestPause,
                mostSends,
                ClientSettings.DEFAULT.mostSendBytes(),
                messageBytes);
    }

    URI target() {
        if (user == null) {
            return uri;
        }
        String parameter =
                "user=" + URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20");
        String text = uri.toString();
        return URI.create(text + (uri.getRawQuery() == null ? "?" : "&") + parameter);
    }
}

package dev.roomcast.jakarta;

import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A small server of its own for endpoints and the pages that use them, on Tyrus and Grizzly: for examples, tests and
 * services that need nothing else. Needs {@code org.glassfish.tyrus:tyrus-container-grizzly-server} on the class path.
 *
 * <pre>{@code
 * try (RoomServer server = RoomServer.builder()
 *         .port(8080)
 *         .endpoint(RoomEndpoint.at("/rooms", rooms))
 *         .resources("web")
 *         .start()) {
 *     System.out.println("Listening on " + server.uri());
 *     ...
 * }
 * }</pre>
 *
 * <p>It speaks plain HTTP; TLS is for a proxy in front of it. Its threads keep the process alive until it is closed.
 *
 * <p><b>Requests.</b> It reads HTTP/1.1 and 1.0 strictly: what a proxy and a server could read differently is answered 400
 * (two {@code Host} headers, two lengths, transfer codings other than {@code chunked}, folded lines, control characters), a
 * target beyond 8 KiB 414, a head beyond 16 KiB or 100 headers 431. It takes no bodies: a request with one is answered, and
 * its connection closed. No thread waits for a client. One request of a connection is in flight, and each step has a deadline
 * that arriving bytes do not prolong: 30 s for a request or for the upgrade, and to take an answer 30 s and one more for every
 * 4 KiB. There are at most 10,000 connections that are not upgraded, and 1,000 of them in the middle of a request; for one
 * more the connection ends that has waited longest.
 *
 * <p><b>What a client costs that does not read.</b> In the heap {@link dev.roomcast.Limit#OUTBOX_BYTES},
 * {@link dev.roomcast.Limit#CONTROL_BYTES} and one write; outside it 256 KiB at most, twice the send buffer of 128 KiB that
 * each socket has here. A fixed buffer bounds the speed, too: 128 KiB for each round trip, so 10 Mbit/s to one client at 100
 * ms. In other containers the kernel lets a send buffer grow up to the last value of {@code net.ipv4.tcp_wmem}, 4 MiB by
 * default, and no library inside can reach the sockets: it is bounded by {@code socket.txBufSize} of a connector in Tomcat,
 * {@code ServerConnector.setAcceptedSendBufferSize} in Jetty, the socket option {@code SEND_BUFFER} in Undertow, or by that
 * value of the system.
 */
public final class RoomServer implements AutoCloseable {

    private final Listener listener;

    private RoomServer(Builder builder) throws IOException {
        this.listener =
                new Listener(builder.host, builder.port, builder.endpoints, builder.files(), builder.idleSeconds);
    }

    /**
     * Starts the description of a server.
     *
     * @return a builder for one server
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where it listens.
     *
     * @return the port; the real one if 0 was asked for
     */
    public int port() {
        return listener.port();
    }

    /**
     * Where its pages are.
     *
     * @return for example {@code http://127.0.0.1:8080/}
     */
    public URI uri() {
        String host = listener.host();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/");
    }

    /**
     * Stops listening, cuts what is connected, and ends the threads. Close the hub first, so that clients are told why. When it
     * returns the port is free, unless it takes more than 5 s. Idempotent.
     */
    @Override
    public void close() {
        listener.close();
    }

    /**
     * Tells the end of the server. It comes with {@link #close()}, and by itself when a thread of the server has ended that
     * its connections depend on, for example because there is no memory left: then the reason is logged, the connections are
     * cut and the port is freed, so that those who look see it. A {@code main} that lives as long as its server lets its
     * supervisor see it, too:
     *
     * <pre>{@code
     * server.closed().toCompletableFuture().join(); // throws if the server has failed: the process ends with status 1
     * }</pre>
     *
     * @return completes with null after {@code close()}, exceptionally with an {@link IllegalStateException} if the server
     *     has failed; on the thread that closes
     */
    public CompletionStage<@Nullable Void> closed() {
        return listener.closed();
    }

    /** For tests: as if a selector had ended. */
    void fail(Throwable cause) {
        listener.fail(cause);
    }

    /** Settings of a server before it runs. Not safe for use by several threads. */
    public static final class Builder {

        private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
        private static final Pattern HEADER_VALUE = Pattern.compile("[ -~]*");

        private final List<ServerEndpointConfig> endpoints = new ArrayList<>();
        private final List<String> prefixes = new ArrayList<>();
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String host = "127.0.0.1";
        private int port = 8080;
        private int idleSeconds = 30;

        private Builder() {}

        /**
         * Sets the address to listen on. Default: {@code 127.0.0.1}, which only this machine can reach.
         *
         * @param host name or address of one of the machine's interfaces; {@code 0.0.0.0} for all
         * @return this
         */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /**
         * Sets the port. Default: 8080.
         *
         * @param port 0 to 65535; 0 for any that is free
         * @return this
         * @throws IllegalArgumentException if it is not a port
         */
        public Builder port(int port) {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("a port is 0 to 65535: " + port);
            }
            this.port = port;
            return this;
        }

        /**
         * Adds an endpoint.
         *
         * @param config for example {@link RoomEndpoint#at}
         * @return this
         */
        public Builder endpoint(ServerEndpointConfig config) {
            endpoints.add(config);
            return this;
        }

        /**
         * Serves the resources below a prefix of the class path, {@code index.html} at {@code /}. Of several prefixes the
         * first that has a resource serves it. The browser client is served at {@code /roomcast/roomcast.js} in any case,
         * unless one of them has a file there. Only plain file names with the extensions of web pages are served, and never
         * a list of a directory.
         *
         * @param prefix for example {@code web} or {@code META-INF/resources}
         * @return this
         */
        public Builder resources(String prefix) {
            prefixes.add(prefix.replaceAll("^/+|/+$", ""));
            return this;
        }

        /**
         * Adds a header to every answer to a request for a page or a file, such as {@code Content-Security-Policy} with
         * {@code frame-ancestors 'none'}, which counts in a header only. A second call with the same name replaces the value.
         * Default: none but those that the server needs itself.
         *
         * @param name a token as RFC 9110 section 5.6.2 has it
         * @param value visible ASCII characters and spaces
         * @return this
         * @throws IllegalArgumentException if one of them has other characters
         */
        public Builder header(String name, String value) {
            if (!HEADER_NAME.matcher(name).matches()
                    || !HEADER_VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("not a header: " + name);
            }
            headers.put(name, value);
            return this;
        }

        /**
         * Starts the server.
         *
         * @return a running server, to be closed by the caller
         * @throws java.net.BindException if the port is taken or the address is not one of this machine
         * @throws IOException if the server cannot start
         * @throws IllegalArgumentException if an endpoint is not usable, such as two of one path
         */
        public RoomServer start() throws IOException {
            return new RoomServer(this);
        }

        /** For tests: how long a connection that is not upgraded may say nothing. */
        Builder idleSeconds(int seconds) {
            this.idleSeconds = seconds;
            return this;
        }

        private StaticFiles files() {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            return new StaticFiles(context == null ? RoomServer.class.getClassLoader() : context, prefixes, headers);
        }
    }
}

package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.glassfish.grizzly.nio.NIOConnection;
import org.glassfish.tyrus.core.RequestContext;
import org.glassfish.tyrus.core.TyrusUpgradeResponse;
import org.glassfish.tyrus.spi.UpgradeRequest;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.glassfish.tyrus.spi.WebSocketEngine.UpgradeInfo;
import org.glassfish.tyrus.spi.WebSocketEngine.UpgradeStatus;
import org.jspecify.annotations.Nullable;

/**
 * Turns HTTP requests that ask for it into WebSocket connections.
 *
 * <p>Tyrus has a filter of its own for it. This one differs in what it must: it gives the endpoint a {@link Link}; it
 * upgrades only if the status is 101; a broken request gets 400 where the other drops the connection; header values stay
 * whole, except those that are lists by definition, where the other cuts each at its commas.
 */
final class WebSocketUpgrade {

    /** What became of a request: an answer, and the connection's new owner if the answer is 101. */
    static final class Outcome {

        private final HttpResponse response;
        private final @Nullable GrizzlyLink link;
        private final @Nullable UpgradeInfo upgrade;

        private Outcome(HttpResponse response, @Nullable GrizzlyLink link, @Nullable UpgradeInfo upgrade) {
            this.response = response;
            this.link = link;
            this.upgrade = upgrade;
        }

        HttpResponse response() {
            return response;
        }

        /** The connection's new owner; null if there is no upgrade. */
        @Nullable
        GrizzlyLink link() {
            return link;
        }

        /** Opens the session, before anything of the client's can come. */
        void open() {
            if (link == null || upgrade == null) {
                return;
            }
            try {
                link.attach(upgrade.createConnection(link, reason -> link.close()));
            } catch (RuntimeException | Error failed) {
                FAULTS.fault(System.Logger.Level.ERROR, "A connection could not be opened", LogText.of(failed), null);
                link.fail();
            }
        }
    }

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));

    private static final int KEY_LENGTH = 24;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final WebSocketEngine engine;
    private final ScheduledExecutorService timer;

    WebSocketUpgrade(WebSocketEngine engine, ScheduledExecutorService timer) {
        this.engine = engine;
        this.timer = timer;
    }

    /** What a request for an upgrade leads to; empty if it is none, or none of an endpoint's. */
    Optional<Outcome> answer(HttpRequest request, NIOConnection connection) {
        if (!request.method().equals("GET") || !request.lists("Upgrade", UpgradeRequest.WEBSOCKET)) {
            return Optional.empty();
        }
        if (!isSound(request)) {
            return Optional.of(refused(400));
        }
        GrizzlyLink link = new GrizzlyLink(connection, timer);
        TyrusUpgradeResponse response = new TyrusUpgradeResponse();
        UpgradeInfo upgrade;
        try {
            upgrade = engine.upgrade(described(request, connection, link), response);
        } catch (IllegalArgumentException malformed) {
            return Optional.of(refused(400));
        } catch (RuntimeException failed) {
            FAULTS.fault(System.Logger.Level.ERROR, "A handshake failed", LogText.of(failed), null);
            return Optional.of(refused(500));
        }
        if (upgrade.getStatus() == UpgradeStatus.NOT_APPLICABLE) {
            return Optional.empty();
        }
        int status = response.getStatus();
        if (upgrade.getStatus() != UpgradeStatus.SUCCESS || status != SWITCHING_PROTOCOLS) {
            // 500 is what Tyrus says of a header that is missing or wrong.
            return Optional.of(refused(status == SWITCHING_PROTOCOLS || status == 500 ? 400 : status));
        }
        HttpResponse switching = new HttpResponse(SWITCHING_PROTOCOLS);
        response.getHeaders().forEach((name, values) -> switching.header(name, String.join(", ", values)));
        return Optional.of(new Outcome(switching, link, upgrade));
    }

    /** RFC 6455 4.2.1, which Tyrus does not look at: it takes any key, and does without HTTP 1.1 and {@code Connection}. */
    private static boolean isSound(HttpRequest request) {
        return request.isHttp11()
                && !request.hasBody()
                && request.lists("Connection", UpgradeRequest.UPGRADE)
                && request.header("Sec-WebSocket-Key")
                        .filter(WebSocketUpgrade::isKey)
                        .isPresent();
    }

    /** 16 bytes in Base64. */
    private static boolean isKey(String key) {
        return key.length() == KEY_LENGTH
                && key.endsWith("==")
                && key.chars().limit(KEY_LENGTH - 2L).allMatch(WebSocketUpgrade::isBase64);
    }

    private static boolean isBase64(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    }

    private static RequestContext described(HttpRequest request, NIOConnection connection, GrizzlyLink link) {
        String query = request.query();
        Map<String, String[]> parameters = new HashMap<>();
        QueryString.parse(query).forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
        InetSocketAddress local = (InetSocketAddress) connection.getLocalAddress();
        RequestContext described = RequestContext.Builder.create()
                .requestURI(URI.create(request.path()))
                .queryString(query == null ? null : QueryString.escaped(query))
                .parameterMap(parameters)
                .httpSession(link)
                .secure(false)
                .remoteAddr(address((InetSocketAddress) connection.getPeerAddress()))
                .serverAddr(address(local))
                .serverPort(local.getPort())
                .build();
        request.headers().forEach((name, values) -> described.getHeaders().put(name, elements(name, values)));
        return described;
    }

    private static @Nullable String address(InetSocketAddress address) {
        return address.getAddress() == null ? null : address.getAddress().getHostAddress();
    }

    /** Of lists Tyrus expects the elements one by one, and of these two one alone. */
    private static List<String> elements(String name, List<String> values) {
        return switch (name) {
            case "upgrade" -> List.of(UpgradeRequest.WEBSOCKET);
            case "connection" -> List.of(UpgradeRequest.UPGRADE);
            case "sec-websocket-protocol", "sec-websocket-extensions" ->
                values.stream()
                        .flatMap(value -> Stream.of(value.split(",")))
                        .map(String::strip)
                        .collect(Collectors.toList());
            default -> values;
        };
    }

    private static Outcome refused(int status) {
        HttpResponse response = new HttpResponse(status);
        if (status == 426) {
            response.header("Sec-WebSocket-Version", "13");
        }
        return new Outcome(response, null, null);
    }
}

package dev.roomcast.jakarta;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.Protocol;
import org.glassfish.grizzly.nio.NIOConnection;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;
import org.glassfish.tyrus.core.RequestContext;
import org.glassfish.tyrus.core.TyrusUpgradeResponse;
import org.glassfish.tyrus.spi.UpgradeRequest;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.glassfish.tyrus.spi.WebSocketEngine.UpgradeInfo;
import org.glassfish.tyrus.spi.WebSocketEngine.UpgradeStatus;

/**
 * Turns HTTP requests that ask for it into WebSocket connections: in the HTTP chain before the handler of resources, to which
 * everything else is passed on.
 *
 * <p>Tyrus has such a filter of its own. This one differs in what it must: it gives the endpoint a {@link Link}; it upgrades
 * only if the status is 101; a broken request gets 400 where the other drops the connection; header values stay whole,
 * except those that are lists by definition, where the other cuts each at its commas; and an upgraded connection leaves the
 * HTTP chain, so that its bytes pass no HTTP parser and no idle timeout.
 */
final class UpgradeFilter extends BaseFilter {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    /** Headers of which Tyrus expects the elements one by one. */
    private static final Set<String> LISTS =
            Set.of("connection", "upgrade", "sec-websocket-protocol", "sec-websocket-extensions");

    /** RFC 6455 4.2.1: 16 bytes in Base64. Tyrus takes anything. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

    private static final int SWITCHING_PROTOCOLS = 101;

    private final WebSocketEngine engine;
    private final FilterChain sockets;
    private final ScheduledExecutorService timer;

    UpgradeFilter(WebSocketEngine engine, FilterChain sockets, ScheduledExecutorService timer) {
        this.engine = engine;
        this.sockets = sockets;
        this.timer = timer;
    }

    @Override
    public NextAction handleRead(FilterChainContext context) throws IOException {
        HttpContent content = context.getMessage();
        if (!(content.getHttpHeader() instanceof HttpRequestPacket request)
                || !Method.GET.equals(request.getMethod())
                || !UpgradeRequest.WEBSOCKET.equalsIgnoreCase(request.getUpgrade())) {
            return context.getInvokeAction();
        }
        if (!KEY.matcher(String.valueOf(request.getHeader("Sec-WebSocket-Key"))).matches()) {
            return refuse(context, request, 400);
        }
        GrizzlyLink link = new GrizzlyLink((NIOConnection) context.getConnection(), timer);
        TyrusUpgradeResponse response = new TyrusUpgradeResponse();
        UpgradeInfo upgrade;
        try {
            upgrade = engine.upgrade(described(request, link), response);
        } catch (IllegalArgumentException malformed) {
            return refuse(context, request, 400);
        } catch (RuntimeException failed) {
            LOG.log(System.Logger.Level.ERROR, "A handshake failed: {0}", LogText.of(failed));
            return refuse(context, request, 500);
        }
        if (upgrade.getStatus() == UpgradeStatus.NOT_APPLICABLE) {
            return context.getInvokeAction();
        }
        int status = response.getStatus();
        if (upgrade.getStatus() != UpgradeStatus.SUCCESS || status != SWITCHING_PROTOCOLS) {
            // 500 is what Tyrus says of a header that is missing or wrong.
            return refuse(context, request, status == SWITCHING_PROTOCOLS || status == 500 ? 400 : status);
        }
        answer(context, request, response.getHeaders(), link);
        open(context.getConnection(), link, upgrade);
        return context.getStopAction();
    }

    private void open(Connection<?> connection, GrizzlyLink link, UpgradeInfo upgrade) {
        IdleTimeoutFilter.setCustomTimeout(connection, -1, TimeUnit.SECONDS);
        SocketFilter.put(connection, link);
        connection.setProcessor(sockets);
        try {
            link.attach(upgrade.createConnection(link, reason -> link.close()));
        } catch (RuntimeException | Error failed) {
            LOG.log(System.Logger.Level.ERROR, "A connection could not be opened: {0}", LogText.of(failed));
            link.fail();
        }
    }

    private static RequestContext described(HttpRequestPacket request, GrizzlyLink link) {
        String query = request.getQueryString();
        Map<String, String[]> parameters = new HashMap<>();
        QueryString.parse(query).forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
        RequestContext described = RequestContext.Builder.create()
                .requestURI(URI.create(request.getRequestURI()))
                .queryString(query == null ? null : QueryString.escaped(query))
                .parameterMap(parameters)
                .httpSession(link)
                .secure(request.isSecure())
                .remoteAddr(request.getRemoteAddress())
                .serverAddr(request.getLocalAddress())
                .serverPort(request.getLocalPort())
                .build();
        for (String name : request.getHeaders().names()) {
            for (String value : request.getHeaders().values(name)) {
                described
                        .getHeaders()
                        .merge(
                                name,
                                elements(name, value),
                                (one, more) -> Stream.concat(one.stream(), more.stream())
                                        .collect(Collectors.toList()));
            }
        }
        return described;
    }

    private static List<String> elements(String name, String value) {
        return LISTS.contains(name.toLowerCase(Locale.ROOT))
                ? Arrays.stream(value.split(",")).map(String::strip).collect(Collectors.toList())
                : List.of(value.strip());
    }

    /** Answers and closes: what a client does that got no upgrade is not worth a connection. */
    private static NextAction refuse(FilterChainContext context, HttpRequestPacket request, int status) {
        HttpResponsePacket response = request.getResponse();
        response.setStatus(status);
        response.setProtocol(Protocol.HTTP_1_1);
        response.setContentLength(0);
        response.setHeader("Connection", "close");
        if (status == 426) {
            response.setHeader("Sec-WebSocket-Version", "13");
        }
        context.write(HttpContent.builder(response).last(true).build());
        // In order: what was written goes out first.
        context.getConnection().closeSilently();
        return context.getStopAction();
    }

    @SuppressWarnings("rawtypes")
    private static void answer(
            FilterChainContext context,
            HttpRequestPacket request,
            Map<String, List<String>> headers,
            GrizzlyLink link) {
        HttpResponsePacket response = request.getResponse();
        response.setStatus(SWITCHING_PROTOCOLS);
        response.setProtocol(Protocol.HTTP_1_1);
        headers.forEach((name, values) -> response.setHeader(name, String.join(", ", values)));
        CompletionHandler<WriteResult> out = new EmptyCompletionHandler<>() {
            @Override
            public void completed(WriteResult result) {
                link.answered();
            }

            @Override
            public void failed(Throwable cause) {
                link.cut();
                link.answered();
            }
        };
        context.write(null, HttpContent.builder(response).build(), out);
    }
}

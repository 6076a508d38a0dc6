package dev.roomcast.jakarta;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Refusal;
import dev.roomcast.transport.Handshake;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges a handshake before the container upgrades it, in a servlet container such as Tomcat. Optional, and worth having:
 * without it a foreign page is refused with the container's own status, in Tomcat 500 and a stack trace in its log, and the
 * hub is not told the client's address. With it the status is the hub's (403, 429, 503).
 *
 * <pre>{@code
 * FilterRegistration.Dynamic filter = servletContext.addFilter("rooms", new RoomFilter(rooms));
 * filter.setAsyncSupported(true);
 * filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/rooms");
 * }</pre>
 *
 * <p>It must stand before the container's own upgrade; {@code false} says so. Requests that ask for no WebSocket pass
 * untouched. Behind a proxy the address is the proxy's, unless the container is told better (Tomcat's
 * {@code RemoteIpValve}). Safe for use by any thread; needs {@code jakarta.servlet}, version 6.0 or later.
 *
 * <p>A query whose escapes are malformed, or are not UTF-8, is answered with 400. Browsers leave {@code | { } ^ \} and the
 * backtick unescaped in a query. Tomcat answers such a request with 400 before any filter, unless the connector's
 * {@code relaxedQueryChars} names them; then they are escaped here, since Tomcat's upgrade does not take them.
 */
public final class RoomFilter implements Filter {

    private final Rooms rooms;

    /**
     * A filter for the endpoints of one hub.
     *
     * @param rooms the hub
     */
    public RoomFilter(Rooms rooms) {
        this.rooms = rooms;
    }

    /**
     * Called by the container.
     *
     * @param request any request
     * @param response its response
     * @param chain what follows
     * @throws IOException if what follows throws it
     * @throws ServletException if what follows throws it
     */
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest asked)
                || !(response instanceof HttpServletResponse answer)
                || !isUpgrade(asked)) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Map<String, List<String>>> parameters = parameters(asked);
        Optional<Refusal> refusal = rooms.refusal(described(asked, parameters.orElse(Map.of())));
        if (refusal.isPresent() || parameters.isEmpty()) {
            answer.setStatus(refusal.map(Refusal::status).orElse(400));
            answer.setContentLength(0);
            return;
        }
        new Admission(rooms, asked.getRemoteAddr(), parameters.get()).begin();
        try {
            chain.doFilter(withLegalQuery(asked), response);
        } finally {
            Admission.end();
        }
    }

    /** Whether a container might upgrade the request: by any element of any such header, or by HTTP/2 (RFC 8441). */
    private static boolean isUpgrade(HttpServletRequest request) {
        return request.getMethod().equals("CONNECT")
                || Collections.list(request.getHeaders("Upgrade")).stream()
                        .flatMap(line -> Stream.of(line.split(",")))
                        .anyMatch(element -> element.strip().equalsIgnoreCase("websocket"));
    }

    /** The parameters of the URL; empty if they are malformed. */
    private static Optional<Map<String, List<String>>> parameters(HttpServletRequest request) {
        try {
            return Optional.of(QueryString.parse(request.getQueryString()));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static HttpServletRequest withLegalQuery(HttpServletRequest request) {
        String query = request.getQueryString();
        String legal = query == null ? null : QueryString.escaped(query);
        if (Objects.equals(query, legal)) {
            return request;
        }
        return new HttpServletRequestWrapper(request) {
            @Override
            public @Nullable String getQueryString() {
                return legal;
            }
        };
    }

    private static Handshake described(HttpServletRequest request, Map<String, List<String>> parameters) {
        Map<String, List<String>> headers = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name, Collections.list(request.getHeaders(name)));
        }
        return Handshake.builder()
                .headers(headers)
                .parameters(parameters)
                .principal(request.getUserPrincipal())
                .remoteAddress(request.getRemoteAddr())
                .secure(request.isSecure())
                .build();
    }
}

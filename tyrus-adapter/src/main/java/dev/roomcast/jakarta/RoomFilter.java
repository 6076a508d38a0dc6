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
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
                || !"websocket".equalsIgnoreCase(asked.getHeader("Upgrade"))) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Refusal> refusal = rooms.refusal(described(asked));
        if (refusal.isPresent()) {
            answer.setStatus(refusal.get().status());
            answer.setContentLength(0);
            return;
        }
        new Admission(rooms, asked.getRemoteAddr()).begin();
        try {
            chain.doFilter(request, response);
        } finally {
            Admission.end();
        }
    }

    private static Handshake described(HttpServletRequest request) {
        Map<String, List<String>> headers = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            headers.put(name, Collections.list(request.getHeaders(name)));
        }
        Map<String, List<String>> parameters = new TreeMap<>();
        request.getParameterMap().forEach((name, values) -> parameters.put(name, List.of(values)));
        return Handshake.builder()
                .headers(headers)
                .parameters(parameters)
                .principal(request.getUserPrincipal())
                .remoteAddress(request.getRemoteAddr())
                .secure(request.isSecure())
                .build();
    }
}

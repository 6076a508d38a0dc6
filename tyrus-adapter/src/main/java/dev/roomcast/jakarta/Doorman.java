package dev.roomcast.jakarta;

import dev.roomcast.Rooms;
import dev.roomcast.guard.Refusal;
import dev.roomcast.transport.Handshake;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stands at the door of one endpoint: turns a request into a {@link Handshake} and lets the hub judge it before it becomes a
 * connection.
 *
 * <p><b>How a refusal becomes a status.</b> The API offers two moments, and neither is enough. {@code checkOrigin} answers
 * 403 (404 in Undertow) in every container, but sees the {@code Origin} alone, while "the same origin" needs the
 * {@code Host}. {@code modifyHandshake} comes after it and sees all headers, but its response has no status. So:
 *
 * <ol>
 *   <li>{@code checkOrigin} asks the hub about a request with this origin in which the host is the origin's own. What is
 *       refused even so is refused whatever the host: a foreign page under a list of origins, {@code null}, nonsense, or
 *       none where one is demanded. That is 403 everywhere.
 *   <li>{@code modifyHandshake} asks again with everything. Tyrus looks at the status of its response afterwards and upgrades
 *       only if it is still 101, so there the refusal's own status is set. (It treats 401 and 503 as an upgrade, too; the
 *       standalone server does not, elsewhere the session is cut on opening.) Any other container is stopped by an
 *       exception: no connection comes about, but the status is the container's, usually 500 (in Tomcat with a stack trace
 *       in its log).
 * </ol>
 *
 * <p>A host that wants the right status in such a container registers {@link RoomFilter}, which judges before the container
 * does; what it has let through is not judged again here. One that names its origins gets 403 for foreign pages from the
 * first step, also without the filter, but not 429 and 503.
 *
 * <p>A value per thread from {@code checkOrigin} to a later hook would not help: the {@code Host} is known only in the last.
 */
final class Doorman extends ServerEndpointConfig.Configurator {

    /** Jetty puts the peer's address here. */
    private static final String REMOTE_ADDRESS = "jakarta.websocket.endpoint.remoteAddress";

    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}/]+)}");

    /** Stops a handshake. Has no stack trace: it is an answer, not a fault. */
    @SuppressWarnings("serial")
    static final class Refused extends RuntimeException {
        Refused(Refusal refusal) {
            super("handshake refused with " + refusal.status() + ": " + refusal.reason(), null, false, false);
        }
    }

    private final Rooms rooms;
    private final Errands errands = new Errands();
    private final HardCut hardCut = new HardCut(errands);
    private final Outlets outlets;
    private final List<String> pathVariables;

    Doorman(Rooms rooms, String path) {
        this.rooms = rooms;
        this.outlets = new Outlets(path, hardCut, errands);
        this.pathVariables =
                VARIABLE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /** What became of the choice of a way to write. */
    String writing() {
        return outlets.toString();
    }

    @Override
    public boolean checkOrigin(@Nullable String origin) {
        if (isAdmitted()) {
            return true;
        }
        Handshake.Builder atItsOwnHost = Handshake.builder();
        if (origin != null) {
            atItsOwnHost.header("Origin", origin);
            authority(origin).ifPresent(host -> atItsOwnHost.header("Host", host));
        }
        return rooms.refusal(atItsOwnHost.build())
                .filter(refusal -> refusal.status() == 403)
                .isEmpty();
    }

    @Override
    public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
        Handshake.Builder described = Handshake.builder()
                .headers(request.getHeaders())
                .principal(request.getUserPrincipal())
                .remoteAddress(remoteAddress(config, request))
                .secure(isSecure(request));
        Optional<Map<String, List<String>>> parameters = parameters(request);
        parameters.ifPresent(described::parameters);
        Optional<Refusal> refusal = isAdmitted() ? Optional.empty() : rooms.refusal(described.build());
        if (refusal.isEmpty() && parameters.isEmpty()) {
            refusal = Optional.of(new Refusal(400, "the query is malformed"));
        }
        Link link = request.getHttpSession() instanceof Link ours ? ours : null;
        if (link != null) {
            link.mayBlock(rooms.mayBlock());
        }
        config.getUserProperties().put(Arrival.KEY, new Arrival(described, refusal, link));
        refusal.ifPresent(why -> refuse(response, why));
    }

    @Override
    public <T> T getEndpointInstance(Class<T> endpointClass) throws InstantiationException {
        if (endpointClass != RoomEndpoint.class) {
            throw new InstantiationException(endpointClass + " is not the endpoint of this configuration");
        }
        return endpointClass.cast(new RoomEndpoint(rooms, outlets, hardCut));
    }

    /** Whether this hub has judged the handshake already: asked twice, it would count it twice. */
    private boolean isAdmitted() {
        return Admission.current()
                .filter(admission -> admission.rooms() == rooms)
                .isPresent();
    }

    private static void refuse(HandshakeResponse response, Refusal refusal) {
        if (!(isTyrus(response) && TyrusHandshake.answer(response, refusal.status()))) {
            throw new Refused(refusal);
        }
    }

    private static @Nullable String remoteAddress(ServerEndpointConfig config, HandshakeRequest request) {
        if (isTyrus(request)) {
            return TyrusHandshake.remoteAddress(request);
        }
        if (config.getUserProperties().get(REMOTE_ADDRESS) instanceof InetSocketAddress peer
                && peer.getAddress() != null) {
            return peer.getAddress().getHostAddress();
        }
        return Admission.current().map(Admission::remoteAddress).orElse(null);
    }

    /**
     * The parameters of the URL, from the query as it stands in the request; empty if they are malformed. {@link RoomFilter}
     * has seen that query. Without it the request's URI has it in Tomcat, Jetty and Undertow, and {@code getQueryString} in
     * Tyrus, whose URI has none. (In Jetty {@code getQueryString} is decoded.) Variables of the path are the container's.
     */
    private Optional<Map<String, List<String>>> parameters(HandshakeRequest request) {
        Optional<Admission> admission = Admission.current();
        Map<String, List<String>> parameters;
        if (admission.isPresent()) {
            parameters = new LinkedHashMap<>(admission.get().parameters());
        } else {
            URI uri = request.getRequestURI();
            String query = uri == null || uri.getRawQuery() == null ? request.getQueryString() : uri.getRawQuery();
            // Tyrus would fail after it has upgraded.
            if (query != null && isTyrus(request) && !query.equals(QueryString.escaped(query))) {
                return Optional.empty();
            }
            try {
                parameters = QueryString.parse(query);
            } catch (IllegalArgumentException malformed) {
                return Optional.empty();
            }
        }
        for (String variable : pathVariables) {
            List<String> values = request.getParameterMap().get(variable);
            if (values != null) {
                parameters.put(variable, values);
            }
        }
        return Optional.of(parameters);
    }

    private static boolean isSecure(HandshakeRequest request) {
        if (isTyrus(request)) {
            return TyrusHandshake.isSecure(request);
        }
        String scheme =
                request.getRequestURI() == null ? null : request.getRequestURI().getScheme();
        return "wss".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    }

    /** Asked by name, so that no class of Tyrus is looked for where there is none. */
    private static boolean isTyrus(Object part) {
        return part.getClass().getName().startsWith("org.glassfish.tyrus.");
    }

    private static Optional<String> authority(String origin) {
        try {
            return Optional.ofNullable(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }
}

package dev.roomcast.guard;

import dev.roomcast.transport.Handshake;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may open a connection. A browser names the page's origin in the {@code Origin} header and lets any page
 * open a WebSocket to any server, cookies included, so this check is what stands between a user's session and a foreign
 * page.
 *
 * <p>An origin is compared by scheme, host and port, the latter two as a browser writes them. The same origin is
 * recognised by the {@code Host} header; the scheme is not compared for it, since a proxy may end TLS. A request without
 * {@code Origin} does not come from a browser and passes. {@code null} (a sandboxed page, a file) is refused.
 */
public final class OriginPolicy {

    private static final String ANY = "*";

    private final Set<String> allowed;

    private OriginPolicy(Set<String> allowed) {
        this.allowed = allowed;
    }

    /**
     * Only pages that were served by the host that serves the endpoint.
     *
     * @return the default policy
     */
    public static OriginPolicy sameOrigin() {
        return new OriginPolicy(Set.of());
    }

    /**
     * Exactly the pages of these origins.
     *
     * @param origins for example {@code https://app.example.com} or {@code http://localhost:5173}; {@code *} for any
     * @return the policy
     * @throws IllegalArgumentException if one of them is not an origin
     */
    public static OriginPolicy of(List<String> origins) {
        return new OriginPolicy(origins.stream()
                .map(origin -> origin.equals(ANY) ? ANY : normalised(origin).orElseThrow(() -> notAnOrigin(origin)))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /**
     * Judges a handshake.
     *
     * @param handshake the request
     * @return a refusal with status 403; empty if it may come in
     */
    public Optional<Refusal> check(Handshake handshake) {
        List<String> origins = handshake.headerValues("origin");
        if (origins.isEmpty() || allowed.contains(ANY)) {
            return Optional.empty();
        }
        if (origins.size() > 1) {
            return Optional.of(new Refusal(403, "more than one Origin"));
        }
        Optional<String> origin = normalised(origins.get(0));
        boolean welcome = origin.isPresent()
                && (allowed.isEmpty() ? isSame(origin.get(), handshake) : allowed.contains(origin.get()));
        return welcome ? Optional.empty() : Optional.of(new Refusal(403, "Origin is not allowed"));
    }

    private static boolean isSame(String origin, Handshake handshake) {
        return handshake.header("host").stream()
                .flatMap(host -> Stream.of("http://" + host, "https://" + host))
                .flatMap(url -> normalised(url).stream())
                .anyMatch(origin::equals);
    }

    /** Scheme, host and port in one spelling; empty if the text is anything but an origin. */
    private static Optional<String> normalised(String text) {
        try {
            URI uri = new URI(text);
            String scheme = lower(uri.getScheme());
            String host = lower(uri.getHost());
            boolean bare = (uri.getRawPath() == null || uri.getRawPath().isEmpty())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            int usual = scheme.equals("http") ? 80 : scheme.equals("https") ? 443 : -1;
            if (!bare || host.isEmpty() || scheme.isEmpty()) {
                return Optional.empty();
            }
            int port = uri.getPort() == -1 ? usual : uri.getPort();
            return Optional.of(scheme + "://" + host + ":" + port);
        } catch (URISyntaxException notOne) {
            return Optional.empty();
        }
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException notAnOrigin(String text) {
        return new IllegalArgumentException("not an origin such as https://app.example.com: " + text);
    }
}

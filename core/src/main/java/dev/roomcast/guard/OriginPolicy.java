package dev.roomcast.guard;

import dev.roomcast.transport.Handshake;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which web pages may open a connection. A browser names the page's origin in the {@code Origin} header (RFC 6454) and lets
 * any page open a WebSocket to any server, cookies included, so this check is what stands between a user's session and a
 * foreign page. It does not stop programs, which send what they like.
 *
 * <p>It cannot tell a page by the name of its host alone: under DNS rebinding a foreign page gives its own name the address
 * of this server, and then its origin and the {@code Host} are alike. A server that is reached by a private address or
 * without TLS names its hosts ({@link #sameOrigin(String...)}) or its origins ({@link #of}). Under TLS the browser refuses
 * such a page, since the certificate is not of its name.
 *
 * <p>An origin is a scheme, a host and a port, compared as a browser writes them: letters in any case, the scheme's usual
 * port left out or not, and nothing else alike. {@code https://example.com} is not {@code https://example.com.}, nor
 * {@code http://example.com}, nor {@code https://www.example.com}. A text that is anything but one origin is refused.
 *
 * <p>Immutable and safe for use by any thread.
 */
public final class OriginPolicy {

    private static final String ANY = "*";
    private static final String NULL = "null";

    /** RFC 6454 section 6.2: scheme, host and port, and not a character more. */
    private static final Pattern ORIGIN = Pattern.compile(
            "([a-z][a-z0-9+.-]*)://(\\[[0-9a-f:.]+]|[a-z0-9._~-]+)(?::([0-9]{1,5}))?", Pattern.CASE_INSENSITIVE);

    /** RFC 9110 section 7.2. */
    private static final Pattern HOST =
            Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9._~-]+)(?::([0-9]{1,5}))?", Pattern.CASE_INSENSITIVE);

    /** A scheme, a host and a port; 0 where the scheme has no usual one. */
    private record Origin(String scheme, String host, int port) {}

    private final Set<Origin> allowed;

    /** In lower case, with or without a port; empty for any. */
    private final Set<String> hosts;

    private final boolean same;
    private final boolean any;
    private final boolean allowsNull;
    private final boolean allowsMissing;

    private OriginPolicy(
            Set<Origin> allowed,
            Set<String> hosts,
            boolean same,
            boolean any,
            boolean allowsNull,
            boolean allowsMissing) {
        this.allowed = allowed;
        this.hosts = hosts;
        this.same = same;
        this.any = any;
        this.allowsNull = allowsNull;
        this.allowsMissing = allowsMissing;
    }

    /**
     * Only pages that were served by the host that serves the endpoint, as the {@code Host} header names it. A handshake that
     * came over TLS takes pages of {@code https} only. One that did not takes both, since a proxy may have ended TLS: the
     * page is {@code https} then and the handshake, as the container sees it, is not. A proxy that puts another {@code Host}
     * makes every origin a foreign one: name yours with {@link #of} then.
     *
     * @return the default policy
     */
    public static OriginPolicy sameOrigin() {
        return new OriginPolicy(Set.of(), Set.of(), true, false, false, true);
    }

    /**
     * The same, and only under these names: a handshake whose {@code Host} is another is refused, whatever its origin. So DNS
     * rebinding finds nothing. A handshake with neither {@code Host} nor {@code Origin}, which no browser sends, is taken.
     *
     * @param hosts the names by which clients reach this server, as in a URL, for example {@code app.example.com},
     *     {@code localhost:8080} or {@code [::1]:8080}; a name without a port stands for every port
     * @return the policy
     * @throws IllegalArgumentException if there is none, or one of them is not a host
     */
    public static OriginPolicy sameOrigin(String... hosts) {
        if (hosts.length == 0) {
            throw new IllegalArgumentException("no host is named");
        }
        Set<String> own = new HashSet<>();
        for (String host : hosts) {
            if (!HOST.matcher(host).matches()) {
                throw new IllegalArgumentException("not a host such as app.example.com or localhost:8080: " + host);
            }
            own.add(lower(host));
        }
        return new OriginPolicy(Set.of(), Set.copyOf(own), true, false, false, true);
    }

    /**
     * Exactly the pages of these origins.
     *
     * @param origins for example {@code https://app.example.com} or {@code http://localhost:5173}; {@code *} for any
     * @return the policy
     * @throws IllegalArgumentException if there is none, or one of them is not an origin
     */
    public static OriginPolicy of(List<String> origins) {
        if (origins.isEmpty()) {
            throw new IllegalArgumentException("no origin is named; leave it out for the same origin");
        }
        Set<Origin> exact = origins.stream()
                .filter(origin -> !origin.equals(ANY))
                .map(origin -> parse(origin).orElseThrow(() -> notAnOrigin(origin)))
                .collect(Collectors.toUnmodifiableSet());
        return new OriginPolicy(exact, Set.of(), false, origins.contains(ANY), false, true);
    }

    /**
     * Lets in pages whose origin is {@code null}, too: files, sandboxed frames, some redirects. Any page can make itself such
     * a one, so this is {@code *} by another name.
     *
     * @return a policy that differs in this
     */
    public OriginPolicy allowingNull() {
        return new OriginPolicy(allowed, hosts, same, any, true, allowsMissing);
    }

    /**
     * Refuses requests without {@code Origin}, which come from programs, never from pages.
     *
     * @return a policy that differs in this
     */
    public OriginPolicy refusingMissing() {
        return new OriginPolicy(allowed, hosts, same, any, allowsNull, false);
    }

    /**
     * Judges a handshake.
     *
     * @param handshake the request
     * @return a refusal with status 403; empty if it may come in
     */
    public Optional<Refusal> check(Handshake handshake) {
        List<String> origins = handshake.headerValues("origin");
        if (!hosts.isEmpty() && !isOwnHost(handshake.headerValues("host"), origins.isEmpty())) {
            return refusal("Host is not one of this server");
        }
        if (origins.isEmpty()) {
            return allowsMissing ? Optional.empty() : refusal("Origin is missing");
        }
        if (origins.size() > 1) {
            return refusal("more than one Origin");
        }
        if (any) {
            return Optional.empty();
        }
        if (origins.get(0).equals(NULL)) {
            return allowsNull ? Optional.empty() : refusal("Origin is null");
        }
        boolean welcome = parse(origins.get(0))
                .filter(origin -> same ? isSame(origin, handshake) : allowed.contains(origin))
                .isPresent();
        return welcome ? Optional.empty() : refusal("Origin is not allowed");
    }

    private boolean isOwnHost(List<String> named, boolean ifNone) {
        if (named.size() != 1) {
            return named.isEmpty() && ifNone;
        }
        Matcher host = HOST.matcher(named.get(0));
        return host.matches() && (hosts.contains(lower(host.group())) || hosts.contains(lower(host.group(1))));
    }

    private static boolean isSame(Origin origin, Handshake handshake) {
        List<String> hosts = handshake.headerValues("host");
        if (hosts.size() != 1) {
            return false;
        }
        Matcher host = HOST.matcher(hosts.get(0));
        boolean fits = origin.scheme.equals("https") || (origin.scheme.equals("http") && !handshake.isSecure());
        return fits
                && host.matches()
                && origin.host.equals(lower(host.group(1)))
                && origin.port == port(origin.scheme, host.group(2)).orElse(-1);
    }

    private static Optional<Origin> parse(String text) {
        Matcher parts = ORIGIN.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String scheme = lower(parts.group(1));
        return port(scheme, parts.group(3)).map(port -> new Origin(scheme, lower(parts.group(2)), port));
    }

    /** Of what has matched: the Kelvin sign, for one, would become a common k. */
    private static String lower(String ascii) {
        return ascii.toLowerCase(Locale.ROOT);
    }

    private static Optional<Integer> port(String scheme, @org.jspecify.annotations.Nullable String written) {
        if (written != null) {
            int port = Integer.parseInt(written);
            return port >= 1 && port <= 65535 ? Optional.of(port) : Optional.empty();
        }
        return Optional.of(
                switch (scheme) {
                    case "http", "ws" -> 80;
                    case "https", "wss" -> 443;
                    default -> 0;
                });
    }

    private static Optional<Refusal> refusal(String reason) {
        return Optional.of(new Refusal(403, reason));
    }

    private static IllegalArgumentException notAnOrigin(String text) {
        return new IllegalArgumentException("not an origin such as https://app.example.com: " + text);
    }
}

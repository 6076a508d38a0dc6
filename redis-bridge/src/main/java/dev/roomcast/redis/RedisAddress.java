package dev.roomcast.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.Transports;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Where Redis is: everything that a {@link RedisURI} says, sentinels included, in a copy that nobody changes. Its text names
 * hosts and ports only; that of Lettuce asks for the credentials to be masked, which may block, and shows their length.
 */
final class RedisAddress extends RedisURI {

    private static final long serialVersionUID = 1L;

    private RedisAddress(RedisURI source) {
        super(source);
    }

    /**
     * Reads a URI.
     *
     * @throws IllegalArgumentException if it is none, or of a form that is not supported; its text does not repeat the URI
     */
    static RedisAddress parse(String uri) {
        RedisURI parsed = null;
        try {
            parsed = RedisURI.create(uri);
        } catch (RuntimeException e) {
            // Not to be passed on: it repeats the URI.
        }
        if (parsed == null) {
            throw malformed();
        }
        RedisAddress address = of(parsed);
        if (isMisread(uri, parsed)) {
            throw malformed();
        }
        return address;
    }

    /**
     * Copies a URI.
     *
     * @throws IllegalArgumentException if it is incomplete, or of a form that is not supported
     */
    static RedisAddress of(RedisURI uri) {
        Objects.requireNonNull(uri, "uri");
        if (uri.getHost() != null && uri.getHost().indexOf(',') >= 0) {
            throw new IllegalArgumentException(
                    "several hosts are nodes of a Redis Cluster, which is not supported; sentinels are named by"
                            + " redis-sentinel://host[:port],host[:port]/[database]#master");
        }
        boolean hasSentinels = !uri.getSentinels().isEmpty();
        if (hasSentinels && isEmpty(uri.getSentinelMasterId())) {
            throw new IllegalArgumentException("sentinels need the name of their master");
        }
        if (hasSentinels ? uri.getSentinels().stream().anyMatch(RedisAddress::isNowhere) : isNowhere(uri)) {
            throw new IllegalArgumentException("a Redis URI needs a host, a socket or sentinels");
        }
        boolean isSocket =
                uri.getSocket() != null || uri.getSentinels().stream().anyMatch(one -> one.getSocket() != null);
        if (isSocket && !Transports.NativeTransports.isDomainSocketSupported()) {
            throw new IllegalArgumentException("a Unix domain socket needs a native transport on the class path: add"
                    + " io.netty:netty-transport-native-epoll (Linux) or netty-transport-native-kqueue (macOS)");
        }
        return copy(uri);
    }

    private static RedisAddress copy(RedisURI source) {
        RedisAddress copy = new RedisAddress(source);
        copy.getSentinels().replaceAll(RedisAddress::new);
        return copy;
    }

    /** The same, with another time within which a connection must be ready, a sentinel's answer included. */
    RedisAddress within(Duration timeout) {
        RedisAddress copy = copy(this);
        copy.setTimeout(timeout);
        copy.getSentinels().forEach(sentinel -> sentinel.setTimeout(timeout));
        return copy;
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "not a Redis URI: expected redis://[[user]:password@]host[:port][/database], rediss:// for TLS,"
                        + " redis-sentinel://[[user]:password@]host[:port][,host[:port]…][/database]#master,"
                        + " or redis-socket:///path[?database=n]");
    }

    /**
     * Whether a part of a password may stand where a host is expected, which logs name. What is not escaped in it, '#' or
     * '?', ends the host for Lettuce, even before the '@'; and a port that is none, or one behind a name with an
     * underscore, is for it a part of that name.
     */
    private static boolean isMisread(String uri, RedisURI parsed) {
        int fragment = uri.indexOf('#');
        int query = uri.indexOf('?');
        int end = query < 0 || (fragment >= 0 && fragment < query) ? fragment : query;
        boolean isCut = end >= 0 && uri.indexOf('@') > end;
        // Behind sentinels it names the master.
        boolean isFragmentOdd = fragment >= 0 && parsed.getSentinels().isEmpty();
        return isCut
                || isFragmentOdd
                || hasColon(parsed)
                || parsed.getSentinels().stream().anyMatch(RedisAddress::hasColon);
    }

    private static boolean hasColon(RedisURI parsed) {
        String host = parsed.getHost();
        return host != null && !host.startsWith("[") && host.indexOf(':') >= 0;
    }

    private static boolean isNowhere(RedisURI uri) {
        return isEmpty(uri.getHost()) && isEmpty(uri.getSocket());
    }

    private static boolean isEmpty(String text) {
        return text == null || text.isEmpty();
    }

    /** Where it is, without user and password. */
    @Override
    public String toString() {
        List<RedisURI> sentinels = getSentinels();
        if (!sentinels.isEmpty()) {
            return getSentinelMasterId() + " of the sentinels at "
                    + sentinels.stream().map(Object::toString).collect(Collectors.joining(", "));
        }
        return getSocket() != null ? getSocket() : getHost() + ":" + getPort();
    }

    // What makes two the same stays what it was.

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}

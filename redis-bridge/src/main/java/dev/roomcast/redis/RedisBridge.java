package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.Roster;
import dev.roomcast.time.Time;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Rooms across instances, through one Redis: one order of messages per room, one history and one roster for all instances
 * that share a Redis and a prefix.
 *
 * <pre>{@code
 * Rooms rooms = Rooms.builder()
 *         .bridge(RedisBridge.connect("redis://localhost:6379"))
 *         .build();
 * }</pre>
 *
 * <p>A bridge serves one hub, which starts and closes it. Needs Redis 6.2 or later, or Valkey.
 *
 * <p>A Redis that is away is waited for: recoverable messages wait in a bounded outbox (10,000 messages or 16 MiB), go out
 * in order when it is back, and are refused as unavailable after ten seconds or when the outbox is full. Volatile messages
 * are delivered on their own instance meanwhile, and {@link WhileAway#LOCAL} lets recoverable ones be. The hub is
 * {@link dev.roomcast.Status#ISOLATED} then, and rooms can be joined and left as before. Wrong credentials fail the start.
 * Before a Redis that stalls, 10,000 volatile messages or 16 MiB may be under way; more are refused as unavailable.
 * With less than a gigabyte of heap 1/64 of it takes the place of each 16 MiB.
 *
 * <p>Each instance has a lease of ten seconds. When one dies, its members have left when the lease has run out.
 *
 * <p>What it claims: each acknowledged message reaches each live connection once and in the order of its room, or the
 * connection is told of a gap. What Redis itself forgets, because it was killed without an append-only file or evicted
 * keys, is such a gap.
 */
public final class RedisBridge implements Bridge {

    private final RedisBridgeBuilder settings;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile @Nullable RedisEngine engine;

    RedisBridge(RedisBridgeBuilder settings) {
        this.settings = settings;
    }

    /**
     * A bridge to one Redis, with defaults. It connects when the hub starts it.
     *
     * @param uri {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://…} for TLS
     * @return a bridge for one hub
     * @throws IllegalArgumentException if that is no such URI; its text does not repeat the URI, which may hold a password
     */
    public static RedisBridge connect(String uri) {
        return builder(uri).build();
    }

    /**
     * A bridge to one Redis, with a client of its own.
     *
     * @param uri {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://…} for TLS
     * @return a builder
     * @throws IllegalArgumentException if that is no such URI; its text does not repeat the URI, which may hold a password
     */
    public static RedisBridgeBuilder builder(String uri) {
        return new RedisBridgeBuilder(parse(uri), null);
    }

    private static RedisURI parse(String uri) {
        RedisURI parsed = null;
        try {
            parsed = RedisURI.create(uri);
        } catch (RuntimeException e) {
            // Not to be passed on: it repeats the URI.
        }
        if (parsed == null || isMisread(uri, parsed)) {
            throw new IllegalArgumentException(
                    "not a Redis URI: expected redis://[[user]:password@]host[:port][/database], or rediss:// for TLS");
        }
        return parsed;
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
                || parsed.getSentinels().stream().anyMatch(RedisBridge::hasColon);
    }

    private static boolean hasColon(RedisURI parsed) {
        String host = parsed.getHost();
        return host != null && !host.startsWith("[") && host.indexOf(':') >= 0;
    }

    /**
     * A bridge that works with the threads, the TLS settings and the other options of a client that the application has.
     * It makes two connections of its own and never closes the client.
     *
     * @param client a client of the application, open for longer than the hub
     * @param uri where Redis is, with credentials if it asks for some; timeouts in it are not used
     * @return a builder
     */
    public static RedisBridgeBuilder builder(RedisClient client, RedisURI uri) {
        return new RedisBridgeBuilder(uri, client);
    }

    /**
     * Connects, for at most two seconds; a Redis that is away is waited for in the background, unless
     * {@link RedisBridgeBuilder#failFast} was chosen.
     *
     * @throws IllegalStateException if it was started before, if Redis refuses the credentials, or if it cannot be reached and
     *     that was chosen
     */
    @Override
    public void start(Context context) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a bridge serves one hub and was started before");
        }
        RedisEngine fresh = new RedisEngine(settings, context, Time.system("roomcast-redis"));
        engine = fresh;
        try {
            fresh.start();
        } catch (RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    @Override
    public Broadcaster broadcaster() {
        return engine().broadcaster;
    }

    @Override
    public Roster roster() {
        return engine().roster;
    }

    @Override
    public Directory directory() {
        return engine().directory;
    }

    /**
     * How many envelopes came from Redis that were not used: garbage, of a later version, longer than any instance sends, or
     * batches that fit nowhere in a room's order. They harm nobody; one in a thousand is logged. Some batches are among them
     * after Redis was flushed; many, or any at another time, mean that something else writes to this prefix, or that an
     * instance of a later release does. Safe for use by any thread.
     *
     * @return the count since the start; 0 before it
     */
    public long unusableEnvelopes() {
        RedisEngine now = engine;
        return now == null ? 0 : now.feeds.garbage() + now.inbox.garbage();
    }

    /** Refuses what waits, and closes both connections. Blocks for at most some seconds. Idempotent. */
    @Override
    public void close() {
        RedisEngine last = engine;
        if (last != null) {
            last.close();
        }
    }

    RedisEngine engine() {
        return Objects.requireNonNull(engine, "not started");
    }
}

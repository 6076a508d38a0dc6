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
 * {@link dev.roomcast.Status#ISOLATED} then, and rooms can be joined and left as before. Wrong credentials fail the start, and
 * so does what else no waiting mends.
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
     * @param uri as for {@link #builder(String)}
     * @return a bridge for one hub
     * @throws IllegalArgumentException as {@link #builder(String)} does
     */
    public static RedisBridge connect(String uri) {
        return builder(uri).build();
    }

    /**
     * A bridge to one Redis, with a client of its own. The URI is one of Lettuce's:
     *
     * <ul>
     *   <li>{@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://…} for TLS, with the certificates
     *       that the JVM trusts;
     *   <li>{@code redis-sentinel://[[user]:password@]host[:port][,host[:port]…][/database]#master}, or
     *       {@code rediss-sentinel://…}: the sentinels are asked for the master at each connect. User and password are those
     *       of the master; sentinels that ask for a password of their own need {@link #builder(RedisClient, RedisURI)};
     *   <li>{@code redis-socket:///path[?database=n]}: a Unix domain socket, with Netty's native transport on the class path.
     * </ul>
     *
     * <p>The parameters {@code clientName}, {@code libraryName}, {@code libraryVersion}, {@code verifyPeer},
     * {@code database} and {@code sentinelMasterId} hold; {@code timeout} does not: the bridge has its own. Several hosts
     * without sentinels are nodes of a Redis Cluster, which is not supported.
     *
     * @param uri where Redis is
     * @return a builder
     * @throws IllegalArgumentException if that is no such URI, or of a form that is not supported; its text does not repeat the
     *     URI, which may hold a password
     */
    public static RedisBridgeBuilder builder(String uri) {
        return new RedisBridgeBuilder(RedisAddress.parse(uri), null);
    }

    /**
     * A bridge that works with the threads, the TLS settings (client certificates among them) and the other options of a
     * client that the application has. It makes two connections of its own and never closes the client.
     *
     * @param client a client of the application, open for longer than the hub
     * @param uri where Redis is, with credentials, or a provider of them, if it asks for some; copied, so later changes have no
     *     effect. Timeouts in it are not used
     * @return a builder
     * @throws IllegalArgumentException if the URI is incomplete, or of a form that is not supported
     */
    public static RedisBridgeBuilder builder(RedisClient client, RedisURI uri) {
        return new RedisBridgeBuilder(RedisAddress.of(uri), Objects.requireNonNull(client, "client"));
    }

    /**
     * Connects, for at most two seconds; a Redis that is away is waited for in the background, unless
     * {@link RedisBridgeBuilder#failFast} was chosen. So is one after an interrupt, which ends the wait and stays set.
     *
     * @throws IllegalStateException if it was started before, if Redis can never be used as the settings are (wrong credentials,
     *     rights that are missing, no such database, a certificate that is not trusted, another protocol, a Redis Cluster), or
     *     if it cannot be reached and failing fast was chosen. Its text says why, in Redis's own words where it has said some
     */
    @Override
    public void start(Context context) {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a bridge serves one hub and was started before");
        }
        boolean isInterrupted = Thread.interrupted();
        RedisEngine fresh = new RedisEngine(settings, context, Time.system("roomcast-redis"));
        engine = fresh;
        try {
            fresh.start(isInterrupted);
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

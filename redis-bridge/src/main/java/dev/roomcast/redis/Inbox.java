package dev.roomcast.redis;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.Signal;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is said to this instance, and to all, on the listening connection. Nothing is asked for before the instance has its
 * first connection of a client: one that only publishes hears nothing.
 */
final class Inbox extends RedisPubSubAdapter<byte[], byte[]> {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");

    private final Keys keys;
    private final Delivery delivery;
    private final long producer;
    private final byte[] toAll;
    private final Unusable garbage = new Unusable();
    private final FailureLog refusals = new FailureLog();

    private final ReentrantLock lock = new ReentrantLock();
    // All below: written with the lock held.
    private volatile byte[] toThis;
    private @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private boolean isWanted;
    private boolean hearsAll;
    private volatile boolean hearsThis;
    private CompletableFuture<@Nullable Void> listening = new CompletableFuture<>();
    private Runnable onListening = () -> {};

    Inbox(Keys keys, Delivery delivery, Producer producer, String instance) {
        this.keys = keys;
        this.delivery = delivery;
        this.producer = producer.id();
        this.toAll = keys.everyone();
        this.toThis = keys.inbox(instance);
    }

    /** To be called whenever it has begun to listen, on the connection's thread. */
    void onListening(Runnable task) {
        onListening = task;
    }

    /** Completes when this instance listens; fails if it cannot now. */
    CompletionStage<@Nullable Void> listen() {
        lock.lock();
        try {
            if (connection == null) {
                isWanted = true;
                return CompletableFuture.failedFuture(new IllegalStateException("Redis is away"));
            }
            if (!isWanted) {
                isWanted = true;
                subscribe(connection, toThis, toAll);
            }
            return listening;
        } finally {
            lock.unlock();
        }
    }

    boolean isListening() {
        return hearsThis;
    }

    void up(StatefulRedisPubSubConnection<byte[], byte[]> fresh) {
        lock.lock();
        try {
            fresh.addListener(this);
            connection = fresh;
            if (isWanted) {
                subscribe(fresh, toThis, toAll);
            }
        } finally {
            lock.unlock();
        }
    }

    void down() {
        CompletableFuture<@Nullable Void> ended;
        lock.lock();
        try {
            connection = null;
            hearsAll = false;
            hearsThis = false;
            ended = listening;
            listening = new CompletableFuture<>();
        } finally {
            lock.unlock();
        }
        refusals.clear();
        ended.completeExceptionally(new IllegalStateException("Redis is lost"));
    }

    /** The instance has another name from now on. */
    void use(String instance) {
        lock.lock();
        try {
            byte[] before = toThis;
            toThis = keys.inbox(instance);
            hearsThis = false;
            listening = listening.isDone() ? new CompletableFuture<>() : listening;
            if (connection != null && isWanted) {
                subscribe(connection, toThis);
                connection.async().unsubscribe(before).exceptionally(gone -> null);
            }
        } catch (RedisException gone) {
            // The next connection subscribes to the new name.
        } finally {
            lock.unlock();
        }
    }

    /** What came and was no signal. */
    long garbage() {
        return garbage.sum();
    }

    @Override
    public void subscribed(byte[] channel, long count) {
        CompletableFuture<@Nullable Void> begun = null;
        lock.lock();
        try {
            hearsAll |= Arrays.equals(channel, toAll);
            hearsThis |= Arrays.equals(channel, toThis);
            if (hearsAll && hearsThis && !listening.isDone()) {
                begun = listening;
            }
        } finally {
            lock.unlock();
        }
        if (begun != null) {
            begun.complete(null);
            Guarded.run(onListening);
        }
    }

    @Override
    public void message(byte[] channel, byte[] bytes) {
        if (!Arrays.equals(channel, toThis) && !Arrays.equals(channel, toAll)) {
            return;
        }
        try {
            Signal signal = SignalCodec.parse(bytes, producer);
            if (signal != null) {
                delivery.signal(signal);
            }
        } catch (RuntimeException | Error e) {
            // Lettuce would end the connection for an error, and with that the news of all rooms.
            garbage.add(1);
        }
    }

    private void subscribe(StatefulRedisPubSubConnection<byte[], byte[]> to, byte[]... channels) {
        CompletableFuture<@Nullable Void> asked = listening;
        try {
            RedisPubSubAsyncCommands<byte[], byte[]> commands = to.async();
            commands.subscribe(channels).whenComplete((done, failure) -> {
                if (failure instanceof RedisCommandExecutionException) {
                    String said = Diagnosis.of(failure).words();
                    if (refusals.isNew(said)) {
                        LOG.log(System.Logger.Level.WARNING, "Redis refuses to subscribe: {0}", said);
                    }
                    asked.completeExceptionally(failure);
                }
            });
        } catch (RedisException gone) {
            // The next connection is subscribed.
        }
    }
}

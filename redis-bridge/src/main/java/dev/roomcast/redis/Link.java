package dev.roomcast.redis;

import dev.roomcast.time.Time;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection to Redis, and makes a new one when it is lost.
 *
 * <p>Lettuce reconnects by itself, but then one object stands for several connections: a command may be executed twice, or
 * by another Redis than the one it was meant for. So its reconnecting is off, and each connection here is one that Redis
 * accepted once.
 *
 * <p>A stopped Redis and a half-open connection raise no event. So each connection is pinged every second, and one whose
 * ping was not answered within the patience is cut. Since Redis answers in order, that is a deadline for every command. A
 * Redis that goes on talking meanwhile is only busy, or we are: to cut it would begin all over again what takes so long.
 * But not for ever: a link may also lose only what we say, and go on bringing what others do.
 *
 * @param <C> the kind of connection
 */
final class Link<C extends StatefulConnection<byte[], byte[]>> implements AutoCloseable {

    /** Who uses the connection. Called on any thread, one call after the other, {@code up} and {@code down} in turns. */
    interface Owner<C> {

        /** Whatever must be known before the connection is used. */
        CompletionStage<String> greet(C connection);

        /** Anything that Redis answers. */
        CompletionStage<String> ping(C connection);

        /** How much Redis has said since the connection was made; counted in anything. */
        long heard();

        /** The connection can be used. */
        void up(C connection, String greeting);

        /** The connection is lost. */
        void down();

        /** A try to connect failed; another one follows. */
        void failed(Throwable failure);
    }

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1000;

    /**
     * How long a connection must have been up for the next one to be made at once. One that Redis or a proxy ends right after it
     * was accepted would otherwise be made twenty times a second.
     */
    static final Duration LIVED = Duration.ofSeconds(5);

    /** How many times the patience one ping may stay unanswered by a Redis that goes on talking. */
    private static final int MOST_PATIENCE = 15;

    private final Supplier<? extends CompletionStage<C>> connector;
    private final Owner<C> owner;
    private final Time time;
    private final Duration patience;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private @Nullable C connection;
    private boolean isUp;
    private boolean closed;
    private int failures;
    private long upSince;
    private boolean pinging;

    /** When the ping went out, or anything was last heard since. */
    private long pingedAt;

    /** When the ping went out. */
    private long askedAt;

    private long heardBefore;

    Link(Supplier<? extends CompletionStage<C>> connector, Owner<C> owner, Time time, Duration patience) {
        this.connector = connector;
        this.owner = owner;
        this.time = time;
        this.patience = patience;
    }

    void connect() {
        if (isClosed()) {
            return;
        }
        try {
            connector.get().whenComplete((fresh, failure) -> {
                if (failure == null) {
                    connected(fresh);
                } else {
                    failed(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            // Whatever it was: nobody else would try again.
            failed(e);
        }
    }

    /** Pings, and cuts a connection that did not answer. To be called about once a second. */
    void tick() {
        C pinged;
        boolean late;
        lock.lock();
        try {
            pinged = connection;
            long heard = owner.heard();
            if (heard != heardBefore) {
                heardBefore = heard;
                pingedAt = time.nanos();
            }
            long now = time.nanos();
            late = pinging
                    && (now - pingedAt > patience.toNanos() || now - askedAt > MOST_PATIENCE * patience.toNanos());
            if (pinged == null || (pinging && !late)) {
                return;
            }
            pinging = true;
            pingedAt = now;
            askedAt = now;
        } finally {
            lock.unlock();
        }
        if (late) {
            lost(pinged, new IllegalStateException("Redis did not answer in time"));
        } else {
            owner.ping(pinged).whenComplete((pong, failure) -> ponged(pinged, failure));
        }
    }

    /** Gives the connection up, for one that is up to date. */
    void renew() {
        C old;
        lock.lock();
        try {
            old = connection;
        } finally {
            lock.unlock();
        }
        if (old != null) {
            lost(old, new IllegalStateException("the connection leads to another Redis"));
        }
    }

    /** Makes no further connection; the one there is ends with the client. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            connection = null;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void connected(C fresh) {
        lock.lock();
        try {
            if (closed) {
                drop(fresh);
                return;
            }
            connection = fresh;
            pinging = true;
            pingedAt = time.nanos();
            askedAt = pingedAt;
        } finally {
            lock.unlock();
        }
        fresh.addListener(new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
                lost(fresh, new IllegalStateException("the connection was cut"));
            }
        });
        owner.greet(fresh).whenComplete((greeting, failure) -> {
            if (failure != null) {
                lost(fresh, failure);
                return;
            }
            lock.lock();
            try {
                if (connection == fresh) {
                    pinging = false;
                    isUp = true;
                    upSince = time.nanos();
                    owner.up(fresh, greeting);
                }
            } catch (RuntimeException | Error e) {
                // Half used it would count as up for ever.
                lost(fresh, e);
            } finally {
                lock.unlock();
            }
        });
    }

    private void ponged(C pinged, @Nullable Throwable failure) {
        lock.lock();
        try {
            if (connection == pinged) {
                pinging = false;
            }
        } finally {
            lock.unlock();
        }
        if (failure != null && !(failure instanceof RedisCommandExecutionException)) {
            lost(pinged, failure);
        }
    }

    private void lost(C gone, Throwable why) {
        boolean wasUp;
        lock.lock();
        try {
            if (connection != gone) {
                return;
            }
            connection = null;
            wasUp = isUp;
            isUp = false;
            if (wasUp) {
                if (time.nanos() - upSince >= LIVED.toNanos()) {
                    failures = 0;
                }
                Guarded.run(owner::down);
            }
        } finally {
            lock.unlock();
        }
        drop(gone);
        if (wasUp) {
            connectLater();
        } else {
            failed(why);
        }
    }

    private void failed(Throwable failure) {
        if (isClosed()) {
            return;
        }
        Guarded.run(() -> owner.failed(
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure));
        connectLater();
    }

    private void connectLater() {
        long pause;
        lock.lock();
        try {
            pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures++, 10));
        } finally {
            lock.unlock();
        }
        long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        time.after(Duration.ofMillis(jittered), this::connect);
    }

    /** Closes a connection and waits for nothing. */
    private static void drop(StatefulConnection<byte[], byte[]> connection) {
        CompletionStage<?> closing = connection.closeAsync();
        closing.whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.log(System.Logger.Level.DEBUG, "A connection did not close in order", failure);
            }
        });
    }
}

package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.time.Time;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A started bridge: its parts, wired. The commanding link carries scripts and volatile messages, the listening link the
 * rooms' channels; with both up the bridge is connected, otherwise isolated.
 */
final class RedisEngine implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");

    /** A Redis that refuses to serve is looked at no more often than that. */
    private static final Duration FOLLOW_AFTER = Duration.ofSeconds(3);

    final RedisBroadcaster broadcaster;
    final Publisher publisher;
    final Feeds feeds;
    final RedisRoster roster;
    final RedisDirectory directory;
    final Inbox inbox;

    private final UserIndex index;

    final Leases leases;

    private final RosterCalls calls;
    private final Redis redis;
    private final Time time;
    private final Timing timing;
    private final Stripes stripes = new Stripes();
    private final Link<StatefulRedisConnection<byte[], byte[]>> commands;
    private final Link<StatefulRedisPubSubConnection<byte[], byte[]>> listening;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Delivery delivery;
    private final boolean failsFast;
    private final Probe probe;
    private final FailureLog failures = new FailureLog();
    private final AtomicInteger tellers = new AtomicInteger();

    /** Done when both links were up for the first time, or a first try failed. */
    private final CompletableFuture<@Nullable Void> firstTry = new CompletableFuture<>();

    // Which Redis answers each link, by its run id; written by the link that comes up.
    private volatile String talksTo = "";
    private volatile String listensTo = "";
    private volatile boolean listeningIsNewer;

    /** When a refusal was last looked into; touched by one beat after the other. */
    private volatile long followedAt;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private boolean commandsUp;
    private boolean listeningUp;
    private boolean connected;

    RedisEngine(RedisBridgeBuilder settings, Bridge.Context context, Time time) {
        this.time = time;
        this.timing = settings.timing;
        this.followedAt = time.nanos() - FOLLOW_AFTER.toNanos();
        this.delivery = context.delivery();
        this.failsFast = settings.failsFast;
        redis = new Redis(settings.uri, settings.client, timing.patience());
        Keys keys = settings.keys.in(settings.uri.getDatabase());
        probe = new Probe(keys);
        Producer producer = new Producer();
        publisher = new Publisher(context, keys, producer, settings.clock, stripes, time, timing, this::sayAlone);
        Alone alone = new Alone(context, publisher, stripes, settings.whileAway);
        RoomReader reader = new RoomReader(publisher::session, keys, producer, settings.clock);
        String instance = producer.nextInstance();
        feeds = new Feeds(context.delivery(), reader, this::checkRoster, publisher, alone, keys, stripes, time, timing);
        broadcaster = new RedisBroadcaster(context, keys, publisher, feeds, alone, reader, stripes);
        calls = new RosterCalls(keys, settings.clock, time, timing, instance);
        roster = new RedisRoster(calls, feeds, stripes, new Graces(context.time()));
        inbox = new Inbox(keys, context.delivery(), producer, instance);
        index = new UserIndex(keys, inbox, timing, instance);
        directory = new RedisDirectory(keys, index, inbox, context, producer, stripes, time, timing);
        leases = new Leases(keys, settings.clock, producer, roster, calls, index, time, timing, instance);
        commands = redis.commands(new Commanding(), time);
        listening = redis.listening(new Listening(), time);
    }

    /**
     * Connects and waits a little. An interrupt ends the waiting, as if the time were over.
     *
     * @param isInterrupted whether the thread was interrupted before, which Netty's timer forgets when it starts
     * @throws IllegalStateException if Redis can never be used as the settings are, or cannot be reached and that is asked for
     */
    void start(boolean isInterrupted) {
        commands.connect();
        listening.connect();
        time.after(timing.beat(), this::beat);
        leases.start();
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            firstTry.get(timing.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            startAway(Diagnosis.of(e.getCause() == null ? e : e.getCause()));
        } catch (TimeoutException e) {
            startAway("no answer within " + timing.patience().toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            startAway("interrupted while waiting for it");
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        broadcaster.close();
        calls.close();
        leases.close();
        directory.close();
        time.close();
        commands.close();
        listening.close();
        publisher.close();
        feeds.close();
        redis.close();
        stripes.close();
    }

    private void sayAlone(String room) {
        if (feeds.sayAlone(room)) {
            delivery.release(room);
        }
    }

    private void checkRoster(String room, long heard) {
        roster.check(room, heard);
    }

    /**
     * After a failover one link may be left at the old Redis, which goes on as if nothing had happened: what is published on
     * the one is then not heard on the other. The link that was made first is the one to be made again.
     */
    private void reunite() {
        boolean isSplit;
        lock.lock();
        try {
            isSplit = connected && !talksTo.equals(listensTo);
        } finally {
            lock.unlock();
        }
        if (isSplit) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Redis at {0} is two servers; the older link is given up",
                    redis.address());
            (listeningIsNewer ? commands : listening).renew();
        }
    }

    /**
     * A master that was made a replica keeps its connections, and refuses each write on them. Whatever name or proxy leads
     * to the new master leads only new connections there. Rights may be taken from us, too, on a connection that lives: what
     * cannot serve any more is given up, since a join there would wait in vain.
     */
    private void lookIntoRefusal() {
        Session session = publisher.session();
        Throwable refusal = session == null ? null : session.refusal().get();
        if (session == null || refusal == null || time.nanos() - followedAt < FOLLOW_AFTER.toNanos()) {
            return;
        }
        followedAt = time.nanos();
        session.refusal().set(null);
        if ("READONLY".equals(Refusal.code(refusal))) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Redis at {0} is a replica that takes no writes; both links are made again",
                    redis.address());
            commands.renew();
            listening.renew();
            return;
        }
        String said = Diagnosis.of(refusal).words();
        if (failures.isNew(said)) {
            LOG.log(System.Logger.Level.WARNING, "Redis at {0} refuses a command: {1}", redis.address(), said);
        }
        // What it refuses may be one room's alone.
        probe.commands(session.connection()).whenComplete((runId, failure) -> {
            if (failure != null && Diagnosis.of(failure).isLasting() && session.equals(publisher.session())) {
                commands.renew();
            }
        });
    }

    private void beat() {
        try {
            Guarded.run(this::lookIntoRefusal);
            Guarded.run(this::reunite);
            Guarded.run(commands::tick);
            Guarded.run(listening::tick);
            Guarded.run(publisher::tick);
            Guarded.run(feeds::tick);
        } finally {
            time.after(timing.beat(), this::beat);
        }
    }

    private void changed(boolean isCommands, boolean isUp) {
        boolean now;
        lock.lock();
        try {
            commandsUp = isCommands ? isUp : commandsUp;
            listeningUp = isCommands ? listeningUp : isUp;
            now = commandsUp && listeningUp;
            if (now == connected) {
                return;
            }
            connected = now;
        } finally {
            lock.unlock();
        }
        if (now) {
            failures.clear();
            firstTry.complete(null);
        }
        if (!closed.get()) {
            tellStatus();
            LOG.log(
                    now ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                    now
                            ? "Connected to Redis at {0}"
                            : "Redis at {0} is lost; this instance is isolated until it is back",
                    redis.address());
        }
    }

    /** Tells how it stands now. One thread does; who comes while it is at it leaves it to that one. */
    private void tellStatus() {
        if (tellers.getAndIncrement() > 0) {
            return;
        }
        int seen;
        do {
            seen = tellers.get();
            boolean away = isAway();
            feeds.away(away);
            delivery.isolated(away);
        } while (!tellers.compareAndSet(seen, 0));
    }

    /** The first try's failure is for who starts; after that each reason is said once, until Redis can be used again. */
    private void noConnection(Throwable failure) {
        if (firstTry.completeExceptionally(failure)) {
            return;
        }
        String why = Diagnosis.of(failure).words();
        LOG.log(
                !closed.get() && failures.isNew(why) ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
                "Redis at {0} cannot be used: {1}",
                redis.address(),
                why);
    }

    private void startAway(Diagnosis why) {
        if (why.isLogin()) {
            throw new IllegalStateException(
                    "Redis at " + redis.address() + " refuses user or password: " + why.words());
        } else if (why.isLasting()) {
            throw new IllegalStateException("Redis at " + redis.address() + " cannot be used: " + why.words());
        }
        startAway(why.words());
    }

    private void startAway(String why) {
        // From now on the links' failures are told in the log.
        firstTry.cancel(false);
        if (failsFast) {
            throw new IllegalStateException("Redis at " + redis.address() + " cannot be reached: " + why);
        }
        tellStatus();
        if (isAway() && failures.isNew(why)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Redis at {0} cannot be reached: {1}; this instance is isolated until it can",
                    redis.address(),
                    why);
        }
    }

    private boolean isAway() {
        lock.lock();
        try {
            return !connected;
        } finally {
            lock.unlock();
        }
    }

    private final class Commanding implements Link.Owner<StatefulRedisConnection<byte[], byte[]>> {

        @Override
        public CompletionStage<String> greet(StatefulRedisConnection<byte[], byte[]> connection) {
            return probe.commands(connection);
        }

        @Override
        public CompletionStage<String> ping(StatefulRedisConnection<byte[], byte[]> connection) {
            return Redis.runId(connection.async());
        }

        @Override
        public long heard() {
            Session session = publisher.session();
            return session == null ? 0 : session.answers().sum();
        }

        @Override
        public void up(StatefulRedisConnection<byte[], byte[]> connection, String runId) {
            Session session = new Session(connection, runId);
            session.load();
            leases.up(session);
            index.up(session);
            publisher.up(session);
            feeds.sessionUp();
            talksTo = runId;
            listeningIsNewer = false;
            changed(true, true);
        }

        @Override
        public void down() {
            leases.down();
            index.down();
            publisher.down();
            changed(true, false);
        }

        @Override
        public void failed(Throwable failure) {
            noConnection(failure);
        }
    }

    private final class Listening implements Link.Owner<StatefulRedisPubSubConnection<byte[], byte[]>> {

        @Override
        public CompletionStage<String> greet(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
            return probe.listening(connection);
        }

        @Override
        public CompletionStage<String> ping(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
            return Redis.ping(connection);
        }

        @Override
        public long heard() {
            return feeds.heard();
        }

        @Override
        public void up(StatefulRedisPubSubConnection<byte[], byte[]> connection, String runId) {
            inbox.up(connection);
            feeds.up(connection);
            listensTo = runId;
            listeningIsNewer = true;
            changed(false, true);
        }

        @Override
        public void down() {
            inbox.down();
            feeds.down();
            changed(false, false);
        }

        @Override
        public void failed(Throwable failure) {
            noConnection(failure);
        }
    }
}

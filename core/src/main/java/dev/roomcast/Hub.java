package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.guard.Names;
import dev.roomcast.guard.Refusal;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The parts of one hub, put together. No part is static, so two hubs in one process know nothing of each other. */
final class Hub {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");

    /** Numbers the threads of several hubs apart; names only, no state. */
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** What a wait for others takes longer than theirs. */
    private static final Duration LATE = Duration.ofSeconds(1);

    final Settings settings;
    final Time time;
    final Workers workers;

    /** Where code of the host runs that may block; the hub goes on meanwhile, since the workers never run any. */
    final HostThreads hostThreads;

    final Bridge bridge;
    final Heartbeat heartbeat;
    final WriteDeadlines deadlines;
    final HostEvents events;
    final Executor hosts;
    final Counters counters = new Counters();
    final MemoryBudget memory;
    final Turns turns = new Turns();
    final LiveRooms rooms = new LiveRooms(this);
    final Joining joining = new Joining(this);
    final Isolation isolation = new Isolation(this);
    final Protocol protocol;
    final Login login;
    final Permissions permissions;
    final Users users;
    final Signals signals = new Signals(this);
    final ConcurrentMap<String, LiveConnection> connections = new ConcurrentHashMap<>();

    private final MemoryReclaim reclaim;
    private final Addresses addresses;

    private final boolean ownsTime;
    private final AtomicBoolean closeBegun = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicReference<@Nullable Drain> drain = new AtomicReference<>();
    private volatile boolean closing;
    private volatile boolean ended;

    Hub(RoomsBuilder builder) {
        String name = "roomcast-" + COUNT.incrementAndGet();
        settings = new Settings(builder);
        reclaim = new MemoryReclaim(this, settings.limit(Limit.HISTORY_TOTAL_BYTES));
        memory = new MemoryBudget(settings.limit(Limit.MEMORY_BYTES), reclaim::start);
        ownsTime = builder.time == null;
        time = new GuardedTime(builder.time == null ? Time.system(name + "-timer") : builder.time);
        AnswerDeadline answers = new AnswerDeadline(
                time, settings.duration(Limit.ANSWER_DEADLINE), () -> hit(Limit.ANSWER_DEADLINE, null));
        workers = new Workers(name + "-worker", builder.cores);
        hostThreads = new HostThreads(name + "-host", builder.cores, answers);
        heartbeat = Heartbeat.every(settings.heartbeat, time);
        deadlines = new WriteDeadlines(time, settings.duration(Limit.WRITE_DEADLINE));
        hosts = settings.executor == null ? hostThreads.listener : settings.executor;
        events = new HostEvents(this, hosts);
        users = new Users(this);
        protocol = new Protocol(this);
        login = new Login(this);
        permissions = new Permissions(this);
        addresses = new Addresses(
                settings.handshakes, settings.count(Limit.ADDRESSES), () -> counters.hit(Limit.ADDRESSES));
        if (settings.authenticator == null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} has no authenticator: users are whoever their URL says, which is for trusted networks",
                    name);
        }
        settings.warnings.forEach(warning -> LOG.log(System.Logger.Level.WARNING, "{0}: {1}", name, warning));
        bridge = new GuardedBridge(builder.bridge == null ? Bridge.local() : builder.bridge, answers);
        try {
            bridge.start(new Bridge.Context(new HubDelivery(this), time, settings::historyOf, bridgeMemory()));
        } catch (Throwable e) {
            end();
            throw e;
        }
    }

    private Bridge.Memory bridgeMemory() {
        return new Bridge.Memory(
                reclaim::historyBytes,
                settings.limit(Limit.IDS_TOTAL),
                memory::add,
                () -> hit(Limit.HISTORY_TOTAL_BYTES, null),
                () -> hit(Limit.IDS_TOTAL, null));
    }

    Optional<Refusal> refusal(Handshake handshake) {
        Optional<Refusal> refusal = judge(handshake);
        refusal.ifPresent(why -> {
            counters.handshakesRefused.increment();
            observe(observer -> observer.onRefuse(handshake, why));
        });
        return refusal;
    }

    private Optional<Refusal> judge(Handshake handshake) {
        if (isGoing()) {
            return Optional.of(new Refusal(503, "the hub is closing"));
        }
        if (memory.isFull()) {
            hit(Limit.MEMORY_BYTES, null);
            return Optional.of(new Refusal(503, "the hub is short of memory"));
        }
        if (login.isFull()) {
            hit(Limit.PENDING_CONNECTIONS, null);
            return Optional.of(new Refusal(503, "too many connections have not said who they are"));
        }
        // Before the count, so that a foreign page does not spend the allowance of its visitors' address.
        Optional<Refusal> foreign = settings.origins.check(handshake);
        if (foreign.isPresent()) {
            return foreign;
        }
        return handshake
                .remoteAddress()
                .filter(address -> !addresses.take(address, time.nanos()))
                .map(address -> new Refusal(429, "too many handshakes of one address"));
    }

    Inbound accept(Handshake handshake, Transport transport) {
        LiveConnection connection = new LiveConnection(this, handshake, transport);
        connections.put(connection.id(), connection);
        // Looked at after the connection is in the map: either this sees the closing, or the closing sees the
        // connection.
        if (isGoing()) {
            connection.close(CloseCode.GOING_AWAY, "going away");
            if (ended) {
                cutLater(connection);
            }
        } else {
            login.begin();
            connection.open(() -> login.opened(connection));
        }
        return connection;
    }

    CompletionStage<@Nullable Position> publish(Message message) {
        if (closing) {
            return CompletableFuture.failedFuture(
                    new BridgeException(BridgeException.Reason.UNAVAILABLE, "the hub is closing", Duration.ZERO));
        }
        return bridge.broadcaster().publish(message).whenComplete((position, refusal) -> {
            if (refusal == null) {
                counters.published.increment();
            }
        });
    }

    Room room(String name) {
        Names.fault(name, settings.count(Limit.NAME_LENGTH)).ifPresent(fault -> {
            throw new IllegalArgumentException("a room's name " + fault);
        });
        return new RoomHandle(this, name);
    }

    User user(String id) {
        Names.fault(id, settings.count(Limit.NAME_LENGTH)).ifPresent(fault -> {
            throw new IllegalArgumentException("a user's name " + fault);
        });
        return new UserHandle(this, id);
    }

    LiveConnection ours(Connection connection) {
        LiveConnection known = connections.get(connection.id());
        if (known == connection) {
            return known;
        }
        if (connection instanceof LiveConnection ended && !ended.isOpen()) {
            return ended;
        }
        throw new IllegalArgumentException("a connection of another hub: " + connection.id());
    }

    /**
     * Goes on with a result: on this thread if it is there, otherwise on one of the hub, never on the one that brings it.
     */
    <T extends @Nullable Object> CompletionStage<?> then(
            CompletionStage<T> stage, BiFunction<? super T, @Nullable Throwable, CompletionStage<?>> next) {
        CompletionStage<CompletionStage<?>> chained =
                stage.toCompletableFuture().isDone()
                        ? stage.handle(next)
                        : stage.handleAsync(next, workers::executeSurely);
        return chained.thenCompose(following -> following);
    }

    static Throwable rootOf(Throwable failure) {
        return failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
    }

    /** Delivers what is queued in a room: after this thread's turn, or on a worker if the thread is not one of a turn. */
    void resume(LiveRoom room) {
        if (turns.isOn()) {
            turns.drain(room);
        } else {
            drainElsewhere(room);
        }
    }

    void drainElsewhere(LiveRoom room) {
        if (!room.wantsWorker()) {
            return;
        }
        try {
            workers.execute(() -> {
                room.hasWorker();
                turns.drain(room);
            });
        } catch (Throwable e) {
            // Whoever comes next asks again.
            room.hasWorker();
            settings.faults.fault(System.Logger.Level.ERROR, "No thread to be had for a room", null, e);
        }
    }

    void hit(Limit limit, @Nullable Connection connection) {
        counters.hit(limit);
        observe(observer -> observer.onLimit(limit, connection));
    }

    void observe(Consumer<Observer> event) {
        settings.guarded("The observer failed", () -> event.accept(settings.observer));
    }

    void ended(LiveConnection connection, int code, @Nullable CloseCode ours) {
        observe(observer -> observer.onClose(connection, code, ours));
        connections.remove(connection.id());
        if (isGoing()) {
            wakeCloser();
        }
    }

    /** A client has been told who it is. */
    void welcomed(LiveConnection connection) {
        Drain draining = drain.get();
        if (draining != null) {
            draining.tell(connection);
        }
    }

    /** Whether nobody is let in any more. */
    private boolean isGoing() {
        return closing || drain.get() != null;
    }

    /** Whoever waits for the connections to end looks again. */
    void wakeCloser() {
        synchronized (connections) {
            connections.notifyAll();
        }
    }

    boolean isClosing() {
        return closing;
    }

    Stats stats() {
        return counters.read(connections.size(), rooms.size(), time.pending(), memory.used());
    }

    void close(Duration grace) {
        Drain draining = new Drain(this, grace);
        if (closing || !drain.compareAndSet(null, draining)) {
            return;
        }
        draining.begin();
        Duration patience = settings.duration(Limit.SHUTDOWN_DEADLINE).plus(LATE);
        // The drain goes by the hub's clock; a host does not wait for ever for one that stands still.
        awaitEnd(grace.plus(patience), () -> closing || draining.isOver());
        close();
        try {
            // Another thread may be at it.
            closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        if (!closeBegun.compareAndSet(false, true)) {
            return;
        }
        closing = true;
        wakeCloser();
        connections
                .values()
                .forEach(connection -> Workers.guarded(() -> connection.close(CloseCode.GOING_AWAY, "going away")));
        if (!awaitEnd(settings.duration(Limit.SHUTDOWN_DEADLINE), () -> false)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} connections did not close in time and are cut",
                    connections.size());
            hit(Limit.SHUTDOWN_DEADLINE, null);
            connections.values().forEach(connection -> Workers.guarded(connection::cut));
        }
        end();
        closed.countDown();
    }

    private void end() {
        heartbeat.close();
        bridge.close();
        workers.close();
        hostThreads.close();
        ended = true;
        if (ownsTime) {
            time.close();
            connections.values().forEach(this::cutLater);
        }
    }

    /**
     * Cuts a connection that was accepted after the end, should its client not close it. The hub's own timers have ended
     * then; the JDK's serve all of a process.
     */
    private void cutLater(LiveConnection connection) {
        if (ownsTime) {
            CompletableFuture.delayedExecutor(
                            settings.duration(Limit.CLOSE_DEADLINE).toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> Workers.guarded(connection::overdue));
        }
    }

    /**
     * Waits for real time, also under a clock that is turned by hand: nobody turns it while the host waits here.
     *
     * @return false if connections are left
     */
    private boolean awaitEnd(Duration longest, BooleanSupplier enough) {
        long deadline = System.nanoTime() + longest.toNanos();
        synchronized (connections) {
            while (!connections.isEmpty()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0 || enough.getAsBoolean()) {
                    return false;
                }
                try {
                    connections.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }
}

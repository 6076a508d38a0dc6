package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One {@link RoomLog} per room that someone is interested in or that still has something to remember. A log that is neither
 * retires: under its own lock it becomes unusable and leaves the map, and whoever still held it looks up the next one. So a
 * room that was left costs nothing once its history has expired, and a room without messages costs nothing at once.
 */
final class LocalBroadcaster implements Broadcaster {

    private static final Duration SOON = Duration.ofSeconds(1);

    private final Bridge.Context context;
    private final ConcurrentMap<String, RoomLog> logs = new ConcurrentHashMap<>();
    private final LocalMemory memory;
    private volatile boolean closed;

    LocalBroadcaster(Bridge.Context context) {
        this.context = context;
        this.memory = new LocalMemory(context.memory());
    }

    @Override
    public CompletionStage<@Nullable Position> publish(Message message) {
        String room = message.room();
        if (closed) {
            return refused("the hub is closed", Duration.ZERO);
        }
        if (!context.delivery().hasSpace(room)) {
            return refused("too many messages wait in the room", SOON);
        }
        if (!message.isRecoverable()) {
            context.delivery().append(message);
            context.delivery().release(room);
            return CompletableFuture.completedFuture(null);
        }
        Position position;
        try {
            position = append(message);
        } catch (BridgeException refusal) {
            refused(refusal);
            return CompletableFuture.failedFuture(refusal);
        }
        memory.trim(message.userId());
        context.delivery().release(room);
        return CompletableFuture.completedFuture(position);
    }

    @Override
    public Subscription subscribe(String room) {
        RoomLog log = log(room, RoomLog::enter);
        AtomicBoolean open = new AtomicBoolean(true);
        return new Subscription() {
            @Override
            public CompletionStage<Position> top() {
                return CompletableFuture.completedFuture(log.top());
            }

            @Override
            public void close() {
                if (open.compareAndSet(true, false)) {
                    log.exit();
                }
            }
        };
    }

    @Override
    public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1: " + limit);
        }
        RoomLog log = log(room, RoomLog::enter);
        try {
            return CompletableFuture.completedFuture(log.slice(after, limit));
        } finally {
            log.exit();
        }
    }

    void close() {
        closed = true;
        logs.values().forEach(RoomLog::forget);
        logs.clear();
    }

    /** A log has refused a message. Called with no lock held. */
    void refused(BridgeException refusal) {
        if (refusal.reason() == BridgeException.Reason.TOO_MANY_IDS) {
            memory.refusedId();
        }
    }

    LocalMemory memory() {
        return memory;
    }

    /** Rooms that cost something; for tests. */
    int remembered() {
        return logs.size();
    }

    private Position append(Message message) {
        while (true) {
            RoomLog log = logs.computeIfAbsent(message.room(), this::newLog);
            Position position = log.append(message);
            if (position != null) {
                return position;
            }
        }
    }

    /** The log of a room if it has one. */
    @Nullable
    RoomLog find(String room) {
        return logs.get(room);
    }

    /** A log of a room that can be used as wanted. */
    RoomLog log(String room, Predicate<RoomLog> use) {
        while (true) {
            RoomLog log = logs.computeIfAbsent(room, this::newLog);
            if (use.test(log)) {
                return log;
            }
        }
    }

    private RoomLog newLog(String room) {
        return new RoomLog(
                context.delivery(),
                context.time(),
                context.history().apply(room),
                memory,
                log -> logs.remove(room, log));
    }

    private static CompletionStage<@Nullable Position> refused(String why, Duration retryAfter) {
        return CompletableFuture.failedFuture(new BridgeException(BridgeException.Reason.UNAVAILABLE, why, retryAfter));
    }
}

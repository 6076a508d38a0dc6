package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of recoverable messages into Redis: a {@link RoomQueue} for each room that has something to send. All of them
 * together hold a bounded number of messages and bytes, in flight and waiting; beyond it, and beyond the deadline, a
 * message is refused.
 */
final class Publisher {

    static final int MOST_MESSAGES = 10_000;

    private static final long LARGEST_POT = 16 << 20;

    /** Or, with less than a gigabyte of heap, 1/64 of it. There are three such pots: here, what is volatile, and what is held. */
    static final long MOST_BYTES = Math.min(LARGEST_POT, Runtime.getRuntime().maxMemory() / 64);

    /** Calls in flight: enough to keep Redis busy over a network, few enough for batches to grow when it is. */
    static final int MOST_CALLS = 128;

    private static final Duration RETRY_AFTER = Duration.ofMillis(100);

    private final Bridge.Context context;
    private final Keys keys;
    private final Producer producer;
    private final Clock clock;
    private final Stripes stripes;
    private final Time time;
    private final Timing timing;
    private final Consumer<String> sayAlone;

    private final ConcurrentMap<String, RoomQueue> queues = new ConcurrentHashMap<>();
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();

    /** Those that wait for their turn to call; each at most once. */
    private final Queue<RoomQueue> listed = new ConcurrentLinkedQueue<>();

    private volatile @Nullable Session session;
    private volatile boolean closed;

    /** {@code sayAlone} is called before anything goes to Redis, and may take it elsewhere. */
    Publisher(
            Bridge.Context context,
            Keys keys,
            Producer producer,
            Clock clock,
            Stripes stripes,
            Time time,
            Timing timing,
            Consumer<String> sayAlone) {
        this.context = context;
        this.keys = keys;
        this.producer = producer;
        this.clock = clock;
        this.stripes = stripes;
        this.time = time;
        this.timing = timing;
        this.sayAlone = sayAlone;
    }

    CompletionStage<@Nullable Position> publish(Message message) {
        Waiting waiting = new Waiting(message, time.nanos());
        boolean fewEnough = messages.incrementAndGet() <= MOST_MESSAGES;
        long size = waiting.encoded().length;
        long all = bytes.addAndGet(size);
        // One that is alone may be as large as the hub lets it be.
        boolean smallEnough = all <= MOST_BYTES || (all == size && size <= LARGEST_POT);
        if (!fewEnough || !smallEnough) {
            done(List.of(waiting));
            waiting.refuse("too many messages wait for Redis");
            return waiting.outcome();
        }
        RoomQueue queue;
        do {
            queue = queues.computeIfAbsent(message.room(), room -> new RoomQueue(room, this));
        } while (!queue.offer(waiting));
        sayAlone.accept(message.room());
        queue.pump(session);
        if (closed) {
            queue.expire(-1);
        }
        return waiting.outcome();
    }

    /** Keeps what is said in a room back until its members know where the room stands: else a gap would swallow it. */
    void hold(String room) {
        held.add(room);
    }

    void letGo(String room) {
        held.remove(room);
    }

    /** Sends what was kept back in a room. */
    void goOn(String room) {
        RoomQueue queue = queues.get(room);
        if (queue != null) {
            queue.pump(session);
        }
    }

    /** What waits in a room and was never sent; it is not sent any more, and to be ended by {@link #done}. */
    List<Waiting> take(String room) {
        RoomQueue queue = queues.get(room);
        return queue == null ? List.of() : queue.takeUnsent();
    }

    /** The rooms in which something waits, or is in flight. */
    Set<String> rooms() {
        return queues.keySet();
    }

    boolean isHeld(String room) {
        return !held.isEmpty() && held.contains(room);
    }

    /** There is a session: what waits goes out. */
    void up(Session fresh) {
        session = fresh;
        queues.values().forEach(queue -> Guarded.run(() -> queue.pump(fresh)));
    }

    void down() {
        session = null;
    }

    @Nullable
    Session session() {
        return session;
    }

    /** To be called about once a second. */
    void tick() {
        long longest = timing.deadline().toNanos();
        queues.values().forEach(queue -> Guarded.run(() -> queue.expire(longest)));
    }

    /** A batch came by on a room's channel. */
    void seen(String room, Envelope.Batch batch) {
        RoomQueue queue = batch.producer() == producer.id() ? queues.get(room) : null;
        if (queue != null) {
            queue.seen(batch);
        }
    }

    void close() {
        closed = true;
        session = null;
        queues.values().forEach(queue -> Guarded.run(() -> queue.expire(-1)));
    }

    /** Messages that wait or are in flight. */
    long pending() {
        return messages.get();
    }

    // What a queue calls.

    long nanos() {
        return time.nanos();
    }

    HistoryLimits limits(String room) {
        return context.history().apply(room);
    }

    PublishCall call(String room, List<Waiting> batch, HistoryLimits limits) {
        return new PublishCall(room, batch, keys, producer, clock, limits);
    }

    void done(String room, List<Waiting> batch, Runnable outcome) {
        if (!batch.isEmpty()) {
            // Not before: what a slow continuation keeps from completing waits, too.
            stripes.execute(room, () -> {
                try {
                    outcome.run();
                } finally {
                    done(batch);
                }
            });
        }
    }

    void retire(String room, RoomQueue queue) {
        queues.remove(room, queue);
    }

    /** Whether a call may be made at once; it is to be followed by {@link #called}. */
    boolean mayCall() {
        return listed.isEmpty() && tryCall();
    }

    /** Gives a queue its turn when others have been answered. */
    void list(RoomQueue queue) {
        listed.add(queue);
        giveTurns();
    }

    /** A call is over. */
    void called() {
        calls.decrementAndGet();
        giveTurns();
    }

    private void giveTurns() {
        while (!listed.isEmpty() && tryCall()) {
            RoomQueue next = listed.poll();
            boolean[] calls = new boolean[1];
            // A call that is never made must not count as one in flight: there are few of them.
            Guarded.run(() -> calls[0] = next != null && next.turn());
            if (!calls[0]) {
                this.calls.decrementAndGet();
            }
        }
    }

    private boolean tryCall() {
        int now = calls.get();
        while (now < MOST_CALLS) {
            if (calls.compareAndSet(now, now + 1)) {
                return true;
            }
            now = calls.get();
        }
        return false;
    }

    void pumpLater(RoomQueue queue) {
        time.after(RETRY_AFTER, () -> queue.pump(session));
    }

    /** Whether the same call may succeed later: unless Redis itself says that it is wrong. */
    static boolean mayRetry(Throwable failure) {
        String code = Refusal.code(failure);
        // The session remembers what was refused, and the engine says it.
        return code == null || Diagnosis.isForLater(code);
    }

    private void done(List<Waiting> batch) {
        long size = 0;
        for (Waiting waiting : batch) {
            size += waiting.encoded().length;
        }
        messages.addAndGet(-batch.size());
        bytes.addAndGet(-size);
    }
}

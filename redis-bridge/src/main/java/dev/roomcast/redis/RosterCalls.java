package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.redis.RosterCall.Answer;
import dev.roomcast.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How the roster's calls get to Redis: at once, or when there is a session again, until the deadline. Knows under which
 * name this instance is in rosters, and until when rosters are not to be read.
 */
final class RosterCalls {

    private static final Duration RETRY_AFTER = Duration.ofMillis(100);

    private final Keys keys;
    private final Clock clock;
    private final Time time;
    private final Time hubTime;
    private final Timing timing;
    private final AtomicLong count = new AtomicLong();
    private final Map<Long, CompletableFuture<Answer>> pending = new ConcurrentHashMap<>();

    private volatile @Nullable Session session;
    private volatile String instance;
    private volatile CompletableFuture<@Nullable Void> settled = CompletableFuture.completedFuture(null);
    private volatile boolean closed;

    RosterCalls(Keys keys, Clock clock, Bridge.Context context, Time time, Timing timing, String instance) {
        this.keys = keys;
        this.clock = clock;
        this.time = time;
        this.hubTime = context.time();
        this.timing = timing;
        this.instance = instance;
    }

    void use(@Nullable Session fresh) {
        session = fresh;
    }

    void use(String fresh) {
        instance = fresh;
    }

    /** Rosters are not read until it completes, and for at most so long as anyone waits for Redis. */
    void settleWith(CompletableFuture<@Nullable Void> stage) {
        settled = stage;
        time.after(timing.deadline(), () -> stage.complete(null));
    }

    /** Runs when other instances have had time to put their rosters back. */
    void afterSettling(Runnable task) {
        time.after(timing.settle(), task);
    }

    CompletionStage<@Nullable Void> whenSettled() {
        return settled;
    }

    /** Notes the room with this instance's name, so that others find what it leaves behind. Before anything is left there. */
    void enter(String room) {
        Session now = session;
        if (now != null) {
            now.add(keys.rooms(instance), room.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Takes the note back: nothing is left in the room. */
    void exit(String room) {
        Session now = session;
        if (now != null) {
            now.remove(keys.rooms(instance), room.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Runs later by the hub's clock. */
    void after(Duration delay, Runnable task) {
        hubTime.after(delay, task);
    }

    /** One try. */
    CompletionStage<Answer> once(String room, Words task) {
        Session now = session;
        return now == null
                ? CompletableFuture.failedStage(new IllegalStateException("Redis is away"))
                : new RosterCall(room, instance, task).send(now, keys, clock);
    }

    CompletionStage<Answer> untilDeadline(String room, Words task) {
        CompletableFuture<Answer> outcome = new CompletableFuture<>();
        long number = count.incrementAndGet();
        pending.put(number, outcome);
        CompletionStage<Answer> done = outcome.whenComplete((answer, failure) -> pending.remove(number));
        attempt(room, task, outcome, time.nanos());
        return done;
    }

    /** Waits for what is under way, but not for a Redis that is away. */
    void close() {
        closed = true;
        if (session == null) {
            return;
        }
        try {
            CompletableFuture.allOf(pending.values().toArray(new CompletableFuture<?>[0]))
                    .get(timing.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Their entries end with this instance's lease.
        }
    }

    private void attempt(String room, Words task, CompletableFuture<Answer> outcome, long since) {
        once(room, task).whenComplete((answer, failure) -> {
            if (failure == null) {
                outcome.complete(answer);
            } else if (closed || time.nanos() - since > timing.deadline().toNanos()) {
                outcome.completeExceptionally(failure);
            } else {
                time.after(RETRY_AFTER, () -> attempt(room, task, outcome, since));
            }
        });
    }
}

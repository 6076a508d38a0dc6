package dev.roomcast.redis;

import dev.roomcast.redis.RosterCall.Answer;
import dev.roomcast.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the roster's calls get to Redis: at once, or when there is a session again, until the deadline. Knows under which
 * name this instance is in rosters, and until when rosters are not to be read.
 */
final class RosterCalls {

    /** There is no session, so a call cannot even be tried. */
    static final class Away extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Away() {
            super("Redis is away", null, false, false);
        }
    }

    private static final Duration RETRY_AFTER = Duration.ofMillis(100);
    private static final int ROOMS_PER_COMMAND = 1000;
    private static final byte[] REVISION = {'v'};
    private static final byte[] RUN_ID = {'r'};
    private static final byte[] GENERATION = {'g'};
    private static final byte[] USERS = {'n'};
    private static final byte[] AWAY = {'a'};

    /** At a check every 30 s that is about twice an hour; what is kept alive so lasts a day. */
    private static final int SCRIPT_ONE_IN = 64;

    private final Keys keys;
    private final Clock clock;
    private final Time time;
    private final Timing timing;
    private final AtomicLong count = new AtomicLong();
    private final Map<Long, CompletableFuture<Answer>> pending = new ConcurrentHashMap<>();

    private volatile @Nullable Session session;
    private volatile String instance;
    private volatile CompletableFuture<@Nullable Void> settled = CompletableFuture.completedFuture(null);
    private volatile boolean closed;

    RosterCalls(Keys keys, Clock clock, Time time, Timing timing, String instance) {
        this.keys = keys;
        this.clock = clock;
        this.time = time;
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
    CompletableFuture<@Nullable Void> unsettled() {
        CompletableFuture<@Nullable Void> now = new CompletableFuture<>();
        letGoOn(settled, now);
        settled = now;
        time.after(timing.deadline(), () -> now.complete(null));
        return now;
    }

    private static void letGoOn(CompletableFuture<@Nullable Void> waiting, CompletionStage<@Nullable Void> with) {
        with.thenRun(() -> waiting.complete(null));
    }

    boolean isSettled() {
        return settled.isDone();
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

    /** The same for many rooms. */
    void enter(List<String> rooms) {
        Session now = session;
        for (int from = 0; now != null && from < rooms.size(); from += ROOMS_PER_COMMAND) {
            now.add(
                    keys.rooms(instance),
                    rooms.subList(from, Math.min(rooms.size(), from + ROOMS_PER_COMMAND)).stream()
                            .map(room -> room.getBytes(StandardCharsets.UTF_8))
                            .toArray(byte[][]::new));
        }
    }

    /** The rooms that are noted. */
    CompletionStage<List<String>> noted() {
        Session now = session;
        return now == null ? CompletableFuture.failedStage(new Away()) : now.members(keys.rooms(instance));
    }

    /** Takes the note back: nothing is left in the room. */
    void exit(String room) {
        Session now = session;
        if (now != null) {
            now.remove(keys.rooms(instance), room.getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * Whether Redis's roster of a room is whole, as it was heard of, with so many connections of this instance, and nobody
     * away. Asks for some fields and counts, which costs a fifth of the script. False now and then although it is so, since
     * the script keeps rosters from being forgotten.
     *
     * @param heard the newest revision that was heard of; negative if that does not matter
     * @param generation of the roster, as it is known
     */
    CompletionStage<Boolean> isUnchanged(String room, long heard, String generation, int connections) {
        Session now = session;
        if (now == null || ThreadLocalRandom.current().nextInt(SCRIPT_ONE_IN) == 0) {
            return CompletableFuture.completedStage(false);
        }
        byte[] here = keys.connections(room, instance);
        String mine = Integer.toString(connections);
        CompletionStage<List<@Nullable String>> kept =
                now.fields(keys.revision(room), REVISION, RUN_ID, GENERATION, USERS, AWAY, here);
        CompletionStage<Long> users = now.length(keys.users(room));
        CompletionStage<Long> connected = now.length(here);
        CompletionStage<Boolean> away = now.exists(keys.graces(room));
        return kept.thenCombine(
                        users,
                        (fields, count) -> now.runId().equals(fields.get(1))
                                && (heard < 0 || Long.toString(heard).equals(fields.get(0)))
                                && generation.equals(fields.get(2))
                                && Long.toString(count).equals(fields.get(3))
                                && "0".equals(fields.get(4))
                                && mine.equals(fields.get(5)))
                .thenCombine(connected, (agrees, count) -> agrees && count == connections)
                .thenCombine(away, (agrees, someone) -> agrees && !someone)
                // A key of another type, perhaps: the script heals it.
                .exceptionally(failure -> Refusal.instead(failure, false));
    }

    /** What this instance's entries are known by: in which Redis they are, and under which name. */
    String entries() {
        Session now = session;
        return (now == null ? "" : now.runId()) + ' ' + instance;
    }

    /** One try. */
    CompletionStage<Answer> once(String room, Words task) {
        Session now = session;
        return now == null
                ? CompletableFuture.failedStage(new Away())
                : new RosterCall(room, instance, task).send(now, keys, clock);
    }

    boolean isAway() {
        return session == null;
    }

    /** One try of what is not to be lost when the hub closes. */
    CompletionStage<Answer> atOnce(String room, Words task) {
        return awaited(outcome -> once(room, task).whenComplete((answer, failure) -> {
            if (failure == null) {
                outcome.complete(answer);
            } else {
                outcome.completeExceptionally(failure);
            }
        }));
    }

    /** Tries again until the deadline, but not for a Redis that is away: then it fails with {@link Away}. */
    CompletionStage<Answer> untilDeadline(String room, Words task) {
        return awaited(outcome -> attempt(room, task, outcome, time.nanos()));
    }

    private CompletionStage<Answer> awaited(Consumer<CompletableFuture<Answer>> call) {
        CompletableFuture<Answer> outcome = new CompletableFuture<>();
        long number = count.incrementAndGet();
        pending.put(number, outcome);
        CompletionStage<Answer> done = outcome.whenComplete((answer, failure) -> pending.remove(number));
        call.accept(outcome);
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
        CompletionStage<Answer> call;
        try {
            call = once(room, task);
        } catch (RuntimeException | Error e) {
            // Somebody waits for the outcome.
            call = CompletableFuture.failedStage(e);
        }
        call.whenComplete((answer, failure) -> {
            if (failure == null) {
                outcome.complete(answer);
            } else if (closed
                    || failure instanceof Away
                    || time.nanos() - since > timing.deadline().toNanos()) {
                outcome.completeExceptionally(failure);
            } else {
                time.after(RETRY_AFTER, () -> attempt(room, task, outcome, since));
            }
        });
    }
}

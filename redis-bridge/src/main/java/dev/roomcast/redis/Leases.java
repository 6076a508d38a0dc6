package dev.roomcast.redis;

import dev.roomcast.time.Time;
import io.lettuce.core.RedisLoadingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Says that this instance lives, and takes out of the rosters what dead ones left behind.
 *
 * <p>An instance says so every few seconds; each time its lease begins anew. One whose lease has run out is fenced by
 * whoever notices, and then reaped room by room. A beat is refused only behind a fence; the instance then takes a new name,
 * puts its connections back under it, and reaps what it may have left under the old one.
 *
 * <p>After a stall of Redis all leases look run out, and those who beat first would bury the others. So an instance reaps
 * only when its own beats have come without a break for a whole lease.
 */
final class Leases {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");

    private static final long FIRST_PAUSE_MILLIS = 100;

    /** Before all is sent again that Redis did not take: that may be ten thousand rooms. */
    private static final long LONGEST_PAUSE_MILLIS = 2000;

    private final Keys keys;
    private final Clock clock;
    private final Producer producer;
    private final RedisRoster roster;
    private final RosterCalls calls;
    private final UserIndex index;
    private final Time time;
    private final Timing timing;

    // All below: touched by one beat after the other.
    private volatile @Nullable Session session;
    private volatile String instance;
    private volatile long steadySince = -1;
    private volatile long lastBeat = -1;
    private volatile long pauseMillis;

    /** Of the last session. */
    private volatile String runId = "";

    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong renewals = new AtomicLong();

    Leases(
            Keys keys,
            Clock clock,
            Producer producer,
            RedisRoster roster,
            RosterCalls calls,
            UserIndex index,
            Time time,
            Timing timing,
            String instance) {
        this.keys = keys;
        this.clock = clock;
        this.producer = producer;
        this.roster = roster;
        this.calls = calls;
        this.index = index;
        this.time = time;
        this.timing = timing;
        this.instance = instance;
    }

    void start() {
        time.after(timing.leaseBeat(), this::next);
    }

    /** A session began: this instance is made known on it before anything else, and Redis is brought in line. */
    void up(Session fresh) {
        boolean isOther = !runId.isEmpty() && !runId.equals(fresh.runId());
        runId = fresh.runId();
        session = fresh;
        pauseMillis = FIRST_PAUSE_MILLIS;
        Guarded.run(() -> beat(fresh));
        CompletableFuture<@Nullable Void> settled = calls.unsettled();
        calls.use(fresh);
        tryAgain(fresh, settled, isOther);
    }

    /** Another Redis may have an older copy: nobody of this instance need be missing in it, but others may be. */
    private void bringInLine(Session now, CompletableFuture<@Nullable Void> settled, boolean isLost) {
        roster.sync().thenAccept(done -> {
            boolean lost = isLost || done.missing() > 0;
            if (done.failure() != null && now.equals(session)) {
                // Of one that still loads its data there is nothing to be read, however long that lasts.
                CompletableFuture<@Nullable Void> next = isLoading(done.failure()) ? calls.unsettled() : settled;
                pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
                time.after(Duration.ofMillis(pauseMillis), () -> tryAgain(now, next, lost));
            } else if (lost && now.equals(session)) {
                // Others are putting theirs back too.
                time.after(timing.settle(), () -> settled.complete(null));
            } else {
                settled.complete(null);
            }
        });
    }

    private void tryAgain(Session now, CompletableFuture<@Nullable Void> settled, boolean isLost) {
        if (now.equals(session)) {
            if (!Guarded.run(() -> bringInLine(now, settled, isLost))) {
                time.after(Duration.ofMillis(LONGEST_PAUSE_MILLIS), () -> tryAgain(now, settled, isLost));
            }
        } else {
            settled.complete(null);
        }
    }

    private static boolean isLoading(Throwable failure) {
        return failure instanceof RedisLoadingException || failure.getCause() instanceof RedisLoadingException;
    }

    void down() {
        session = null;
        steadySince = -1;
        calls.use((Session) null);
    }

    /** How often it has looked for dead instances; it does not while its own beats are not steady. */
    long rounds() {
        return rounds.get();
    }

    /** How often others took this instance for dead. */
    long renewals() {
        return renewals.get();
    }

    /** Whether it can say that it lives. */
    boolean hasSession() {
        return session != null;
    }

    /**
     * Nothing is left behind, so nobody need wait for the lease to run out. Redis answers in order: when it has answered
     * this, it has done what was asked before.
     */
    void close() {
        Session now = session;
        if (now == null || !roster.isEmpty() || !index.isEmpty()) {
            return;
        }
        try {
            call(now, instance, new Words().text("forget").text(instance))
                    .toCompletableFuture()
                    .get(timing.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.DEBUG, "Redis was not told that this instance ends; its lease will", e);
        }
    }

    private void next() {
        try {
            Session now = session;
            if (now != null) {
                beat(now);
            }
        } finally {
            // Whatever has failed: an instance that beats no more is buried by the others, with its members in the
            // rooms.
            time.after(timing.leaseBeat(), this::next);
        }
    }

    private void beat(Session now) {
        String name = instance;
        Words task = new Words().text("beat").text(name).number(timing.lease().toMillis());
        call(now, name, task).whenComplete((answer, failure) -> {
            if (failure != null) {
                steadySince = -1;
            } else if (answer.get(0).equals(0L)) {
                Guarded.run(() -> renew(name));
            } else {
                Guarded.run(() -> lives((Long) answer.get(0), (List<?>) answer.get(1), now));
                Guarded.run(() -> index.beat((Long) answer.get(2)));
            }
        });
    }

    private void lives(long millis, List<?> dead, Session now) {
        boolean isLate = lastBeat < 0 || millis - lastBeat > timing.lease().toMillis() / 2;
        lastBeat = millis;
        if (steadySince < 0 || isLate) {
            steadySince = millis;
        }
        if (millis - steadySince < timing.lease().toMillis()) {
            return;
        }
        for (Object name : dead) {
            bury(utf8(name), now);
        }
        rounds.incrementAndGet();
    }

    private void bury(String dead, Session now) {
        call(now, dead, new Words().text("fence").text(dead)).whenComplete((answer, failure) -> {
            if (failure != null || answer.get(0).equals(0L)) {
                return;
            }
            List<String> rooms = texts((List<?>) answer.get(1));
            List<String> users = texts((List<?>) answer.get(2));
            LOG.log(
                    System.Logger.Level.WARNING,
                    "An instance has not been heard of for {0} ms; its members have left {1} rooms",
                    timing.lease().toMillis(),
                    rooms.size());
            reapAndForget(dead, rooms, users, now);
        });
    }

    /** A name of which something may be left is remembered: its lease has run out, so one of the next beats buries it again. */
    private void reapAndForget(String dead, List<String> rooms, List<String> users, Session now) {
        reap(dead, rooms, users, now).whenComplete((done, failed) -> {
            if (failed == null) {
                call(now, dead, new Words().text("forget").text(dead));
            }
        });
    }

    private CompletionStage<Void> reap(String dead, List<String> rooms, List<String> users, Session now) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        all.add(index.reap(dead, users, now).toCompletableFuture());
        for (String room : rooms) {
            all.add(new RosterCall(room, dead, new Words().text("reap"))
                    .send(now, keys, clock)
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
    }

    /** Others took this instance for dead, and told everyone so. */
    private void renew(String fenced) {
        if (!instance.equals(fenced)) {
            return;
        }
        LOG.log(System.Logger.Level.WARNING, "This instance was taken for dead, and joins again");
        instance = producer.nextInstance();
        renewals.incrementAndGet();
        List<String> users = index.users();
        calls.use(instance);
        index.use(instance);
        List<String> rooms = roster.rooms();
        Session now = session;
        if (now != null) {
            beat(now);
            roster.sync().whenComplete((missing, failure) -> {
                reapAndForget(fenced, rooms, users, now);
            });
        }
    }

    private CompletionStage<List<Object>> call(Session now, String about, Words task) {
        Words names = new Words()
                .bytes(keys.leases())
                .bytes(keys.fence(about))
                .bytes(keys.rooms(about))
                .bytes(keys.usersOf(about));
        Words arguments = new Words().text(clock.now());
        for (byte[] word : task.toArray()) {
            arguments.bytes(word);
        }
        return now.call(Script.LEASE, names.toArray(), arguments.toArray());
    }

    private static List<String> texts(List<?> names) {
        return names.stream().map(Leases::utf8).toList();
    }

    private static String utf8(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}

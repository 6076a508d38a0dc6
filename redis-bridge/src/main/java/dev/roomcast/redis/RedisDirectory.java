package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.Signal;
import dev.roomcast.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where users are connected, in Redis: an index ({@link UserIndex}), and for each instance a channel ({@link Inbox}). A
 * signal for one user is one script call, which reads where the user is and publishes there; one for everyone is published
 * on a channel that all listen to who have connections.
 */
final class RedisDirectory implements Directory {

    private static final Duration RETRY_AFTER = Duration.ofMillis(500);

    /** Signals that wait to be tried again. */
    private static final int MOST_WAITING = 10_000;

    private final Keys keys;
    private final UserIndex index;
    private final Inbox inbox;
    private final Bridge.Context context;
    private final Producer producer;
    private final Stripes stripes;
    private final Time time;
    private final Timing timing;

    /** Those that wait to be tried again. */
    private final Set<Telling> waiting = ConcurrentHashMap.newKeySet();

    RedisDirectory(
            Keys keys,
            UserIndex index,
            Inbox inbox,
            Bridge.Context context,
            Producer producer,
            Stripes stripes,
            Time time,
            Timing timing) {
        this.keys = keys;
        this.index = index;
        this.inbox = inbox;
        this.context = context;
        this.producer = producer;
        this.stripes = stripes;
        this.time = time;
        this.timing = timing;
    }

    @Override
    public CompletionStage<Boolean> enter(String userId, String connectionId, int most, boolean evictsOldest) {
        long now = context.time().millis();
        index.add(userId, connectionId, now);
        Words task = new Words().text(connectionId).number(now).number(most).number(evictsOldest ? 1 : 0);
        CompletableFuture<Boolean> entered = new CompletableFuture<>();
        // Whoever finds it in the index must be heard here.
        inbox.listen()
                .thenCompose(listening -> index.call(userId, "enter", task))
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        index.asked(userId, connectionId, true, false);
                        stripes.execute(userId, () -> entered.completeExceptionally(away()));
                        return;
                    }
                    boolean isIn = answer.get(0).equals(1L);
                    index.asked(userId, connectionId, isIn, true);
                    answer.stream().skip(1).forEach(gone -> Guarded.run(() -> evict(userId, text(gone))));
                    stripes.execute(userId, () -> entered.complete(isIn));
                });
        return entered;
    }

    /** One has made way: the index knows it no more, its instance is told. */
    private void evict(String userId, String member) {
        int blank = member.indexOf(' ');
        String where = member.substring(0, Math.max(0, blank));
        Signal.Evict signal = new Signal.Evict(userId, member.substring(blank + 1));
        Session session = index.session();
        if (where.equals(index.instance())) {
            context.delivery().signal(signal);
        } else if (session != null) {
            session.publish(keys.inbox(where), SignalCodec.encode(signal, producer.id()));
        }
    }

    @Override
    public CompletionStage<@Nullable Void> leave(String userId, String connectionId) {
        CompletionStage<?> removed = index.remove(userId, connectionId);
        if (removed == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
        // If Redis could not be told, it has left all the same.
        removed.whenComplete((answer, failure) -> stripes.execute(userId, () -> left.complete(null)));
        return left;
    }

    @Override
    public CompletionStage<Integer> signal(Signal signal) {
        byte[] bytes = SignalCodec.encode(signal, producer.id());
        String userId = signal.userId();
        if (userId == null) {
            return tellAll(bytes);
        }
        Telling telling = new Telling(signal, userId, bytes, time.nanos());
        tell(telling);
        return telling.told;
    }

    private CompletionStage<Integer> tellAll(byte[] bytes) {
        CompletableFuture<Integer> told = new CompletableFuture<>();
        Session session = index.session();
        int here = inbox.isListening() ? 1 : 0;
        CompletionStage<Long> listeners = session == null || session.passing().isFull()
                ? CompletableFuture.failedStage(away())
                : session.announce(keys.everyone(), bytes);
        listeners.whenComplete((count, failure) -> stripes.execute("", () -> {
            if (failure == null) {
                told.complete((int) Math.max(0, count - here));
            } else {
                told.completeExceptionally(away());
            }
        }));
        return told;
    }

    private void tell(Telling telling) {
        index.call(telling.userId, "signal", telling.task()).whenComplete((answer, failure) -> {
            if (failure != null) {
                fail(telling);
            } else if (telling.heard(texts(answer.get(0)), texts(answer.get(1)))) {
                stripes.execute(telling.userId, () -> telling.told.complete(telling.count()));
            } else if (time.nanos() - telling.since < timing.deadline().toNanos()) {
                tellLater(telling);
            } else {
                fail(telling);
            }
        });
    }

    private void tellLater(Telling telling) {
        if (waiting.size() >= MOST_WAITING) {
            fail(telling);
            return;
        }
        waiting.add(telling);
        time.after(RETRY_AFTER, () -> {
            if (waiting.remove(telling) && !Guarded.run(() -> tell(telling))) {
                fail(telling);
            }
        });
        if (index.session() == null && waiting.remove(telling)) {
            // Perhaps closed, and then no time passes any more.
            fail(telling);
        }
    }

    private void fail(Telling telling) {
        stripes.execute(telling.userId, () -> telling.told.completeExceptionally(away()));
    }

    void close() {
        index.down();
        waiting.forEach(this::fail);
    }

    private static BridgeException away() {
        return new BridgeException(
                BridgeException.Reason.UNAVAILABLE, "other instances cannot be reached", Duration.ofSeconds(1));
    }

    private static List<String> texts(Object names) {
        return ((List<?>) names).stream().map(RedisDirectory::text).toList();
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}

package dev.roomcast.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of the commanding connection. It never comes back after a cut: the next one is another session, with the run id
 * of the Redis that it found. So no command can reach a Redis other than the one whose run id it carries.
 *
 * @param connection the connection
 * @param runId which Redis answers it
 * @param answers what Redis has answered
 * @param refusal why it refused a call, if it will refuse the next one too
 * @param passing what was published without waiting for the answer
 */
record Session(
        StatefulRedisConnection<byte[], byte[]> connection,
        String runId,
        LongAdder answers,
        AtomicReference<@Nullable Throwable> refusal,
        Passing passing) {

    Session(StatefulRedisConnection<byte[], byte[]> connection, String runId) {
        this(connection, runId, new LongAdder(), new AtomicReference<>(), new Passing());
    }

    /**
     * Makes all scripts known, ahead of any call and without waiting for the answers. A call of an unknown one is sent again,
     * text and all, behind later ones: a leave could overtake what it follows. Who may not load scripts has to live with it.
     */
    void load() {
        Script.ALL.forEach(script -> guarded(() -> connection.async().scriptLoad(script.text())));
    }

    /** Runs a script. Completes on a thread of the connection; fails with a {@link RedisException}. */
    CompletionStage<List<Object>> call(Script script, byte[][] keys, byte[][] arguments) {
        CompletableFuture<List<Object>> outcome = new CompletableFuture<>();
        guarded(() -> connection
                        .async()
                        .<List<Object>>evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments))
                .whenComplete((answer, failure) -> {
                    answers.increment();
                    if (failure == null) {
                        outcome.complete(answer);
                    } else if (failure instanceof RedisNoScriptException) {
                        send(script, keys, arguments, outcome);
                    } else {
                        fail(outcome, failure);
                    }
                });
        return outcome;
    }

    private void send(Script script, byte[][] keys, byte[][] arguments, CompletableFuture<List<Object>> outcome) {
        guarded(() -> connection.async().<List<Object>>eval(script.text(), ScriptOutputType.MULTI, keys, arguments))
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        outcome.complete(answer);
                    } else {
                        fail(outcome, failure);
                    }
                });
    }

    private void fail(CompletableFuture<?> outcome, Throwable failure) {
        note(failure);
        outcome.completeExceptionally(failure);
    }

    /** What Redis refuses as a replica, or since something is wrong with it or with us, it refuses again. */
    private void note(@Nullable Throwable failure) {
        String code = failure == null ? null : Refusal.code(failure);
        if (code != null && (code.equals("READONLY") || !Diagnosis.isForLater(code))) {
            refusal.compareAndSet(null, failure);
        }
    }

    /** Some fields of a hash, as text; null for one that is not there. A twentieth of what a script costs. */
    CompletionStage<List<@Nullable String>> fields(byte[] hash, byte[]... names) {
        return guarded(() -> connection.async().hmget(hash, names)).thenApply(found -> {
            answers.increment();
            List<@Nullable String> values = new ArrayList<>(found.size());
            for (KeyValue<byte[], byte[]> field : found) {
                values.add(field.hasValue() ? new String(field.getValue(), StandardCharsets.UTF_8) : null);
            }
            return values;
        });
    }

    /** Number of fields of a hash. */
    CompletionStage<Long> length(byte[] hash) {
        return guarded(() -> connection.async().hlen(hash));
    }

    /** Whether a key is there. */
    CompletionStage<Boolean> exists(byte[] key) {
        return guarded(() -> connection.async().exists(key)).thenApply(count -> count > 0);
    }

    /** Publishes without waiting for the answer; even if so much waits that it had better not. */
    void publish(byte[] channel, byte[] message) {
        Passing.Mark mark = passing.send(message.length);
        CompletionStage<Long> answer = guarded(() -> connection.async().publish(channel, message));
        if (mark != null) {
            answer.whenComplete((count, failure) -> {
                answers.increment();
                passing.answered(mark);
                note(failure);
            });
        }
    }

    /** Publishes; completes with the number of subscribers, without those who only look on by a pattern. */
    CompletionStage<Long> announce(byte[] channel, byte[] message) {
        CompletionStage<Map<byte[], Long>> subscribers =
                guarded(() -> connection.async().pubsubNumsub(channel));
        Passing.Mark mark = passing.send(message.length);
        CompletionStage<Long> answer = guarded(() -> connection.async().publish(channel, message));
        if (mark != null) {
            answer.whenComplete((count, failure) -> passing.answered(mark));
        }
        return answer.thenCombine(
                subscribers,
                (heard, count) ->
                        count.values().stream().mapToLong(Long::longValue).sum());
    }

    /** What is in a set, as text. */
    CompletionStage<List<String>> members(byte[] set) {
        return guarded(() -> connection.async().smembers(set))
                .thenApply(found -> found.stream()
                        .map(member -> new String(member, StandardCharsets.UTF_8))
                        .toList());
    }

    /** Adds to a set without waiting for the answer. */
    void add(byte[] set, byte[]... members) {
        guarded(() -> connection.async().sadd(set, members));
    }

    /** Removes from a set without waiting for the answer. */
    void remove(byte[] set, byte[] member) {
        guarded(() -> connection.async().srem(set, member));
    }

    private static <T> CompletionStage<T> guarded(Supplier<CompletionStage<T>> command) {
        try {
            return command.get();
        } catch (RedisException e) {
            return CompletableFuture.failedStage(e);
        }
    }
}

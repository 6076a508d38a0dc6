package dev.roomcast.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One life of the commanding connection. It never comes back after a cut: the next one is another session, with the run id
 * of the Redis that it found. So no command can reach a Redis other than the one whose run id it carries.
 *
 * @param connection the connection
 * @param runId which Redis answers it
 */
record Session(StatefulRedisConnection<byte[], byte[]> connection, String runId) {

    /** Runs a script. Completes on a thread of the connection; fails with a {@link RedisException}. */
    CompletionStage<List<Object>> call(Script script, byte[][] keys, byte[][] arguments) {
        return guarded(() -> connection
                        .async()
                        .<List<Object>>evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments))
                .handle((answer, failure) -> failure instanceof RedisNoScriptException
                        ? guarded(() -> connection
                                .async()
                                .<List<Object>>eval(script.text(), ScriptOutputType.MULTI, keys, arguments))
                        : failure == null
                                ? CompletableFuture.completedStage(answer)
                                : CompletableFuture.<List<Object>>failedStage(failure))
                .thenCompose(Function.identity());
    }

    /** Publishes without waiting for the answer. */
    void publish(byte[] channel, byte[] message) {
        guarded(() -> connection.async().publish(channel, message));
    }

    /** Publishes; completes with the number of subscribers, without those who only look on by a pattern. */
    CompletionStage<Long> announce(byte[] channel, byte[] message) {
        CompletionStage<Map<byte[], Long>> subscribers =
                guarded(() -> connection.async().pubsubNumsub(channel));
        return guarded(() -> connection.async().publish(channel, message))
                .thenCombine(
                        subscribers,
                        (heard, count) -> count.values().stream()
                                .mapToLong(Long::longValue)
                                .sum());
    }

    /** Adds to a set without waiting for the answer. */
    void add(byte[] set, byte[] member) {
        guarded(() -> connection.async().sadd(set, member));
    }

    /** Removes from a set without waiting for the answer. */
    void remove(byte[] set, byte[] member) {
        guarded(() -> connection.async().srem(set, member));
    }

    private static <T> CompletionStage<T> guarded(java.util.function.Supplier<CompletionStage<T>> command) {
        try {
            return command.get();
        } catch (RedisException e) {
            return CompletableFuture.failedStage(e);
        }
    }
}

package dev.roomcast.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Asks Redis, before a connection is used, whether it can serve: that it is a master, and that the connection's user may do
 * all that the bridge does, on keys and channels with the bridge's prefix. What it touches belongs to no room and to no
 * instance, and nothing of it stays. A Redis that is full, busy or still loading can serve later, and passes.
 */
final class Probe {

    /** The name of no instance. */
    private static final String NOBODY = "probe";

    private final byte[][] keys;
    private final byte[][] arguments;
    private final byte[][] channels;

    Probe(Keys keys) {
        byte[] inbox = keys.inbox(NOBODY);
        this.keys = new byte[][] {keys.fence(NOBODY)};
        this.arguments = new byte[][] {inbox};
        this.channels = new byte[][] {inbox, keys.everyone(), keys.channel(NOBODY)};
    }

    /** Completes with the run id; fails with a {@link CannotServeException} if what answers cannot be worked with. */
    CompletionStage<String> commands(StatefulRedisConnection<byte[], byte[]> connection) {
        RedisAsyncCommands<byte[], byte[]> redis = connection.async();
        // All at once, so that being sure costs one round trip.
        CompletionStage<Map<String, String>> server = redis.info("server").thenApply(Probe::facts);
        CompletionStage<Map<String, String>> replication =
                redis.info("replication").thenApply(Probe::facts);
        CompletionStage<List<Object>> text = redis.eval(Script.PROBE.text(), ScriptOutputType.MULTI, keys, arguments);
        CompletionStage<List<Object>> digest =
                redis.evalsha(Script.PROBE.digest(), ScriptOutputType.MULTI, keys, arguments);
        return server.thenCompose(facts -> mode(redis, facts))
                .thenCombine(replication, (facts, roles) -> {
                    role(roles);
                    return facts;
                })
                .thenCompose(facts ->
                        rights(text).thenCompose(done -> rights(digest)).thenApply(done -> runId(facts)));
    }

    /** Completes with the run id; fails if it may not subscribe to what the bridge subscribes to. */
    CompletionStage<String> listening(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        RedisPubSubAsyncCommands<byte[], byte[]> redis = connection.async();
        CompletionStage<Map<String, String>> server = redis.info("server").thenApply(Probe::facts);
        return server.thenCompose(facts -> redis.subscribe(channels)
                .thenCompose(done -> redis.unsubscribe(channels))
                .thenApply(done -> runId(facts)));
    }

    private static Map<String, String> facts(String info) {
        return info.lines()
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (first, second) -> first));
    }

    /** Which Redis this is, from what {@code INFO server} says: another one after each restart. */
    static String runId(String info) {
        return runId(facts(info));
    }

    private static String runId(Map<String, String> facts) {
        String runId = facts.get("run_id");
        if (runId == null) {
            throw new CannotServeException("it does not tell its run id (INFO server)", true);
        }
        return runId;
    }

    private static CompletionStage<Map<String, String>> mode(
            RedisAsyncCommands<byte[], byte[]> redis, Map<String, String> facts) {
        String mode = facts.getOrDefault("redis_mode", facts.getOrDefault("server_mode", ""));
        if (mode.equals("sentinel")) {
            throw new CannotServeException(
                    "it is a sentinel: redis-sentinel://host:port#master leads to the master that it knows", true);
        }
        CompletionStage<Map<String, String>> known = CompletableFuture.completedStage(facts);
        return mode.equals("cluster")
                ? redis.clusterInfo()
                        .handle((info, failure) -> failure == null ? info : "")
                        .thenCombine(known, Probe::one)
                : known;
    }

    /** A cluster of one master is as good as a single server: all keys of a room, a user and the leases are in one slot. */
    private static Map<String, String> one(String clusterInfo, Map<String, String> facts) {
        String masters = facts(clusterInfo).getOrDefault("cluster_size", "0");
        if (!masters.equals("0") && !masters.equals("1")) {
            throw new CannotServeException(
                    "it is a node of a Redis Cluster of " + masters + " masters, which is not supported", true);
        }
        return facts;
    }

    private static void role(Map<String, String> replication) {
        if (replication.getOrDefault("role", "").equals("slave")
                && !replication.getOrDefault("slave_read_only", "1").equals("0")) {
            throw new CannotServeException("it is a replica that takes no writes", false);
        }
    }

    /** Each command that was refused, and what Redis said. */
    private static CompletionStage<List<Object>> rights(CompletionStage<List<Object>> asked) {
        return asked.handle((refused, failure) -> {
            if (failure != null) {
                Diagnosis why = Diagnosis.of(failure);
                if (why.isLasting() || isReplica(why.words())) {
                    throw new CannotServeException(why.words(), why.isLasting());
                }
                return List.of();
            }
            for (int i = 0; i + 1 < refused.size(); i += 2) {
                String said = text(refused.get(i + 1));
                if (Diagnosis.isForEver(said)) {
                    throw new CannotServeException(text(refused.get(i)) + ": " + said, true);
                } else if (isReplica(said)) {
                    throw new CannotServeException("it is a replica that takes no writes", false);
                }
            }
            return refused;
        });
    }

    private static boolean isReplica(String said) {
        return said.contains("READONLY") || said.contains("MASTERDOWN");
    }

    private static String text(Object word) {
        return word instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(word);
    }
}

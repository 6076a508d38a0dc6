package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each acknowledged message reaches each connection once and in one order, or a gap is told; under each kind of fault. */
class OrderTest {

    /** Longer than any fault here at any speed, so that history is never the reason for a gap. */
    private static final HistoryLimits LONG = new HistoryLimits(1_000_000, Duration.ofMinutes(5), 1 << 30);

    private static final int FAULTS = 4;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void without_faults_everyone_gets_everything() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, HistoryLimits.DEFAULT)) {
            publishDuring(instances, () -> instances.work(3000));
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    void connections_that_are_cut_again_and_again_lose_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> cut(redis, instances));
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    @Tag("faults")
    void what_is_cut_for_longer_than_history_lasts_is_told_of_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, new HistoryLimits(16, Duration.ofMinutes(5), 1 << 20))) {
            publishDuring(instances, () -> cut(redis, instances));
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    @Tag("faults")
    void a_frozen_redis_loses_nothing_and_doubles_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                instances.work(300);
                redis.freeze();
                instances.awaitIsolation();
                redis.thaw();
                instances.work(300);
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    /** No event tells of it: neither to who is answered no more, nor to who waits for news that never come. */
    @Test
    @Tag("faults")
    void a_half_open_link_loses_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(List.of(proxy.uri(), redis.uri()), LONG, Instances.QUICK)) {
            publishDuring(instances, () -> {
                for (boolean whereSubscribed : List.of(false, true)) {
                    instances.work(200);
                    long before = proxy.swallowed();
                    if (whereSubscribed) {
                        proxy.swallowWhereSubscribed(Proxy.Way.FROM_REDIS);
                    } else {
                        proxy.swallow(Proxy.Way.values());
                    }
                    await().until(() -> proxy.swallowed() > before);
                    instances.work(200);
                    proxy.heal();
                }
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    @Tag("faults")
    void replies_that_are_dropped_double_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(List.of(proxy.uri(), proxy.uri()), LONG, Instances.QUICK)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < FAULTS; i++) {
                    instances.work(200);
                    long before = proxy.swallowed();
                    proxy.swallow(Proxy.Way.FROM_REDIS);
                    await().until(() -> proxy.swallowed() > before);
                    proxy.heal();
                    proxy.cut();
                }
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    void a_replica_that_takes_over_is_a_gap() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = primary.startReplica();
                Proxy proxy = new Proxy(primary.port());
                Instances instances = new Instances(List.of(proxy.uri(), proxy.uri()), LONG, Instances.QUICK)) {
            publishDuring(instances, () -> {
                instances.work(300);
                primary.kill();
                replica.promote();
                proxy.leadTo(replica.port());
                instances.work(300);
            });
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    /** It ends no connection and answers pings, and refuses each write. */
    @Test
    void a_master_that_is_made_a_replica_is_left_for_the_new_one() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = primary.startReplica();
                Proxy proxy = new Proxy(primary.port());
                Instances instances = new Instances(List.of(proxy.uri(), proxy.uri()), LONG, Instances.QUICK)) {
            publishDuring(instances, () -> {
                instances.work(300);
                replica.promote();
                primary.command("REPLICAOF", "127.0.0.1", Integer.toString(replica.port()));
                proxy.leadTo(replica.port());
                instances.work(300);
            });
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    @Tag("faults")
    void a_flushed_redis_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < 3; i++) {
                    instances.work(300);
                    redis.command("FLUSHALL");
                }
                instances.work(300);
            });
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    @Tag("faults")
    void evicted_keys_are_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (String key : List.of("{red}:m", "{blue}:s", "{red}:s", "{blue}:m", "{red}:u", "{blue}:v")) {
                    instances.work(200);
                    redis.command("CLIENT", "KILL", "TYPE", "pubsub");
                    redis.command("DEL", "roomcast:" + key);
                }
                instances.work(300);
            });
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    void forgotten_scripts_are_sent_again() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < FAULTS; i++) {
                    instances.work(200);
                    redis.command("SCRIPT", "FLUSH");
                }
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    void a_killed_redis_that_remembers_everything_loses_nothing() throws Exception {
        try (RedisServer redis =
                        RedisServer.builder().persistence(Persistence.ALWAYS).start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> killAndRestart(redis, instances));
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    @Tag("faults")
    void a_killed_redis_that_remembers_nothing_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> killAndRestart(redis, instances));
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    void a_redis_that_comes_back_with_an_older_copy_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                instances.work(300);
                redis.command("SAVE");
                killAndRestart(redis, instances);
            });
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    private static void cut(RedisServer redis, Instances instances) throws InterruptedException {
        for (int i = 0; i < FAULTS; i++) {
            redis.command("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "normal" : "pubsub");
            instances.work(300);
        }
    }

    private static void killAndRestart(RedisServer redis, Instances instances) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            instances.work(300);
            redis.kill();
            redis.restart();
            instances.work(300);
        }
    }

    private interface Faults {
        void happen() throws InterruptedException;
    }

    private static void publishDuring(Instances instances, Faults faults) throws InterruptedException {
        instances.startPublishing();
        faults.happen();
        instances.stopPublishing();
        System.getLogger("dev.roomcast.redis.test").log(System.Logger.Level.INFO, instances.account.summary());
    }
}

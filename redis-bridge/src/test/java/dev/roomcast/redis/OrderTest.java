package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each acknowledged message reaches each connection once and in one order, or a gap is told; under each kind of fault. */
class OrderTest {

    /** Longer than any fault here at any speed, so that history is never the reason for a gap. */
    private static final HistoryLimits LONG = new HistoryLimits(1_000_000, Duration.ofMinutes(5), 1 << 30);

    private static final int FAULTS = 8;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void without_faults_everyone_gets_everything() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, HistoryLimits.DEFAULT)) {
            publishDuring(instances, () -> instances.work(5000));
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
    void what_is_cut_for_longer_than_history_lasts_is_told_of_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, new HistoryLimits(16, Duration.ofMinutes(5), 1 << 20))) {
            publishDuring(instances, () -> cut(redis, instances));
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    void a_frozen_redis_loses_nothing_and_doubles_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                instances.work(1000);
                redis.freeze();
                pause(3000);
                redis.thaw();
                instances.work(1000);
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @Test
    void a_flushed_redis_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < 3; i++) {
                    instances.work(1000);
                    redis.command("FLUSHALL");
                }
                instances.work(1000);
            });
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
        }
    }

    @Test
    void evicted_keys_are_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (String key : List.of("{red}:m", "{blue}:s", "{red}:s", "{blue}:m", "{red}:u", "{blue}:v")) {
                    instances.work(500);
                    redis.command("CLIENT", "KILL", "TYPE", "pubsub");
                    redis.command("DEL", "roomcast:" + key);
                }
                instances.work(1000);
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
                    instances.work(500);
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
                instances.work(1000);
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
            instances.work(1000);
        }
    }

    private static void killAndRestart(RedisServer redis, Instances instances) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            instances.work(1000);
            redis.kill();
            pause(200);
            redis.restart();
            instances.work(1000);
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

    /** Real time: Redis is another process. */
    private static void pause(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }
}

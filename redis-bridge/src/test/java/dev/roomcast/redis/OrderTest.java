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
            publishDuring(instances, () -> work(2000));
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances));
            assertEquals(0, instances.unavailable.size());
        }
    }

    @Test
    void connections_that_are_cut_again_and_again_lose_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> cut(redis));
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances));
            assertEquals(0, instances.unavailable.size());
        }
    }

    @Test
    void what_is_cut_for_longer_than_history_lasts_is_told_of_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, new HistoryLimits(16, Duration.ofMinutes(5), 1 << 20))) {
            publishDuring(instances, () -> cut(redis));
            assertEquals(List.of(), OrderChecker.check(instances));
        }
    }

    @Test
    void a_frozen_redis_loses_nothing_and_doubles_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                work(300);
                redis.freeze();
                work(3000);
                redis.thaw();
                work(1000);
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances));
            assertEquals(0, instances.unavailable.size());
        }
    }

    @Test
    void a_flushed_redis_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < 3; i++) {
                    work(400);
                    redis.command("FLUSHALL");
                }
                work(400);
            });
            assertTrue(instances.gaps().size() >= 3 * instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances));
        }
    }

    @Test
    void forgotten_scripts_are_sent_again() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                for (int i = 0; i < FAULTS; i++) {
                    work(100);
                    redis.command("SCRIPT", "FLUSH");
                }
            });
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances));
            assertEquals(0, instances.unavailable.size());
        }
    }

    @Test
    void a_killed_redis_that_remembers_everything_loses_nothing() throws Exception {
        try (RedisServer redis =
                        RedisServer.builder().persistence(Persistence.ALWAYS).start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> killAndRestart(redis));
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances));
            assertEquals(0, instances.unavailable.size());
        }
    }

    @Test
    void a_killed_redis_that_remembers_nothing_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> killAndRestart(redis));
            assertTrue(instances.gaps().size() >= 2 * instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances));
        }
    }

    @Test
    void a_redis_that_comes_back_with_an_older_copy_is_a_gap() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            publishDuring(instances, () -> {
                work(300);
                redis.command("SAVE");
                killAndRestart(redis);
            });
            assertTrue(instances.gaps().size() >= 2 * instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances));
        }
    }

    private static void cut(RedisServer redis) throws InterruptedException {
        for (int i = 0; i < FAULTS; i++) {
            redis.command("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "normal" : "pubsub");
            work(300);
        }
    }

    private static void killAndRestart(RedisServer redis) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            work(400);
            redis.kill();
            work(200);
            redis.restart();
            work(400);
        }
    }

    private interface Faults {
        void happen() throws InterruptedException;
    }

    private static void publishDuring(Instances instances, Faults faults) throws InterruptedException {
        instances.startPublishing();
        faults.happen();
        instances.stopPublishing();
        int acknowledged = instances.acknowledged.size();
        assertTrue(acknowledged > 500, "only " + acknowledged + " messages");
        System.getLogger("dev.roomcast.redis.test")
                .log(
                        System.Logger.Level.INFO,
                        "{0} acknowledged, {1} unavailable, {2} gaps",
                        acknowledged,
                        instances.unavailable.size(),
                        instances.gaps().size());
    }

    /** Lets the instances publish for a while of real time: they and Redis are other threads and processes. */
    private static void work(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }
}

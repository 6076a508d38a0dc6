package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.redis.Proxy.Way;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of fault between instances and Redis, at length. {@link OrderTest} has one short case of each class. */
@Tag("faults")
@Timeout(120)
class FaultMatrixTest {

    /** Longer than any fault here at any speed, so that history is never the reason for a gap. */
    private static final HistoryLimits LONG = new HistoryLimits(1_000_000, Duration.ofMinutes(5), 1 << 30);

    /** Nothing is found by comparing positions now and then, and nobody is taken for dead. */
    private static final Timing WITHOUT_CHECK = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1));

    /** Where a link swallows. */
    private enum HalfOpen {
        BOTH_WAYS,
        TO_REDIS,
        FROM_REDIS,
        BOTH_WAYS_WHERE_SUBSCRIBED,
        TO_REDIS_WHERE_SUBSCRIBED,
        FROM_REDIS_WHERE_SUBSCRIBED;

        void begin(Proxy proxy) {
            Way[] ways = switch (this) {
                case BOTH_WAYS, BOTH_WAYS_WHERE_SUBSCRIBED -> Way.values();
                case TO_REDIS, TO_REDIS_WHERE_SUBSCRIBED -> new Way[] {Way.TO_REDIS};
                case FROM_REDIS, FROM_REDIS_WHERE_SUBSCRIBED -> new Way[] {Way.FROM_REDIS};
            };
            if (name().endsWith("SUBSCRIBED")) {
                proxy.swallowWhereSubscribed(ways);
            } else {
                proxy.swallow(ways);
            }
        }
    }

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    /** One instance is behind the link; the other one talks on. */
    @ParameterizedTest
    @EnumSource(HalfOpen.class)
    void a_half_open_link_of_one_instance_loses_nothing(HalfOpen fault) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(List.of(proxy.uri(), redis.uri()), LONG, WITHOUT_CHECK)) {
            instances.startPublishing();
            // Where only pings are swallowed and news come, it takes so long to be found that there is no second time.
            int times = fault == HalfOpen.TO_REDIS_WHERE_SUBSCRIBED ? 1 : 2;
            for (int i = 0; i < times; i++) {
                instances.work(500);
                long before = proxy.swallowed();
                fault.begin(proxy);
                await().until(() -> proxy.swallowed() > before);
                instances.work(2000);
                proxy.heal();
                instances.work(500);
            }
            instances.stopPublishing();
            assertNothingIsMissing(instances);
        }
    }

    @Test
    void a_half_open_link_of_all_instances_loses_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(Collections.nCopies(3, proxy.uri()), LONG, Instances.QUICK)) {
            instances.startPublishing();
            for (HalfOpen fault : HalfOpen.values()) {
                instances.work(500);
                long before = proxy.swallowed();
                fault.begin(proxy);
                await().until(() -> proxy.swallowed() > before);
                // Long enough that links are given up and new ones swallow as well.
                await().pollDelay(2, TimeUnit.SECONDS).until(() -> true);
                proxy.heal();
                instances.work(500);
            }
            instances.stopPublishing();
            assertNothingIsMissing(instances);
        }
    }

    /** What was executed and not answered is sent again, and must not be executed again. */
    @Test
    void replies_that_are_dropped_double_nothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(List.of(proxy.uri(), proxy.uri()), LONG, Instances.QUICK)) {
            instances.startPublishing();
            for (int i = 0; i < 10; i++) {
                instances.work(500);
                long before = proxy.swallowed();
                proxy.swallow(Way.FROM_REDIS);
                await().until(() -> proxy.swallowed() > before);
                proxy.heal();
                proxy.cut();
            }
            instances.work(500);
            instances.stopPublishing();
            assertNothingIsMissing(instances);
        }
    }

    @Test
    void three_instances_agree_whatever_is_cut_frozen_or_flushed() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 3, LONG)) {
            instances.startPublishing();
            for (int i = 0; i < 12; i++) {
                redis.command("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "normal" : "pubsub");
                redis.command("SCRIPT", "FLUSH");
                instances.work(500);
            }
            redis.freeze();
            await().pollDelay(3, TimeUnit.SECONDS).until(() -> true);
            redis.thaw();
            instances.work(500);
            assertEquals(List.of(), instances.gaps());
            redis.command("FLUSHALL");
            instances.work(500);
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(0, instances.account.unavailableCount());
            instances.awaitMembers();
        }
    }

    /**
     * Longer than any lease, with the times that the bridge has when nobody changes them. One instance finds Redis again some
     * seconds after the others, for whom it has been silent for two leases by then.
     */
    @Test
    void a_redis_that_stands_still_for_15_s_loses_nothing_and_nobody_is_declared_gone() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances =
                        new Instances(List.of(redis.uri(), redis.uri(), proxy.uri()), LONG, Timing.DEFAULT)) {
            instances.startPublishing();
            // A whole lease of steady beats: by now they would bury a dead one.
            await().pollDelay(11, TimeUnit.SECONDS).atMost(30, TimeUnit.SECONDS).until(() -> true);
            redis.freeze();
            proxy.swallow(Way.values());
            await().pollDelay(15, TimeUnit.SECONDS).atMost(30, TimeUnit.SECONDS).until(() -> true);
            redis.thaw();
            await().pollDelay(3, TimeUnit.SECONDS).until(() -> true);
            proxy.heal();
            instances.work(2000);
            await().pollDelay(12, TimeUnit.SECONDS).atMost(30, TimeUnit.SECONDS).until(() -> true);
            instances.stopPublishing();
            assertEquals(List.of(), instances.gaps());
            assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            assertTrue(instances.account.unavailableCount() > 0, "sends were refused after ten seconds");
            instances.awaitMembers();
            assertEquals(0, instances.farewells());
        }
    }

    /** Each instance goes on by itself; a message that was on its way is refused after ten seconds at most. */
    @ParameterizedTest
    @EnumSource(Persistence.class)
    void members_talk_on_among_themselves_whatever_becomes_of_redis(Persistence persistence) throws Exception {
        try (RedisServer redis = RedisServer.builder().persistence(persistence).start();
                Proxy proxy = new Proxy(redis.port());
                Instances instances = new Instances(
                        List.of(redis.uri(), redis.uri(), proxy.uri()), LONG, Instances.QUICK, WhileAway.LOCAL)) {
            instances.startPublishing();
            for (int i = 0; i < 2; i++) {
                instances.work(500);
                redis.freeze();
                instances.awaitIsolation();
                instances.work(1000);
                redis.thaw();
                instances.work(500);
                redis.kill();
                instances.work(1000);
                redis.restart();
                instances.work(500);
                proxy.swallow(Way.values());
                instances.work(2000);
                proxy.heal();
            }
            for (int i = 0; i < 20; i++) {
                redis.command("CLIENT", "KILL", "TYPE", i % 2 == 0 ? "normal" : "pubsub");
                instances.work(100);
            }
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(List.of(), instances.trailFaults());
            assertTrue(instances.saidAlone() > 1000, "so many were said alone: " + instances.saidAlone());
            assertEquals(0, instances.account.unavailableCount());
            instances.awaitMembers();
        }
    }

    @ParameterizedTest
    @EnumSource(Persistence.class)
    void a_redis_that_is_killed_again_and_again_is_a_gap_at_most(Persistence persistence) throws Exception {
        try (RedisServer redis = RedisServer.builder().persistence(persistence).start();
                Instances instances = new Instances(redis, 3, LONG)) {
            instances.startPublishing();
            for (int i = 0; i < 4; i++) {
                instances.work(1000);
                redis.kill();
                redis.restart();
            }
            instances.work(1000);
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            if (persistence == Persistence.ALWAYS) {
                assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
            }
            assertEquals(0, instances.account.unavailableCount());
            instances.awaitMembers();
            assertEquals(0, instances.farewells());
        }
    }

    /** Everything had reached the replica, or what was acknowledged since it was promoted had not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_replica_that_takes_over_is_a_gap_at_most(boolean late) throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = primary.startReplica();
                Proxy proxy = new Proxy(primary.port());
                Instances instances = new Instances(Collections.nCopies(3, proxy.uri()), LONG, Instances.QUICK)) {
            instances.startPublishing();
            instances.work(2000);
            if (late) {
                replica.promote();
                instances.work(2000);
                primary.kill();
            } else {
                primary.kill();
                replica.promote();
            }
            proxy.leadTo(replica.port());
            instances.work(2000);
            instances.stopPublishing();
            assertTrue(instances.gaps().size() >= instances.members.size());
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(0, instances.account.unavailableCount());
            instances.awaitMembers();
            assertEquals(0, instances.farewells());
        }
    }

    /** The old one goes on as if it were the only one, and what is subscribed there hears nothing more. */
    @Test
    void a_link_that_still_listens_to_the_old_redis_is_given_up() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = primary.startReplica();
                Proxy proxy = new Proxy(primary.port());
                Instances instances = new Instances(List.of(proxy.uri(), proxy.uri()), LONG, WITHOUT_CHECK)) {
            instances.startPublishing();
            instances.work(1000);
            replica.promote();
            proxy.leadTo(replica.port());
            proxy.cutWhereNotSubscribed();
            instances.work(1000);
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-random", "allkeys-lru", "volatile-ttl", "volatile-random"})
    void keys_that_redis_evicts_are_a_gap_at_most_and_members_equal_the_truth(String policy) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            redis.command("CONFIG", "SET", "maxmemory-policy", policy);
            instances.startPublishing();
            for (int i = 0; i < 6; i++) {
                instances.work(500);
                long evicted = evicted(redis);
                long used = number(redis.command("INFO", "memory"), "used_memory:");
                redis.command("CONFIG", "SET", "maxmemory", Long.toString(used - 1000));
                await().until(() -> evicted(redis) > evicted);
                redis.command("CONFIG", "SET", "maxmemory", "0");
            }
            instances.work(500);
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            instances.awaitMembers();
        }
    }

    /** Each key by itself, all rooms at once; what is evicted is put back, and nobody was away. */
    @ParameterizedTest
    @ValueSource(strings = {"u", "v", "i:*"})
    void a_roster_that_is_evicted_is_put_back_and_nobody_is_told_to_have_left(String key) throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 3, LONG)) {
            for (int i = 0; i < 2; i++) {
                redis.command("KEYS", "roomcast:*:" + key).lines().forEach(name -> redis.command("DEL", name));
                await().until(() -> redis.command("HLEN", "roomcast:{red}:u").equals("6"));
                await().until(() ->
                        redis.command("KEYS", "roomcast:{red}:i:*").lines().count() == 3);
                instances.awaitMembers();
            }
            assertEquals(0, instances.farewells());
            instances.closeOneOf("red");
            instances.awaitMembers();
        }
    }

    @Test
    void rosters_that_are_flushed_are_put_back_and_nobody_is_told_to_have_left() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 3, LONG)) {
            for (int i = 0; i < 3; i++) {
                redis.command("FLUSHALL");
                // Someone comes before anyone has put anything back.
                instances.visit("red");
                instances.awaitMembers();
            }
            assertEquals(0, instances.farewells());
        }
    }

    @Test
    void a_redis_without_space_that_evicts_nothing_makes_sends_wait() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances = new Instances(redis, 2, LONG)) {
            instances.startPublishing();
            for (int i = 0; i < 3; i++) {
                instances.work(500);
                redis.command("CONFIG", "SET", "maxmemory", "1");
                await().pollDelay(1, TimeUnit.SECONDS).until(() -> true);
                redis.command("CONFIG", "SET", "maxmemory", "0");
            }
            instances.work(500);
            instances.stopPublishing();
            assertNothingIsMissing(instances);
        }
    }

    private static void assertNothingIsMissing(Instances instances) {
        assertEquals(List.of(), instances.gaps());
        assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
        assertEquals(0, instances.account.unavailableCount());
        instances.awaitMembers();
        assertEquals(0, instances.farewells());
        System.getLogger("dev.roomcast.redis.test").log(System.Logger.Level.INFO, instances.account.summary());
    }

    private static long evicted(RedisServer redis) {
        return number(redis.command("INFO", "stats"), "evicted_keys:");
    }

    private static long number(String info, String field) {
        return info.lines()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.substring(field.length()).strip()))
                .findFirst()
                .orElseThrow();
    }
}

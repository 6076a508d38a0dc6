package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.redis.InstanceProcess.Member;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three instances in processes of their own, a quarter of an hour, faults of all kinds in an order that a seed gives, and a
 * million messages: {@code mvn -Psoak verify}. Shorter with {@code -Dsoak.minutes=2}; again with {@code -Dsoak.seed=…}. Of
 * the same seed come the same faults, though not at the same messages.
 */
@Tag("soak")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class SoakTest {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis.test");
    private static final int INSTANCES = 3;

    /** What is asked of each instance in a second; with the time that faults cost, a million in 15 minutes. */
    private static final int RATE = Integer.getInteger("soak.rate", 700);

    /** Much longer than any fault here. */
    private static final int HISTORY = 50_000;

    private final Random random;
    private final Map<String, Integer> happened = new LinkedHashMap<>();
    private int guests;

    private RedisServer redis;
    private Proxy proxy;
    private InstanceProcesses instances;

    SoakTest() {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        random = new Random(seed);
        say("-Dsoak.seed=" + seed);
    }

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    void nothing_is_missing_without_a_gap_and_nothing_doubled_whatever_happens() {
        Duration length = Duration.ofMinutes(Integer.getInteger("soak.minutes", 15));
        redis = RedisServer.builder().persistence(Persistence.EVERY_SECOND).start();
        proxy = new Proxy(redis.port());
        instances = new InstanceProcesses(proxy.uri(), HISTORY, RATE);
        for (int i = 0; i < INSTANCES; i++) {
            instances.add();
        }
        long end = System.nanoTime() + length.toNanos();
        for (int n = 0; System.nanoTime() - end < 0; n++) {
            pause(500, 3000);
            fault();
            if (n % 10 == 9) {
                instances.work(100);
                instances.awaitMembers();
                say(happened + ": " + instances.account.summary());
            }
        }
        instances.work(100);
        instances.awaitMembers();
        instances.stopPublishing();
        say(happened + ": " + instances.account.summary());
        assertEquals(List.of(), OrderChecker.check(instances.account));
    }

    @AfterEach
    void close() {
        if (redis != null) {
            instances.close();
            proxy.close();
            redis.close();
        }
    }

    private void fault() {
        switch (random.nextInt(14)) {
            case 0 -> {
                note("commanding links cut");
                redis.command("CLIENT", "KILL", "TYPE", "normal");
            }
            case 1 -> {
                note("listening links cut");
                redis.command("CLIENT", "KILL", "TYPE", "pubsub");
            }
            case 2 -> {
                note("scripts flushed");
                redis.command("SCRIPT", "FLUSH");
            }
            case 3 -> {
                note("Redis frozen");
                redis.freeze();
                pause(500, 6000);
                redis.thaw();
            }
            case 4 -> {
                note("Redis killed");
                redis.kill();
                pause(0, 2000);
                redis.restart();
            }
            case 5 -> {
                note("Redis flushed");
                redis.command("FLUSHALL");
            }
            case 6 -> {
                note("keys evicted");
                redis.command("KEYS", "roomcast:{*}:[msuvgiad]*")
                        .lines()
                        .filter(key -> !key.isEmpty() && random.nextInt(4) == 0)
                        .forEach(key -> redis.command("DEL", key));
            }
            case 7 -> {
                note("links half open");
                proxy.swallow(random.nextBoolean() ? Proxy.Way.values() : new Proxy.Way[] {Proxy.Way.FROM_REDIS});
                pause(500, 4000);
                proxy.heal();
            }
            case 8 -> {
                note("listening links half open");
                proxy.swallowWhereSubscribed(random.nextBoolean() ? Proxy.Way.FROM_REDIS : Proxy.Way.TO_REDIS);
                pause(500, 4000);
                proxy.heal();
            }
            case 9 -> {
                note("replies dropped");
                proxy.swallow(Proxy.Way.FROM_REDIS);
                pause(5, 50);
                proxy.heal();
                proxy.cut();
            }
            case 10 -> {
                note("instance killed");
                anyone(instances.living()).kill();
                instances.add();
            }
            case 11 -> {
                note("instance frozen");
                InstanceProcess frozen = anyone(instances.living());
                frozen.freeze();
                pause(500, 8000);
                frozen.thaw();
            }
            default -> {
                note("guest came or went");
                List<Member> there = instances.members().stream()
                        .filter(member -> member.user.startsWith("guest"))
                        .toList();
                if (there.size() > 5 || (!there.isEmpty() && random.nextBoolean())) {
                    Member guest = anyone(there);
                    instances.living().stream()
                            .filter(instance -> instance.members().contains(guest))
                            .forEach(instance -> instance.leave(guest));
                } else {
                    anyone(instances.living()).join("guest-" + guests++, random.nextInt(InstanceProcesses.ROOMS));
                }
            }
        }
    }

    private <T> T anyone(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void note(String fault) {
        happened.merge(fault, 1, Integer::sum);
        LOG.log(System.Logger.Level.INFO, fault);
    }

    /** Real time, in ms: what it is for happens in other processes. */
    private void pause(long least, int most) {
        long millis = least + random.nextInt((int) (most - least));
        await().pollDelay(millis, TimeUnit.MILLISECONDS)
                .atMost(millis + 10_000, TimeUnit.MILLISECONDS)
                .until(() -> true);
    }

    private static void say(String what) {
        LOG.log(System.Logger.Level.INFO, what);
    }
}

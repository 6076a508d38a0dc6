package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.redis.InstanceProcess.Member;
import dev.roomcast.testkit.RedisServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others see when the process of an instance is killed, or stands still for longer than its lease. */
@Timeout(120)
class ProcessTest {

    /** So long that it is never the reason for a gap. */
    private static final int HISTORY = 1_000_000;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @Test
    @Tag("faults")
    void the_members_of_a_killed_instance_have_left_once_and_nothing_acknowledged_is_missing_or_doubled() {
        try (RedisServer redis = RedisServer.start();
                InstanceProcesses instances = started(redis, 2)) {
            killAndReplace(instances);
            assertNothingIsMissing(instances);
        }
    }

    @Test
    @Tag("faults")
    void instances_that_are_killed_one_after_the_other_leave_nothing_behind() {
        try (RedisServer redis = RedisServer.start();
                InstanceProcesses instances = started(redis, 3)) {
            for (int i = 0; i < 3; i++) {
                killAndReplace(instances);
            }
            assertNothingIsMissing(instances);
        }
    }

    @Test
    @Tag("faults")
    void an_instance_that_stood_still_beyond_its_lease_has_left_and_joins_again() {
        try (RedisServer redis = RedisServer.start();
                InstanceProcesses instances = started(redis, 3)) {
            InstanceProcess frozen = instances.living().get(2);
            for (int i = 0; i < 2; i++) {
                instances.work(500);
                Map<Member, Integer> told = instances.told("user-2");
                frozen.freeze();
                instances.awaitTold(told, "user-2", "-");
                instances.work(500);
                frozen.thaw();
                instances.awaitTold(told, "user-2", "-+");
                instances.awaitMembers();
            }
            assertNothingIsMissing(instances);
        }
    }

    private static InstanceProcesses started(RedisServer redis, int count) {
        InstanceProcesses instances = new InstanceProcesses(redis.uri(), HISTORY, 500);
        for (int i = 0; i < count; i++) {
            instances.add();
        }
        instances.work(300);
        instances.awaitMembers();
        return instances;
    }

    private static void killAndReplace(InstanceProcesses instances) {
        instances.work(300);
        InstanceProcess victim = instances.living().get(0);
        String user = victim.members().get(0).user;
        victim.kill();
        Map<Member, Integer> told = instances.told(user);
        instances.add();
        instances.work(300);
        instances.awaitTold(told, user, "-");
        instances.awaitMembers();
        // Nothing came behind it.
        instances.awaitTold(told, user, "-");
    }

    private static void assertNothingIsMissing(InstanceProcesses instances) {
        instances.stopPublishing();
        assertEquals(List.of(), instances.account.gaps());
        assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(instances.account));
        assertEquals(0, instances.account.unavailableCount());
    }
}

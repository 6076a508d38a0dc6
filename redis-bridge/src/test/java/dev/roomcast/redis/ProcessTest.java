package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.roomcast.redis.InstanceProcess.Member;
import dev.roomcast.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others see when the process of an instance is killed, or stands still for longer than its lease. */
@Timeout(120)
class ProcessTest {

    private static final int ROOMS = Instances.ROOMS.size();
    private static final int HISTORY = 1_000_000;

    private final Account account = new Account(ROOMS);
    private final List<InstanceProcess> instances = new ArrayList<>();
    private RedisServer redis;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @AfterEach
    void stop() {
        instances.forEach(InstanceProcess::close);
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void the_members_of_a_killed_instance_have_left_once_and_nothing_acknowledged_is_missing_or_doubled() {
        start(2);
        killAndReplace();
        finish();
    }

    @Test
    @Tag("faults")
    void instances_that_are_killed_one_after_the_other_leave_nothing_behind() {
        start(3);
        for (int i = 0; i < 3; i++) {
            killAndReplace();
        }
        finish();
    }

    @Test
    @Tag("faults")
    void an_instance_that_stood_still_beyond_its_lease_has_left_and_joins_again() {
        start(3);
        InstanceProcess frozen = instances.get(2);
        for (int i = 0; i < 2; i++) {
            work(500);
            Map<Member, Integer> told = told("user-2");
            frozen.freeze();
            awaitTold(told, "user-2", "-");
            work(500);
            frozen.thaw();
            awaitTold(told, "user-2", "-+");
            awaitMembers();
        }
        finish();
    }

    private void start(int count) {
        redis = RedisServer.start();
        for (int i = 0; i < count; i++) {
            add();
        }
        work(500);
        awaitMembers();
    }

    /** One more instance, with one member in each room, that publishes. */
    private void add() {
        int number = instances.size();
        InstanceProcess instance = new InstanceProcess(redis.uri(), number, HISTORY, account);
        instances.add(instance);
        for (int room = 0; room < ROOMS; room++) {
            instance.join("user-" + number, room);
        }
        instance.startPublishing(500);
    }

    private void killAndReplace() {
        work(500);
        InstanceProcess victim = living().get(0);
        String user = victim.members().get(0).user;
        victim.kill();
        Map<Member, Integer> told = told(user);
        add();
        work(500);
        awaitTold(told, user, "-");
        awaitMembers();
        // Nothing comes behind it.
        awaitTold(told, user, "-");
    }

    private void finish() {
        living().forEach(InstanceProcess::stopPublishing);
        await().atMost(30, TimeUnit.SECONDS).until(() -> living().stream().allMatch(InstanceProcess::isIdle));
        IntStream.range(0, ROOMS).forEach(room -> living().get(0).end(room));
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> witnesses().stream().allMatch(member -> member.witness.ended()));
        living().forEach(instance -> assertFalse(instance.hasClosedAnyone()));
        System.getLogger("dev.roomcast.redis.test").log(System.Logger.Level.INFO, account.summary());
        assertEquals(List.of(), account.gaps());
        assertEquals(List.of(), OrderChecker.checkThatNothingIsMissing(account));
        assertEquals(0, account.unavailableCount());
    }

    private void work(int messages) {
        int enough = account.acknowledgedCount() + messages;
        await().atMost(40, TimeUnit.SECONDS).until(() -> account.acknowledgedCount() >= enough);
    }

    /** How much the members on other instances had been told of a user. */
    private Map<Member, Integer> told(String user) {
        return witnesses().stream()
                .filter(member -> !member.user.equals(user))
                .collect(Collectors.toMap(
                        member -> member, member -> member.toldOf(user).length()));
    }

    private static void awaitTold(Map<Member, Integer> before, String user, String what) {
        before.forEach((member, length) -> await("what " + member + " is told of " + user)
                .atMost(30, TimeUnit.SECONDS)
                .until(() -> member.toldOf(user).substring(length), what::equals));
    }

    private void awaitMembers() {
        Map<Integer, String> truth = witnesses().stream()
                .collect(Collectors.groupingBy(
                        member -> member.room,
                        Collectors.mapping(
                                member -> member.user,
                                Collectors.collectingAndThen(
                                        Collectors.toList(),
                                        users -> users.stream().sorted().collect(Collectors.joining(","))))));
        living().forEach(instance -> instance.awaitMembers(truth));
    }

    private List<Member> witnesses() {
        return living().stream().flatMap(one -> one.members().stream()).toList();
    }

    private List<InstanceProcess> living() {
        return instances.stream().filter(InstanceProcess::isAlive).toList();
    }
}

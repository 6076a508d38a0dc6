package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.redis.InstanceProcess.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Instances in processes of their own, with a member of each in each room, and their common account. */
final class InstanceProcesses implements AutoCloseable {

    static final int ROOMS = Instances.ROOMS.size();

    final Account account = new Account(ROOMS);

    private final List<InstanceProcess> instances = new ArrayList<>();
    private final String uri;
    private final int history;
    private final int perSecond;

    InstanceProcesses(String uri, int history, int perSecond) {
        this.uri = uri;
        this.history = history;
        this.perSecond = perSecond;
    }

    /** One more instance, with one member in each room, that publishes. */
    InstanceProcess add() {
        int number = instances.size();
        InstanceProcess instance = new InstanceProcess(uri, number, history, account);
        instances.add(instance);
        for (int room = 0; room < ROOMS; room++) {
            instance.join("user-" + number, room);
        }
        instance.startPublishing(perSecond);
        return instance;
    }

    List<InstanceProcess> living() {
        return instances.stream().filter(InstanceProcess::isAlive).toList();
    }

    /** Those who are still there. */
    List<Member> members() {
        return living().stream().flatMap(one -> one.members().stream()).toList();
    }

    /** Waits until so many more messages were acknowledged, however slow the machine is. */
    void work(int messages) {
        int enough = account.acknowledgedCount() + messages;
        await().atMost(40, TimeUnit.SECONDS).until(() -> account.acknowledgedCount() >= enough);
    }

    /** Waits until everyone is told, when asking, that exactly those are there who are. */
    void awaitMembers() {
        Map<Integer, String> truth = members().stream()
                .collect(Collectors.groupingBy(
                        member -> member.room,
                        Collectors.mapping(
                                member -> member.user,
                                Collectors.collectingAndThen(
                                        Collectors.toList(),
                                        users -> users.stream().sorted().collect(Collectors.joining(","))))));
        living().forEach(instance -> instance.awaitMembers(truth));
    }

    /** How much the members on other instances were told of a user so far. */
    Map<Member, Integer> told(String user) {
        return members().stream()
                .filter(member -> !member.user.equals(user))
                .collect(Collectors.toMap(
                        member -> member, member -> member.toldOf(user).length()));
    }

    /**
     * Waits until each was told exactly that since: {@code +} for each coming, {@code -} for each going. A machine so busy
     * that an instance misses a lease shows in what is said if it fails.
     */
    void awaitTold(Map<Member, Integer> before, String user, String what) {
        before.forEach((member, length) -> await("what " + member + " is told of " + user)
                .atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() -> assertEquals(
                        what,
                        member.toldOf(user).substring(length),
                        () -> "instances that beat too late: " + beatTooLate())));
    }

    private List<Integer> beatTooLate() {
        return IntStream.range(0, instances.size())
                .filter(number -> instances.get(number).takenForDead() > 0)
                .boxed()
                .toList();
    }

    /** Stops publishing, and waits until the last messages have reached everyone. */
    void stopPublishing() {
        living().forEach(InstanceProcess::stopPublishing);
        await().atMost(40, TimeUnit.SECONDS).until(() -> living().stream().allMatch(InstanceProcess::isIdle));
        IntStream.range(0, ROOMS).forEach(room -> living().get(0).end(room));
        await().atMost(40, TimeUnit.SECONDS).until(() -> members().stream().allMatch(member -> member.witness.ended()));
        if (living().stream().anyMatch(InstanceProcess::hasClosedAnyone)) {
            throw new AssertionError("a hub has closed a connection");
        }
        System.getLogger("dev.roomcast.redis.test").log(System.Logger.Level.INFO, account.summary());
    }

    @Override
    public void close() {
        instances.forEach(InstanceProcess::close);
    }
}

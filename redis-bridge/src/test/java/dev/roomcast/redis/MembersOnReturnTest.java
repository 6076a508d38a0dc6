package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.Status;
import dev.roomcast.bridge.Member;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is in a room when one of two instances was cut off from Redis and comes back within its lease. */
class MembersOnReturnTest {

    /** Nothing is found by comparing rosters now and then, and nobody is taken for dead. */
    private static final Timing TIMING = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(5));

    private RedisServer redis;
    private Proxy way;
    private Rooms near;
    private Rooms far;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        letIn();
        way = new Proxy(redis.port());
        near = hub(redis.uri());
        far = hub(way.uri().replace("//", "//app:pw@"));
    }

    @AfterEach
    void stop() {
        far.close();
        near.close();
        way.close();
        redis.close();
    }

    /** It was told of no change there, so it had nothing to compare with Redis, and its members were wrong for ever. */
    @Test
    void a_room_of_which_an_instance_never_heard_anything_is_looked_at_too() {
        FakeClient one = connect(near, "one");
        FakeClient two = connect(near, "two");
        FakeClient tab = connect(far, "one");
        cutOff();
        two.closes();
        awaitTold(one, "user_left two");
        comeBack();
        awaitTold(tab, "user_left two");
        assertMembers(Set.of("one"), one, tab);
    }

    /** The note stayed, and what was known of the room with it, until someone came and went once more. */
    @Test
    void a_room_that_was_left_during_the_cut_is_no_longer_noted_with_the_instance() {
        FakeClient one = connect(near, "one");
        FakeClient two = connect(far, "two");
        await().until(() -> notes() == 2);
        cutOff();
        two.closes();
        comeBack();
        awaitTold(one, "user_left two");
        await().until(() -> notes() == 1);
        assertMembers(Set.of("one"), one);
    }

    /** As one that still loads its data does: its members were missing until the next check, and read as gone meanwhile. */
    @Test
    void a_redis_that_answers_but_takes_nothing_yet_is_told_again() {
        FakeClient one = connect(near, "one");
        FakeClient two = connect(far, "two");
        awaitTold(one, "user_joined two");
        cutOff();
        FakeClient three = connect(far, "three");
        redis.command("ACL SETUSER app resetkeys ~roomcast:{\\*}:*".split(" "));
        comeBack();
        await().until(() -> redis.command("ACL", "LOG").contains("roomcast:{lobby}"));
        redis.command("ACL SETUSER app ~*".split(" "));
        awaitTold(one, "user_joined three");
        assertMembers(Set.of("one", "two", "three"), one, two, three);
        assertEquals(List.of("user_joined one", "user_joined two", "user_joined three"), told(one));
    }

    /** Of who came after the copy was made, only the own instance knows, and it may be the last one to be back. */
    @Test
    void nobody_has_left_when_redis_is_back_with_an_older_copy_before_their_instance_is() throws Exception {
        FakeClient one = connect(near, "one");
        redis.command("SAVE");
        FakeClient two = connect(far, "two");
        assertMembers(Set.of("one", "two"), one, two);
        way.leadTo(1);
        redis.restart();
        letIn();
        await().until(() -> one.frames("status").size() == 2 && near.status() == Status.CONNECTED);
        CompletionStage<List<Member>> asked = near.room("lobby").members();
        comeBack();
        assertEquals(
                List.of("one", "two"),
                asked.toCompletableFuture().get(20, TimeUnit.SECONDS).stream()
                        .map(Member::userId)
                        .toList());
        assertMembers(Set.of("one", "two"), one, two);
        assertEquals(List.of("user_joined one", "user_joined two"), told(one));
    }

    /** How many instances are noted with a room. */
    private long notes() {
        return redis.command("KEYS", "*:{*}:r:*").lines().count();
    }

    /** The far instance has a user of its own, of whom Redis knows nothing after a restart. */
    private void letIn() {
        redis.command("ACL SETUSER app on >pw ~* &* +@all".split(" "));
    }

    private void cutOff() {
        way.leadTo(1);
        way.cut();
        await().until(() -> far.status() == Status.ISOLATED);
    }

    private void comeBack() {
        way.leadTo(redis.port());
        await().until(() -> far.status() == Status.CONNECTED);
    }

    private static Rooms hub(String uri) {
        return Rooms.builder()
                .bridge(RedisBridge.builder(uri).timing(TIMING).build())
                .build();
    }

    private static FakeClient connect(Rooms hub, String user) {
        FakeClient client = FakeClient.connect(hub, user, "lobby");
        client.last("joined");
        return client;
    }

    private static void assertMembers(Set<String> users, FakeClient... clients) {
        for (FakeClient client : clients) {
            await().untilAsserted(() -> {
                int before = client.frames("members").size();
                client.sends("{\"type\":\"members\",\"room\":\"lobby\"}");
                client.await("members", now -> now.frames("members").size() > before);
                assertEquals(new TreeSet<>(users), members(client.last("members")));
            });
        }
    }

    private static Set<String> members(Received frame) {
        return ((List<?>) frame.get("members"))
                .stream()
                        .map(member -> String.valueOf(((Map<?, ?>) member).get("userId")))
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void awaitTold(FakeClient client, String what) {
        await().until(() -> told(client).contains(what));
    }

    private static List<String> told(FakeClient client) {
        return client.frames().stream()
                .filter(frame -> frame.type().startsWith("user_"))
                .map(frame -> frame.type() + " " + frame.text("userId"))
                .toList();
    }
}

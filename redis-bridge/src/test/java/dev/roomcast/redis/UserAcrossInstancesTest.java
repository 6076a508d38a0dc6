package dev.roomcast.redis;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user whose connections are on several instances, on a real Redis. */
class UserAcrossInstancesTest {

    private static final Timing SHORT = timing(Duration.ofSeconds(5));
    private static final Timing SHORT_LEASE = timing(Duration.ofSeconds(1));

    private static RedisServer redis;
    private static int tests;

    private final String prefix = "t" + tests++;
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private final List<Rooms> hubs = new ArrayList<>();
    private ChannelSpy spy;

    private static Timing timing(Duration lease) {
        return new Timing(
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMillis(300),
                Duration.ofMillis(200),
                lease,
                Duration.ofMillis(500));
    }

    @BeforeAll
    static void startRedis() {
        RedisServer.assumeAvailable();
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void spy() {
        spy = new ChannelSpy(redis.uri(), prefix);
    }

    @AfterEach
    void stop() {
        hubs.forEach(Rooms::close);
        spy.close();
    }

    @Test
    void an_event_reaches_each_connection_once_and_only_the_instances_of_its_user_hear_of_it() throws Exception {
        start(3, builder -> builder);
        FakeClient here = connect(0, "one");
        FakeClient there = connect(1, "one");
        FakeClient alsoThere = connect(1, "one");
        FakeClient uninvolved = connect(2, "two");
        assertEquals(2, get(hubs.get(0).user("one").send("invoice", Map.of("id", 7))));
        assertEquals(2, get(hubs.get(2).user("one").send("invoice", Map.of("id", 8))));
        for (FakeClient client : List.of(here, there, alsoThere)) {
            client.await("both", now -> now.frames("invoice").size() == 2);
        }
        assertEquals("{\"id\":7}", json(there, 0));
        assertEquals("{\"id\":8}", json(there, 1));
        // One to the other instance for the first, two for the second, which was sent by an instance without the user.
        spy.settle();
        assertEquals(3, spy.count(":i:"));
        assertEquals(List.of(1L, 2L), spy.countsByChannel(":i:"));
        assertEquals(0, spy.count(":all"));
        assertTrue(uninvolved.frames("invoice").isEmpty());
        assertEquals(0, get(hubs.get(0).user("nobody").send("invoice", 1)));
        spy.settle();
        assertEquals(3, spy.count(":i:"));
    }

    @Test
    void a_disconnect_and_a_recheck_are_followed_where_the_connections_are() throws Exception {
        start(3, builder -> builder);
        FakeClient one = connect(1, "one");
        FakeClient bad = connect(1, "bad");
        FakeClient alsoBad = connect(2, "bad");
        forbidden.add("one");
        hubs.get(0).recheck("one").toCompletableFuture().get(10, TimeUnit.SECONDS);
        one.last("left");
        assertThat(one).isOpen();
        assertEquals(2, get(hubs.get(0).user("bad").disconnect(CloseCode.FORBIDDEN, "banned")));
        for (FakeClient client : List.of(bad, alsoBad)) {
            client.await("close", now -> now.closeCode().isPresent());
            assertThat(client).wasClosed(CloseCode.FORBIDDEN);
            assertEquals("banned", client.closeReason());
        }
        spy.settle();
        assertEquals(3, spy.count(":i:"));
        await().until(() -> index("bad").isEmpty());
    }

    @Test
    void everyone_is_told_by_one_broadcast_once() throws Exception {
        start(3, builder -> builder);
        FakeClient one = connect(0, "one");
        FakeClient two = connect(1, "two");
        assertEquals(2, get(hubs.get(0).broadcast("news", "x")));
        assertEquals(2, get(hubs.get(2).broadcast("news", "y")));
        for (FakeClient client : List.of(one, two)) {
            client.await("both", now -> now.frames("news").size() == 2);
        }
        spy.settle();
        assertEquals(2, spy.count(":all"));
        assertEquals(2, one.frames("news").size());
        assertEquals(2, two.frames("news").size());
    }

    @Test
    void a_hub_without_connections_publishes_reads_and_receives_nothing() throws Exception {
        start(3, builder -> builder);
        FakeClient one = connect(0, "one");
        FakeClient two = connect(1, "two");
        Rooms worker = hubs.get(2);
        assertTrue(worker.room("lobby").broadcast("news", "hello"));
        worker.room("lobby")
                .publish(Message.of("news", "again"))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        for (FakeClient client : List.of(one, two)) {
            client.await("both", now -> now.frames("news").size() == 2);
        }
        assertEquals(1, get(worker.user("two").send("invoice", 7)));
        assertEquals(2, get(worker.broadcast("all", 7)));
        two.last("invoice");
        one.last("all");
        List<Member> members =
                worker.room("lobby").members().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(Set.of("one", "two"), members.stream().map(Member::userId).collect(Collectors.toSet()));
        assertEquals(
                2,
                worker.room("lobby")
                        .history(null, 10)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .messages()
                        .size());
        // The two hubs with connections, and the spy.
        assertEquals(
                3, redis.command("CLIENT LIST TYPE pubsub".split(" ")).lines().count());
    }

    @Test
    void the_newest_connection_is_refused_when_a_user_has_too_many_on_all_instances_together() throws Exception {
        start(3, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 2));
        FakeClient first = connect(0, "one");
        FakeClient second = connect(1, "one");
        FakeClient third = FakeClient.connect(hubs.get(2), "one", "lobby");
        third.await("close", now -> now.closeCode().isPresent());
        assertThat(third).wasClosed(CloseCode.CONNECTION_LIMIT);
        assertTrue(third.frames().isEmpty(), () -> third.frames().toString());
        assertEquals(1, hubs.get(2).stats().hits(Limit.CONNECTIONS_PER_USER));
        assertEquals(2, get(hubs.get(2).user("one").send("x", 1)));
        first.closes();
        await().until(() -> index("one").size() == 1);
        connect(2, "one");
        assertThat(second).isOpen();
        FakeClient fourth = FakeClient.connect(hubs.get(1), "one", "lobby");
        fourth.await("close", now -> now.closeCode().isPresent());
    }

    @Test
    void or_the_oldest_makes_way_wherever_it_is() throws Exception {
        ManualTime time = new ManualTime();
        start(
                3,
                builder ->
                        builder.time(time).limit(Limit.CONNECTIONS_PER_USER, 2).evictOldestConnection());
        FakeClient first = connect(0, "one");
        time.advance(Duration.ofMillis(1));
        FakeClient second = connect(1, "one");
        time.advance(Duration.ofMillis(1));
        FakeClient third = connect(2, "one");
        first.await("close", now -> now.closeCode().isPresent());
        assertThat(first).wasClosed(CloseCode.CONNECTION_LIMIT);
        FakeClient fourth = connect(2, "one");
        second.await("close", now -> now.closeCode().isPresent());
        assertThat(third).isOpen();
        assertThat(fourth).isOpen();
        assertEquals(2, index("one").size());
        assertEquals(1, hubs.get(0).stats().hits(Limit.CONNECTIONS_PER_USER));
    }

    @Test
    void who_comes_at_the_same_time_on_all_instances_is_counted() throws Exception {
        start(3, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 5));
        List<FakeClient> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(FakeClient.connect(hubs.get(i % 3), "one"));
        }
        clients.forEach(client -> client.await(
                "an answer",
                now -> now.closeCode().isPresent() || !now.frames("welcome").isEmpty()));
        assertEquals(
                5,
                clients.stream().filter(client -> client.closeCode().isEmpty()).count());
        assertEquals(5, index("one").size());
        get(hubs.get(0).user("one").send("x", 1));
        clients.stream().filter(client -> client.closeCode().isEmpty()).forEach(client -> client.last("x"));
    }

    /** One that has made way on its own instance may still be in the index, and then another makes way as well. */
    @Test
    void no_more_than_may_be_remain_when_too_many_come_at_the_same_time_and_the_oldest_make_way() {
        start(3, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 5).evictOldestConnection());
        List<FakeClient> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(FakeClient.connect(hubs.get(i % 3), "one"));
        }
        await().untilAsserted(() -> {
            List<FakeClient> open = clients.stream()
                    .filter(client -> client.closeCode().isEmpty())
                    .toList();
            assertTrue(
                    open.stream().noneMatch(client -> client.frames("welcome").isEmpty()));
            assertTrue(!open.isEmpty() && open.size() <= 5, open.size() + " are open");
            assertEquals(open.size(), index("one").size());
        });
    }

    @Test
    void the_index_equals_the_truth_when_connections_to_redis_were_cut_while_users_came_and_went() throws Exception {
        start(2, builder -> builder);
        Random random = new Random(7);
        List<FakeClient> guests = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            if (i % 6 == 0) {
                redis.command("CLIENT", "KILL", "TYPE", random.nextBoolean() ? "normal" : "pubsub");
            }
            if (guests.isEmpty() || random.nextInt(3) > 0) {
                String name = "guest-" + random.nextInt(10);
                guests.add(FakeClient.connect(hubs.get(i % 2), name));
                names.add(name);
            } else {
                int gone = random.nextInt(guests.size());
                guests.remove(gone).closes();
                names.remove(gone);
            }
        }
        guests.forEach(guest -> guest.last("welcome"));
        for (int i = 0; i < 10; i++) {
            String name = "guest-" + i;
            long truth = names.stream().filter(name::equals).count();
            await().untilAsserted(() -> assertEquals(truth, index(name).size(), name));
        }
        for (Rooms hub : hubs) {
            for (int i = 0; i < 10; i++) {
                hub.user("guest-" + i).send("x", 1);
            }
        }
        guests.forEach(guest -> guest.await("both", now -> now.frames("x").size() == 2));
    }

    @Test
    void an_instance_that_ends_in_order_leaves_nothing_behind() {
        start(1, builder -> builder);
        for (int i = 0; i < 300; i++) {
            FakeClient.connect(hubs.get(0), "user-" + i % 200).last("welcome");
        }
        assertEquals(200, redis.command("KEYS", prefix + ":{*user-*}:w").lines().count());
        hubs.remove(0).close();
        assertEquals("", redis.command("KEYS", prefix + ":{*user-*}:w"));
        assertEquals("", redis.command("KEYS", prefix + ":{*}:u:*"));
        assertEquals("", redis.command("ZRANGE", prefix + ":{*}:l", "0", "-1"));
    }

    @Test
    void what_a_user_sends_on_one_instance_counts_on_the_others() throws Exception {
        // Time stands still for the hubs: no tokens come.
        start(2, builder -> builder.time(new ManualTime()).userRate(new Rate(1, 40)));
        FakeClient here = connect(0, "one");
        FakeClient there = connect(1, "one");
        for (int i = 0; i < 30; i++) {
            here.says(i);
        }
        there.await("all", now -> now.frames("chat").size() == 30);
        spy.settle();
        assertEquals(6, spy.count(":i:"));
        int sent = 0;
        while (there.frames("error").isEmpty() && sent < 40) {
            there.says("x");
            sent++;
        }
        assertEquals("rate_limited", there.last("error").text("code"));
        assertEquals(11, sent);
    }

    @Test
    void a_dead_instance_leaves_the_index_and_keeps_nobody_out() throws Exception {
        startWith(SHORT_LEASE, 1, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 1));
        RedisBridge dying = RedisBridge.builder(redis.uri())
                .prefix(prefix)
                .timing(SHORT_LEASE)
                .build();
        dying.start(new Bridge.Context(new RecordingDelivery(), new ManualTime(), name -> HistoryLimits.DEFAULT));
        for (String user : List.of("one", "two", "three")) {
            assertTrue(dying.directory()
                    .enter(user, "c-" + user, 64, false)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS));
        }
        FakeClient refused = FakeClient.connect(hubs.get(0), "one");
        refused.await("close", now -> now.closeCode().isPresent());
        // Without having left, as by kill -9.
        dying.close();
        await().until(() ->
                redis.command("PUBSUB", "CHANNELS", prefix + ":i:*").lines().count() <= 1);
        connect(0, "one");
        assertEquals(0, get(hubs.get(0).user("two").send("x", 1)));
        await().until(() -> index("two").isEmpty() && index("three").isEmpty());
        await().until(() -> redis.command("KEYS", prefix + ":{*}:u:*").lines().count() == 1);
        assertEquals(1, get(hubs.get(0).user("one").send("x", 1)));
    }

    @Test
    void while_redis_is_away_connections_here_are_served_and_counted_and_the_index_is_put_back() throws Exception {
        start(2, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 2));
        FakeClient here = connect(0, "one");
        FakeClient there = connect(1, "one");
        redis.kill();
        await().until(() -> fails(hubs.get(0).user("one").send("x", 1)));
        assertUnavailable(hubs.get(0).user("one").send("bill", 1));
        assertUnavailable(hubs.get(0).broadcast("all", 1));
        here.last("bill");
        here.last("all");
        assertTrue(there.frames("bill").isEmpty());
        FakeClient second = FakeClient.connect(hubs.get(0), "one");
        second.last("welcome");
        FakeClient third = FakeClient.connect(hubs.get(0), "one");
        third.await("close", now -> now.closeCode().isPresent());
        here.closes();
        redis.restartEmpty();
        await().until(() -> index("one").size() == 2);
        assertEquals(2, get(hubs.get(1).user("one").send("again", 1)));
        second.last("again");
    }

    private static boolean fails(CompletionStage<?> stage) throws Exception {
        try {
            stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException failed) {
            return true;
        }
    }

    /** No connection is cut by that, so only the beat finds it. */
    @Test
    void an_index_that_redis_forgot_is_put_back() throws Exception {
        start(2, builder -> builder);
        FakeClient there = connect(1, "one");
        redis.command("FLUSHALL");
        await().until(() -> index("one").size() == 1);
        assertEquals(1, get(hubs.get(0).user("one").send("x", 1)));
        there.last("x");
    }

    /** Within the rights that the README asks for. */
    @Test
    void a_disconnect_waits_for_an_instance_that_is_cut_off_and_an_event_does_not() throws Exception {
        start(1, builder -> builder);
        String rights = "+@read +@write +@scripting +@pubsub +@connection +info +time";
        redis.command(
                ("ACL SETUSER app on >pw resetkeys resetchannels ~" + prefix + ":* &" + prefix + ":* -@all " + rights)
                        .split(" "));
        hubs.add(hub(SHORT, "redis://app:pw@127.0.0.1:" + redis.port(), builder -> builder));
        FakeClient cut = connect(1, "one");
        redis.command("ACL SETUSER app off".split(" "));
        redis.command("CLIENT KILL USER app".split(" "));
        assertEquals(0, get(hubs.get(0).user("one").send("x", 1)));
        CompletableFuture<Integer> disconnected =
                hubs.get(0).user("one").disconnect(CloseCode.FORBIDDEN, "out").toCompletableFuture();
        assertFalse(disconnected.isDone());
        redis.command("ACL SETUSER app on".split(" "));
        assertEquals(1, disconnected.get(20, TimeUnit.SECONDS));
        cut.await("close", now -> now.closeCode().isPresent());
        assertThat(cut).wasClosed(CloseCode.FORBIDDEN);
        assertTrue(cut.frames("x").isEmpty());
    }

    /** The first to be back took the other one's connections for gone, and told that all had been disconnected. */
    @Test
    void a_disconnect_waits_for_an_instance_that_was_cut_off_with_the_others_and_is_not_yet_back() throws Exception {
        start(1, builder -> builder);
        redis.command("ACL SETUSER late on >pw ~* &* +@all".split(" "));
        hubs.add(hub(SHORT, "redis://late:pw@127.0.0.1:" + redis.port(), builder -> builder));
        connect(0, "one");
        FakeClient cut = connect(1, "one");
        connect(0, "two");
        redis.command("ACL SETUSER late off".split(" "));
        redis.command("CLIENT KILL TYPE normal".split(" "));
        redis.command("CLIENT KILL TYPE pubsub".split(" "));
        await().ignoreExceptions().until(() -> get(hubs.get(0).user("two").send("x", 1)) == 1);
        // Let in when its own instance is listed again.
        connect(0, "three");
        CompletableFuture<Integer> disconnected =
                hubs.get(0).user("one").disconnect(CloseCode.FORBIDDEN, "out").toCompletableFuture();
        assertEquals(1, get(hubs.get(0).user("two").send("x", 1)));
        assertFalse(disconnected.isDone());
        redis.command("ACL SETUSER late on".split(" "));
        assertEquals(2, disconnected.get(20, TimeUnit.SECONDS));
        cut.await("close", now -> now.closeCode().isPresent());
        assertThat(cut).wasClosed(CloseCode.FORBIDDEN);
    }

    @Test
    void an_instance_that_is_cut_off_keeps_nobody_out_and_puts_itself_back() throws Exception {
        start(1, builder -> builder.limit(Limit.CONNECTIONS_PER_USER, 1));
        redis.command("ACL SETUSER other on >pw ~* &* +@all".split(" "));
        hubs.add(hub(SHORT, "redis://other:pw@127.0.0.1:" + redis.port(), builder -> builder));
        FakeClient cut = connect(1, "one");
        redis.command("ACL SETUSER other off".split(" "));
        redis.command("CLIENT KILL USER other".split(" "));
        FakeClient here = connect(0, "one");
        redis.command("ACL SETUSER other on".split(" "));
        await().until(() -> index("one").size() == 2);
        await().until(() -> get(hubs.get(0).user("one").send("x", 1)) == 2);
        cut.last("x");
        here.last("x");
    }

    @Test
    void an_instance_that_was_taken_for_dead_is_reached_under_its_new_name() throws Exception {
        start(2, builder -> builder);
        FakeClient there = connect(1, "one");
        String before = instanceOf("one");
        redis.command("SET", prefix + ":{*}:f:" + before, "1");
        await().until(() -> index("one").size() == 1 && !index("one").get(0).startsWith(before + " "));
        assertEquals(1, get(hubs.get(0).user("one").send("x", 1)));
        there.last("x");
        there.closes();
        await().until(() -> redis.command("KEYS", prefix + ":{*one}:w").isEmpty());
    }

    @Test
    void garbage_in_an_inbox_is_counted_and_nobodys_end() throws Exception {
        RedisBridge bridge =
                RedisBridge.builder(redis.uri()).prefix(prefix).timing(SHORT).build();
        start(1, builder -> builder);
        hubs.add(Rooms.builder().bridge(bridge).build());
        FakeClient there = connect(1, "one");
        String name = instanceOf("one");
        for (String garbage : List.of("", "x", "\u0001\u0004garbage", "\u0002\u0004from the future")) {
            redis.command("PUBLISH", prefix + ":i:" + name, garbage);
            redis.command("PUBLISH", prefix + ":all", garbage);
        }
        assertEquals(1, get(hubs.get(0).user("one").send("x", 1)));
        there.last("x");
        assertThat(there).isOpen();
        await().until(() -> bridge.unusableEnvelopes() == 8);
    }

    private void start(int count, UnaryOperator<RoomsBuilder> settings) {
        startWith(SHORT, count, settings);
    }

    private void startWith(Timing timing, int count, UnaryOperator<RoomsBuilder> settings) {
        for (int i = 0; i < count; i++) {
            hubs.add(hub(timing, redis.uri(), settings));
        }
    }

    private Rooms hub(Timing timing, String uri, UnaryOperator<RoomsBuilder> settings) {
        return settings.apply(Rooms.builder())
                .bridge(RedisBridge.builder(uri).prefix(prefix).timing(timing).build())
                .access(new Access() {
                    @Override
                    public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                        return CompletableFuture.completedFuture(!forbidden.contains(who.userId()));
                    }
                })
                .build();
    }

    private FakeClient connect(int instance, String user) {
        FakeClient client = FakeClient.connect(hubs.get(instance), user, "lobby");
        client.last("joined");
        return client;
    }

    private List<String> index(String user) {
        return redis.command("ZRANGE", prefix + ":{*" + user + "}:w", "0", "-1")
                .lines()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private String instanceOf(String user) {
        String member = index(user).get(0);
        return member.substring(0, member.indexOf(' '));
    }

    private static String json(FakeClient client, int n) {
        String whole = client.frames("invoice").get(n).json();
        return whole.substring(whole.indexOf("\"content\":") + 10, whole.indexOf(",\"timestamp\""));
    }

    private static void assertUnavailable(CompletionStage<?> stage) {
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> stage.toCompletableFuture().get(10, TimeUnit.SECONDS));
        BridgeException why = assertInstanceOf(BridgeException.class, failure.getCause());
        assertEquals(BridgeException.Reason.UNAVAILABLE, why.reason());
    }

    private static int get(CompletionStage<Integer> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}

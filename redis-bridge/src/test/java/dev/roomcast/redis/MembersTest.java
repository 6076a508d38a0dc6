package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is in a room, when the room is on several instances and things go wrong. */
class MembersTest {

    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Timing SHORT = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofMillis(200),
            LEASE,
            Duration.ofMillis(500));

    private RedisServer redis;
    private final List<Rooms> hubs = new ArrayList<>();
    private final List<RedisBridge> bridges = new ArrayList<>();

    /** How far the clock of all instances is ahead: leases run out without anyone waiting for it. */
    private final AtomicLong ahead = new AtomicLong();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        for (int i = 0; i < 2; i++) {
            RedisBridge bridge = RedisBridge.builder(redis.uri())
                    .timing(SHORT)
                    .clock(() -> Long.toString(millis()))
                    .build();
            bridges.add(bridge);
            hubs.add(Rooms.builder().bridge(bridge).build());
        }
    }

    @AfterEach
    void stop() {
        hubs.forEach(Rooms::close);
        redis.close();
    }

    @Test
    @Tag("faults")
    void who_comes_back_from_an_instance_that_is_drained_was_never_away_and_who_does_not_leaves_in_the_end() {
        hubs.add(Rooms.builder()
                .bridge(RedisBridge.builder(redis.uri()).timing(SHORT).build())
                .limit(Limit.GRACE, 3_000)
                .build());
        FakeClient watcher = connect(1, "watcher");
        List<String> names = List.of("one", "two", "three", "four", "five");
        List<FakeClient> clients = names.stream().map(name -> connect(2, name)).collect(Collectors.toList());
        clients.add(connect(2, "goes for good"));
        awaitTold(watcher, "user_joined goes for good");
        watcher.forget();
        CompletableFuture<Void> drain = CompletableFuture.runAsync(
                () -> hubs.get(2).close(Duration.ofMillis(500)), task -> new Thread(task).start());
        List<FakeClient> back = new ArrayList<>();
        for (String name : names) {
            FakeClient client = clients.get(names.indexOf(name));
            client.await("a close", gone -> gone.closeCode().isPresent());
            back.add(connect(1, name));
        }
        drain.join();
        awaitTold(watcher, "user_left goes for good");
        assertEquals(List.of("user_left goes for good"), told(watcher));
        Set<String> all = new TreeSet<>(names);
        all.add("watcher");
        assertMembers(all, watcher, back.get(0));
    }

    @Test
    void a_user_on_two_instances_joins_with_the_first_connection_and_leaves_with_the_last() {
        FakeClient watcher = connect(0, "watcher");
        FakeClient here = connect(0, "one");
        FakeClient there = connect(1, "one");
        assertMembers(Set.of("watcher", "one"), watcher, there);
        here.closes();
        connect(1, "two");
        assertMembers(Set.of("watcher", "one", "two"), watcher, there);
        there.closes();
        awaitTold(watcher, "user_left one");
        assertEquals(
                List.of("user_joined watcher", "user_joined one", "user_joined two", "user_left one"), told(watcher));
    }

    @Test
    void an_instance_is_noted_with_the_rooms_it_is_in_and_no_others() {
        FakeClient here = connect(0, "one");
        FakeClient guest = FakeClient.connect(hubs.get(0), "one", "elsewhere");
        guest.last("joined");
        await().until(() -> notedRooms().equals(Set.of("lobby", "elsewhere")));
        guest.closes();
        await().until(() -> notedRooms().equals(Set.of("lobby")));
        here.closes();
        await().until(() -> redis.command("KEYS", "*:{*}:r:*").isEmpty());
    }

    @Test
    void a_lost_user_who_is_back_on_another_instance_was_never_away() {
        FakeClient watcher = connect(0, "watcher");
        FakeClient here = connect(0, "one");
        here.vanishes();
        FakeClient there = connect(1, "one");
        there.closes();
        awaitTold(watcher, "user_left one");
        assertEquals(List.of("user_joined watcher", "user_joined one", "user_left one"), told(watcher));
    }

    @Test
    void the_members_of_a_dead_instance_have_left_when_its_lease_is_over_and_once() throws Exception {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        RedisBridge dying = RedisBridge.builder(redis.uri()).timing(SHORT).build();
        dying.start(new Bridge.Context(new RecordingDelivery(), new ManualTime(), name -> HistoryLimits.DEFAULT));
        for (String user : List.of("a", "b", "first")) {
            dying.roster()
                    .join("lobby", user, "c-" + user, null)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        }
        assertMembers(Set.of("first", "second", "a", "b"), first, second);
        // Closed without having left, as by kill -9.
        dying.close();
        assertMembers(Set.of("first", "second"), first, second);
        for (FakeClient client : List.of(first, second)) {
            assertEquals(1, told(client).stream().filter("user_left a"::equals).count());
            assertEquals(1, told(client).stream().filter("user_left b"::equals).count());
            assertEquals(
                    0, told(client).stream().filter("user_left first"::equals).count());
        }
        await().until(() -> redis.command("KEYS", "*:i:*").lines().count() == 2);
        await().until(() -> redis.command("ZCARD", "roomcast:{*}:l").equals("2"));
    }

    /** All leases have run out when Redis goes on; who beats first must not bury the others. */
    @Test
    @Tag("faults")
    void nobody_has_left_when_redis_stood_still_for_longer_than_a_lease() throws Exception {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        assertMembers(Set.of("first", "second"), first, second);
        awaitRounds(1);
        redis.freeze();
        awaitNoSession();
        ahead.addAndGet(3 * LEASE.toMillis());
        redis.thaw();
        FakeClient third = connect(1, "third");
        assertMembers(Set.of("first", "second", "third"), first, second, third);
        awaitRounds(2);
        assertMembers(Set.of("first", "second", "third"), first, second, third);
        for (FakeClient client : List.of(first, second)) {
            assertTrue(told(client).stream().noneMatch(what -> what.startsWith("user_left")), told(client)::toString);
        }
    }

    /** No connection is cut by that, so only the check finds it. */
    @Test
    void a_flushed_redis_is_told_again_by_the_check() {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        assertMembers(Set.of("first", "second"), first, second);
        redis.command("FLUSHALL");
        await().until(() -> redis.command("HLEN", "roomcast:{lobby}:u").equals("2"));
        FakeClient third = connect(0, "third");
        assertMembers(Set.of("first", "second", "third"), first, second, third);
    }

    @Test
    void an_instance_that_was_cut_off_beyond_its_lease_has_left_and_joins_again() {
        redis.command("ACL SETUSER app on >pw ~* &* +@all".split(" "));
        hubs.add(Rooms.builder()
                .bridge(RedisBridge.builder("redis://app:pw@127.0.0.1:" + redis.port())
                        .timing(SHORT)
                        .build())
                .build());
        FakeClient watcher = connect(0, "watcher");
        FakeClient cut = connect(2, "cut");
        assertMembers(Set.of("watcher", "cut"), watcher, cut);
        redis.command("ACL SETUSER app off".split(" "));
        redis.command("CLIENT KILL USER app".split(" "));
        awaitTold(watcher, "user_left cut");
        redis.command("ACL SETUSER app on".split(" "));
        await().until(() ->
                told(watcher).stream().filter("user_joined cut"::equals).count() == 2);
        assertMembers(Set.of("watcher", "cut"), watcher, cut);
    }

    /** The instance of the connection puts its list back after each cut, with the metadata it knows. */
    @Test
    void metadata_set_on_another_instance_survives_a_cut() throws Exception {
        FakeClient watcher = connect(1, "watcher");
        FakeClient one = FakeClient.connect(hubs.get(0), "one");
        one.sends("{\"type\":\"join\",\"room\":\"lobby\",\"meta\":{\"v\":1}}");
        one.last("joined");
        hubs.get(1)
                .room("lobby")
                .update("one", Map.of("v", 2))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        redis.command("CLIENT", "KILL", "TYPE", "normal");
        connect(0, "two");
        assertMembers(Set.of("one", "two", "watcher"), watcher);
        assertTrue(hubs.get(0).room("lobby").members().toCompletableFuture().get(10, TimeUnit.SECONDS).stream()
                .anyMatch(member -> member.userId().equals("one")
                        && String.valueOf(
                                        member.meta() == null
                                                ? null
                                                : member.meta().json())
                                .equals("{\"v\":2}")));
    }

    /** Another instance may need longer to find Redis again than those who look for the dead. */
    @Test
    @Tag("faults")
    void after_a_stall_of_redis_each_instance_has_a_whole_lease_to_come_back() throws Exception {
        connect(0, "first");
        awaitRounds(1);
        redis.command("ZADD", "roomcast:{*}:l", Long.toString(millis() + LEASE.toMillis()), "late");
        redis.freeze();
        awaitNoSession();
        ahead.addAndGet(2 * LEASE.toMillis());
        redis.thaw();
        long thawed = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> redis.command("ZSCORE", "roomcast:{*}:l", "late").isEmpty());
        long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - thawed);
        assertTrue(waited >= 0.8 * LEASE.toMillis(), "only " + waited + " ms");
    }

    @Test
    void a_redis_that_forgot_everything_is_told_again_and_nobody_notices() throws Exception {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        assertMembers(Set.of("first", "second"), first, second);
        redis.restartEmpty();
        FakeClient third = connect(1, "third");
        assertMembers(Set.of("first", "second", "third"), first, second, third);
        awaitRounds(2);
        assertMembers(Set.of("first", "second", "third"), first, second, third);
        for (FakeClient client : List.of(first, second)) {
            assertTrue(told(client).stream().noneMatch(what -> what.startsWith("user_left")), told(client)::toString);
        }
        third.closes();
        awaitTold(first, "user_left third");
        awaitTold(second, "user_left third");
    }

    @Test
    void an_instance_that_was_taken_for_dead_joins_again_under_another_name() {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        assertMembers(Set.of("first", "second"), first, second);
        Set<String> before =
                redis.command("ZRANGE", "roomcast:{*}:l", "0", "-1").lines().collect(Collectors.toSet());
        String fenced = before.iterator().next();
        redis.command("SET", "roomcast:{*}:f:" + fenced, "1");
        await().until(() -> {
            String now = redis.command("ZRANGE", "roomcast:{*}:l", "0", "-1");
            return !now.contains(fenced) && now.lines().count() == 2;
        });
        await().until(() -> redis.command("KEYS", "*:i:" + fenced).isEmpty());
        FakeClient third = connect(0, "third");
        assertMembers(Set.of("first", "second", "third"), first, second, third);
    }

    @Test
    void members_equal_the_truth_when_connections_to_redis_were_cut_while_users_came_and_went() throws Exception {
        FakeClient first = connect(0, "first");
        FakeClient second = connect(1, "second");
        Random random = new Random(7);
        List<FakeClient> guests = new ArrayList<>();
        Set<String> truth = new TreeSet<>(Set.of("first", "second"));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            if (i % 6 == 0) {
                redis.command("CLIENT", "KILL", "TYPE", random.nextBoolean() ? "normal" : "pubsub");
            }
            if (guests.isEmpty() || random.nextInt(3) > 0) {
                String name = "guest-" + i;
                guests.add(FakeClient.connect(hubs.get(i % 2), name, "lobby"));
                names.add(name);
            } else {
                int gone = random.nextInt(guests.size());
                guests.get(gone).last("joined");
                guests.remove(gone).closes();
                names.remove(gone);
            }
        }
        truth.addAll(names);
        guests.forEach(guest -> guest.last("joined"));
        assertMembers(truth, first, second);
    }

    @Test
    void a_tab_takes_its_metadata_along_wherever_it_was_also_after_redis_has_forgotten_all() {
        FakeClient watcher = connect(0, "watcher");
        FakeClient first = connect(0, "ann");
        first.sends("{\"type\":\"join\",\"room\":\"lobby\",\"meta\":{\"tab\":1}}");
        awaitMeta(watcher, "{tab=1}");
        FakeClient second = connect(1, "ann");
        second.sends("{\"type\":\"join\",\"room\":\"lobby\",\"meta\":{\"tab\":2}}");
        awaitMeta(watcher, "{tab=2}");
        FakeClient third = connect(0, "ann");
        third.sends("{\"type\":\"join\",\"room\":\"lobby\",\"meta\":{\"tab\":3}}");
        awaitMeta(watcher, "{tab=3}");

        redis.command("FLUSHALL");
        awaitRounds(3);
        await().until(() ->
                redis.command("HGET", "roomcast:{lobby}:v", "n").strip().equals("2"));
        third.closes();
        first.closes();
        awaitMeta(watcher, "{tab=2}");
        connect(1, "ann");
        second.closes();
        awaitMeta(watcher, "null");
    }

    private static void awaitMeta(FakeClient watcher, String meta) {
        await().untilAsserted(() -> {
            int before = watcher.frames("members").size();
            watcher.sends("{\"type\":\"members\",\"room\":\"lobby\"}");
            watcher.await("members", now -> now.frames("members").size() > before);
            assertTrue(String.valueOf(watcher.last("members").get("members"))
                    .contains(meta.equals("null") ? "{userId=ann}" : "{userId=ann, meta=" + meta + "}"));
        });
    }

    /** The room kept what the instance had there under its old name, and nobody looked for it any more. */
    @Test
    void what_an_instance_that_was_taken_for_dead_could_not_take_out_of_a_room_is_taken_out_later() {
        FakeClient ann = connect(0, "ann");
        FakeClient.connect(hubs.get(0), "ann", "other").last("joined");
        FakeClient watcher = connect(1, "watcher");
        String noted = redis.command("KEYS", "roomcast:{other}:i:*").strip();
        String name = noted.substring("roomcast:{other}:i:".length());
        redis.command("ACL", "SETUSER", "default", "resetkeys", "~roomcast:{[*]*", "~roomcast:{other}:*");
        redis.command("SET", "roomcast:{*}:f:" + name, "1");
        await().until(() -> redis.command("EXISTS", noted).strip().equals("0"));
        redis.command("ACL", "SETUSER", "default", "allkeys");
        awaitRounds(1);
        assertMembers(Set.of("ann", "watcher"), watcher);

        ahead.addAndGet(LEASE.toMillis());
        ann.closes();
        awaitTold(watcher, "user_left ann");
        assertMembers(Set.of("watcher"), watcher);
    }

    private long millis() {
        return System.currentTimeMillis() + ahead.get();
    }

    /** Each instance has looked for dead ones so many times more. */
    private void awaitRounds(int count) {
        for (RedisBridge bridge : bridges) {
            Leases leases = bridge.engine().leases;
            long enough = leases.rounds() + count;
            await().atMost(20, TimeUnit.SECONDS).until(() -> leases.rounds() >= enough);
        }
    }

    private void awaitNoSession() {
        await().until(() ->
                bridges.stream().noneMatch(bridge -> bridge.engine().leases.hasSession()));
    }

    private Set<String> notedRooms() {
        return redis.command("KEYS", "*:{*}:r:*")
                .lines()
                .flatMap(key -> redis.command("SMEMBERS", key).lines())
                .collect(Collectors.toSet());
    }

    private FakeClient connect(int instance, String user) {
        FakeClient client = FakeClient.connect(hubs.get(instance), user, "lobby");
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
        Set<String> users = new TreeSet<>();
        for (Object member : (List<?>) frame.get("members")) {
            users.add(String.valueOf(((Map<?, ?>) member).get("userId")));
        }
        return users;
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

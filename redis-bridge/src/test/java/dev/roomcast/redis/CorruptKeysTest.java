package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.bridge.Member;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another program has written to the bridge's keys: what cannot be read counts as lost, and the room goes on. */
class CorruptKeysTest {

    private static final Timing TIMING = new Timing(
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofMillis(300));

    private static final String OTHER_TYPE = "redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], 'x')";

    /** How each key of a room is corrupted, by a script. The room is named as the case. */
    private static final Map<String, String> OF_A_ROOM = cases();

    private RedisServer redis;
    private final List<RedisBridge> bridges = new ArrayList<>();
    private final List<Rooms> hubs = new ArrayList<>();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        for (int i = 0; i < 2; i++) {
            RedisBridge bridge = RedisBridge.builder(redis.uri()).timing(TIMING).build();
            bridges.add(bridge);
            hubs.add(Rooms.builder().bridge(bridge).build());
        }
    }

    @AfterEach
    void stop() {
        hubs.forEach(Rooms::close);
        redis.close();
    }

    private static Map<String, String> cases() {
        Map<String, String> cases = new LinkedHashMap<>();
        for (String key : List.of("m", "s", "d:ann", "a", "v", "u", "g", "i:*")) {
            cases.put(key + " of another type", OTHER_TYPE);
        }
        for (String text : List.of("abc", "nan", "-1", "1.5", "1e300", "")) {
            cases.put("m with the offset " + text, "redis.call('HSET', KEYS[1], 'o', '" + text + "')");
            cases.put("v with the revision " + text, "redis.call('HSET', KEYS[1], 'v', '" + text + "')");
        }
        cases.put("m without an epoch", "redis.call('HSET', KEYS[1], 'e', '')");
        cases.put("m with a long epoch", "redis.call('HSET', KEYS[1], 'e', string.rep('x', 300))");
        cases.put("m with a short state", "redis.call('HSET', KEYS[1], 's', 'abc')");
        cases.put("m with another state", "redis.call('HSET', KEYS[1], 's', string.rep('\\255', 32))");
        cases.put("m with a beginning that is none", "redis.call('HSET', KEYS[1], 'l', 'abc', 'r', 'other')");
        cases.put("m with short producers", producers("'x'"));
        cases.put("m with other producers", producers("string.rep('\\255', 30)"));
        cases.put("s with other entries", "redis.call('XADD', KEYS[1], '*', 'a', 'b')");
        cases.put("d:ann with a short state", "redis.call('HSET', KEYS[1], 's', 'abc')");
        cases.put("d:ann with another state", "redis.call('HSET', KEYS[1], 's', string.rep('\\255', 40))");
        cases.put(
                "d:ann with old groups",
                "redis.call('HSET', KEYS[1], 'q0', '', 's', " + "struct.pack('>I8I8I8I8I8', 0, 1, 1, 0, 0))");
        cases.put("d:ann with short entries", "redis.call('HSET', KEYS[1], 'i2', 'x')");
        cases.put("v with another generation", "redis.call('HSET', KEYS[1], 'g', 'abc', 'n', 7)");
        cases.put("v with counts that are none", "redis.call('HSET', KEYS[1], 'n', 'abc')");
        cases.put("u with an entry that is none", "redis.call('HSET', KEYS[1], 'bob', '\\255')");
        cases.put("u with an entry of another kind", "redis.call('HSET', KEYS[1], 'bob', cmsgpack.pack({'x'}))");
        cases.put("u with one too many", "redis.call('HSET', KEYS[1], 'ghost', 'x')");
        cases.put("g with one for ever", "redis.call('ZADD', KEYS[1], 'inf', 'bob')");
        return cases;
    }

    private static String producers(String value) {
        return "for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do if string.sub(field, 1, 1) == 'P' then "
                + "redis.call('HSET', KEYS[1], field, " + value + ") end end";
    }

    /** All rooms at once, since each of them may take a check or two. */
    @Test
    void each_key_of_a_room_heals_as_a_lost_one_does() throws Exception {
        Map<String, FakeClient> here = new LinkedHashMap<>();
        Map<String, FakeClient> there = new LinkedHashMap<>();
        for (String room : OF_A_ROOM.keySet()) {
            here.put(room, join(0, "ann", room));
            there.put(room, join(1, "bob", room));
            done(publish(0, room, "one", "1"));
            done(hubs.get(0).room(room).publish(Message.chat("of the host").id("1")));
        }
        OF_A_ROOM.forEach((room, script) -> corrupt(room, room.split(" ", 2)[0], script));

        Map<String, CompletionStage<Position>> said = new LinkedHashMap<>();
        OF_A_ROOM.keySet().forEach(room -> said.put(room, publish(0, room, "two", "2")));
        for (String room : OF_A_ROOM.keySet()) {
            said(room, said.get(room));
            join(1, "cid", room);
            said(
                    room,
                    hubs.get(0).room(room).publish(Message.chat("of the host").id("2")));
            Position top = said(room, publish(1, room, "last", "3"));
            for (FakeClient member : List.of(here.get(room), there.get(room))) {
                member.await("the last in " + room, one -> contents(one).contains("last"));
                assertEquals(List.of(), Trail.faults(member, null, top), room);
            }
        }
        Set<String> everyone = Set.of("ann", "bob", "cid");
        await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
            Map<String, Set<String>> wrong = new TreeMap<>();
            for (String room : OF_A_ROOM.keySet()) {
                Set<String> members = done(hubs.get(1).room(room).members()).stream()
                        .map(Member::userId)
                        .collect(Collectors.toSet());
                if (!members.equals(everyone)) {
                    wrong.put(room, members);
                }
            }
            assertEquals(Map.of(), wrong);
        });
    }

    /** Where nobody speaks only the comparison with Redis finds it; it asks for fields, which fails for another type. */
    @Test
    void a_room_in_which_nobody_speaks_finds_it_by_itself() throws Exception {
        FakeClient ann = join(0, "ann", "quiet");
        done(publish(0, "quiet", "one", "1"));
        ann.await("one", one -> contents(one).contains("one"));
        corrupt("quiet", "m", OTHER_TYPE);
        corrupt("quiet", "v", OTHER_TYPE);
        ann.await("a gap", one -> !one.frames("gap").isEmpty());
        await().until(() -> redis.command("TYPE", "roomcast:{quiet}:v").strip().equals("hash"));
    }

    @Test
    void what_is_known_of_instances_and_users_heals_as_well() throws Exception {
        join(0, "ann", "r");
        join(1, "bob", "r");
        await().until(() -> bridges.get(0).engine().leases.rounds() > 0);
        for (String key : redis.command("KEYS", "roomcast:{[*]*").lines().toList()) {
            redis.command("EVAL", OTHER_TYPE, "1", key);
        }
        long before = bridges.get(0).engine().leases.rounds();
        await().until(() -> bridges.get(0).engine().leases.rounds() > before + 2);
        FakeClient second = join(0, "ann", "r");
        await().until(() -> done(hubs.get(1).user("ann").send("hello", 1)) > 0);
        second.last("hello");
        await().until(() -> keysOfInstances().size() == 5 + 2
                && keysOfInstances().stream()
                        .map(key -> redis.command("TYPE", key).strip())
                        .noneMatch("list"::equals));
    }

    /** Leases; rooms and users of two instances; where ann is, and, until he comes again, not where bob is. */
    private List<String> keysOfInstances() {
        return redis.command("KEYS", "roomcast:{[*]*").lines().toList();
    }

    private FakeClient join(int instance, String user, String room) {
        FakeClient client = FakeClient.connect(hubs.get(instance), user, room);
        client.last("joined");
        return client;
    }

    private CompletionStage<Position> publish(int instance, String room, String text, String id) {
        return hubs.get(instance)
                .room(room)
                .publish(Message.chat(text).from("ann").id(id));
    }

    private void corrupt(String room, String key, String script) {
        String name = new String(new Keys("roomcast").meta(room), StandardCharsets.US_ASCII);
        String all = name.substring(0, name.length() - 1) + key;
        String one = key.endsWith("*")
                ? redis.command("KEYS", all.replace("%", "?"))
                        .lines()
                        .findFirst()
                        .orElseThrow()
                : all;
        redis.command("EVAL", script, "1", one);
    }

    private static List<String> contents(FakeClient client) {
        return client.frames("chat").stream()
                .map(frame -> frame.text("content"))
                .toList();
    }

    private static Position said(String room, CompletionStage<Position> stage) {
        try {
            return done(stage);
        } catch (Exception e) {
            throw new AssertionError(room, e);
        }
    }

    private static <T> T done(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}

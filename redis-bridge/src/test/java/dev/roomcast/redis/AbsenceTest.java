package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.Status;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import dev.roomcast.transport.Handshake;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two instances, one of which loses its way to Redis, or both do: what clients see who are there, who come meanwhile and who
 * come back meanwhile.
 */
class AbsenceTest {

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<CompletionStage<Position>> acknowledged = new ArrayList<>();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void an_instance_that_is_cut_off_goes_on_alone_and_catches_up() throws Exception {
        RedisServer redis = opened(RedisServer.start());
        Proxy way = opened(new Proxy(redis.port()));
        Rooms near = hub(way.uri());
        Rooms far = hub(redis.uri());
        FakeClient ann = join(near, "ann", "r");
        FakeClient bob = join(far, "bob", "r");
        join(far, "other", "new");
        Position early = say(far, "r", "one");
        say(near, "r", "two");
        Position elsewhere = say(far, "new", "new one");
        say(far, "new", "new two");
        until(ann, "two");

        way.leadTo(1);
        way.cut();
        await().atMost(20, TimeUnit.SECONDS).until(() -> near.status() == Status.ISOLATED);
        assertEquals("isolated", ann.last("status").text("state"));
        FakeClient ben = join(near, "ben", "r");
        assertEquals(List.of("ann", "ben", "bob"), members(ben.last("joined")));
        FakeClient cid = comesBack(near, "cid", "r", early);
        assertTrue(cid.last("joined").is("recovered"));
        FakeClient eve = join(near, "eve", "new");
        FakeClient fay = comesBack(near, "fay", "new", elsewhere);
        assertTrue(fay.last("joined").is("recovered"));
        FakeClient dan = join(far, "dan", "r");
        bob.closes();
        for (int i = 0; i < 20; i++) {
            say(far, "r", "far " + i);
            say(far, "new", "new far " + i);
        }
        waits(near, "r", "near");
        waits(near, "new", "new near");

        way.leadTo(redis.port());
        await().atMost(20, TimeUnit.SECONDS).until(() -> near.status() == Status.CONNECTED);
        for (CompletionStage<Position> publish : acknowledged) {
            publish.toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        Position top = say(far, "r", "last");
        Position topOfNew = say(far, "new", "new last");
        for (FakeClient client : List.of(ann, ben, cid, dan)) {
            until(client, "last");
        }
        for (FakeClient client : List.of(eve, fay)) {
            until(client, "new last");
        }

        assertEquals(List.of(), Trail.faults(ann, null, top));
        assertEquals(List.of(), Trail.faults(ben, null, top));
        assertEquals(List.of(), Trail.faults(cid, early, top));
        assertEquals(List.of(), Trail.faults(dan, null, top));
        assertEquals(List.of(), Trail.faults(eve, null, topOfNew));
        assertEquals(List.of(), Trail.faults(fay, elsewhere, topOfNew));
        for (FakeClient client : List.of(ann, ben, cid, dan, fay)) {
            assertEquals(List.of(), client.frames("gap"));
        }
        assertEquals(1, eve.frames("gap").size(), "it came to a room of which nothing was known");
        // What was said here meanwhile is not swallowed by the gap.
        assertEquals(List.of("new near", "new last"), contents(eve));

        List<String> truth = List.of("ann", "ben", "cid", "dan");
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> asks(ann, "r").equals(truth) && asks(dan, "r").equals(truth));
        assertEquals(1, told(ann, "user_joined", "ben"));
        assertEquals(1, told(ann, "user_joined", "dan"));
        assertEquals(1, told(ann, "user_left", "bob"));
        assertEquals(0, told(ann, "user_left", "ben"));
        assertEquals(1, told(dan, "user_joined", "ben"));
    }

    @Test
    void redis_is_killed_and_comes_back() throws Exception {
        RedisServer redis =
                opened(RedisServer.builder().persistence(Persistence.ALWAYS).start());
        Rooms near = hub(redis.uri());
        Rooms far = hub(redis.uri());
        FakeClient ann = join(near, "ann", "r");
        FakeClient bob = join(far, "bob", "r");
        Position early = say(far, "r", "one");
        say(near, "r", "two");
        until(ann, "two");
        until(bob, "two");

        redis.kill();
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> near.status() == Status.ISOLATED && far.status() == Status.ISOLATED);
        FakeClient ben = join(near, "ben", "r");
        FakeClient cid = comesBack(far, "cid", "r", early);
        FakeClient dan = join(near, "dan", "new");
        assertTrue(cid.last("joined").is("recovered"));
        bob.closes();
        waits(near, "r", "near");
        waits(far, "r", "far");
        waits(near, "new", "new near");
        redis.restart();
        for (CompletionStage<Position> publish : acknowledged) {
            publish.toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        Position top = say(far, "r", "last");
        for (FakeClient client : List.of(ann, ben)) {
            until(client, "last");
        }
        // What it missed is gone with the epoch; the gap may lead as far as the top.
        cid.await("the top", some -> Trail.faults(some, early, top).isEmpty());
        until(dan, "new near");
        assertEquals(List.of(), Trail.faults(ann, null, top));
        assertEquals(List.of(), Trail.faults(ben, null, top));
        assertEquals(3, contents(ben).size());
        List<String> truth = List.of("ann", "ben", "cid");
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> asks(ann, "r").equals(truth) && asks(cid, "r").equals(truth));
        assertEquals("connected", ann.last("status").text("state"));
    }

    @Test
    void a_hub_that_starts_without_redis_serves_alone_and_joins_when_it_comes() throws Exception {
        RedisServer redis = opened(RedisServer.start());
        redis.kill();
        Rooms near = hub(redis.uri());
        assertEquals(Status.ISOLATED, near.status());
        FakeClient ann = join(near, "ann", "r");
        FakeClient ben = join(near, "ben", "r");
        assertEquals(List.of("ann", "ben"), members(ben.last("joined")));
        ann.sends("{\"content\":\"now\",\"volatile\":true}");
        until(ben, "now");
        ann.sends("{\"content\":\"kept\",\"id\":\"1\"}");
        redis.restart();
        until(ann, "kept");
        until(ben, "kept");
        assertEquals(1, ann.last("ack").number("offset"));
        await().atMost(20, TimeUnit.SECONDS).until(() -> near.status() == Status.CONNECTED);
        Rooms far = hub(redis.uri());
        FakeClient cid = join(far, "cid", "r");
        assertEquals(List.of("ann", "ben", "cid"), members(cid.last("joined")));
        Position top = say(far, "r", "last");
        until(ann, "last");
        assertEquals(List.of(), Trail.faults(ann, null, top));
        assertEquals(0, told(ann, "user_left", "ben"));
    }

    private <T extends AutoCloseable> T opened(T some) {
        open.add(some);
        return some;
    }

    private Rooms hub(String uri) {
        return opened(Rooms.builder()
                .bridge(RedisBridge.builder(uri).timing(Instances.QUICK).build())
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .build());
    }

    static FakeClient join(Rooms rooms, String user, String room) {
        FakeClient client = FakeClient.connect(rooms, user, room);
        client.last("user_joined");
        return client;
    }

    static FakeClient comesBack(Rooms rooms, String user, String room, Position from) {
        FakeClient client = FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", room)
                        .parameter("epoch", from.epoch())
                        .parameter("offset", Long.toString(from.offset()))
                        .build());
        client.last("user_joined");
        return client;
    }

    static Position say(Rooms rooms, String room, String content) throws Exception {
        return rooms.room(room)
                .publish(Message.chat(content))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    /** Says something that cannot be acknowledged yet. */
    private void waits(Rooms rooms, String room, String content) {
        CompletionStage<Position> publish = rooms.room(room).publish(Message.chat(content));
        assertFalse(publish.toCompletableFuture().isDone());
        acknowledged.add(publish);
    }

    static void until(FakeClient client, String content) {
        client.await(content, some -> contents(some).contains(content));
    }

    static List<String> contents(FakeClient client) {
        return client.frames("chat").stream()
                .map(frame -> frame.text("content"))
                .toList();
    }

    static long told(FakeClient client, String type, String user) {
        return client.frames(type).stream()
                .filter(frame -> frame.text("userId").equals(user))
                .count();
    }

    private static List<String> asks(FakeClient client, String room) {
        int before = client.frames("members").size();
        client.sends("{\"type\":\"members\",\"room\":\"" + room + "\"}");
        client.await("members", some -> some.frames("members").size() > before);
        return members(client.last("members"));
    }

    private static List<String> members(Received frame) {
        return ((List<?>) frame.get("members"))
                .stream()
                        .map(member -> (String) ((Map<?, ?>) member).get("userId"))
                        .sorted()
                        .toList();
    }
}

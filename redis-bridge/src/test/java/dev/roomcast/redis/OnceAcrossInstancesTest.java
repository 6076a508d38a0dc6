package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent with an id is said once, wherever the user repeats it, as its frames tell. */
class OnceAcrossInstancesTest {

    /** A message waits a second for Redis; nobody is taken for dead. */
    private static final Timing HASTY = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1));

    private static final String ROOM = "lobby";

    private final List<Rooms> hubs = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        RedisServer.assumeAvailable();
        redis = RedisServer.builder().persistence(Persistence.ALWAYS).start();
        for (int i = 0; i < 2; i++) {
            hubs.add(Rooms.builder()
                    .bridge(RedisBridge.builder(redis.uri()).timing(HASTY).build())
                    .build());
        }
    }

    @AfterEach
    void stop() {
        hubs.forEach(Rooms::close);
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void what_is_repeated_on_another_instance_since_the_ack_was_lost_is_said_once() throws Exception {
        FakeClient witness = connect(1, "witness");
        for (int i = 0; i < 20; i++) {
            FakeClient before = connect(0, "ann");
            before.sends(said("content " + i, "id " + i));
            before.vanishes();
            FakeClient after = connect(1, "ann");
            after.sends(said("content " + i, "id " + i));
            Position told = position(after.last("ack"));
            witness.await(
                    "it",
                    now -> now.frames("chat").stream()
                            .anyMatch(frame -> position(frame).equals(told)));
            after.closes();
        }
        assertEquals(contents(20), history());
        assertEquals(
                contents(20),
                witness.frames("chat").stream()
                        .map(frame -> frame.text("content"))
                        .toList());
    }

    @Test
    void two_connections_that_send_it_at_the_same_time_are_told_the_same_place() throws Exception {
        FakeClient here = connect(0, "ann");
        FakeClient there = connect(1, "ann");
        for (int i = 0; i < 20; i++) {
            int turn = i;
            here.sends(said("content " + i, "id " + i));
            there.sends(said("content " + i, "id " + i));
            for (FakeClient client : List.of(here, there)) {
                client.await("an ack", now -> now.frames("ack").size() > turn);
            }
        }
        assertEquals(places(here), places(there));
        assertEquals(contents(20), history());
    }

    @Test
    void an_id_that_was_used_for_something_else_is_a_conflict_on_another_instance_too() throws Exception {
        FakeClient here = connect(0, "ann");
        here.sends(said("one", "id"));
        here.last("ack");
        FakeClient there = connect(1, "ann");
        there.sends(said("two", "id"));
        Received error = there.last("error");
        assertEquals("id_conflict", error.text("code"));
        assertEquals("id", error.text("id"));
        // Ids are each user's own.
        FakeClient other = connect(1, "ben");
        other.sends(said("three", "id"));
        assertEquals(2, other.last("ack").number("offset"));
        assertEquals(List.of("one", "three"), history());
    }

    @Test
    void what_was_refused_while_redis_was_killed_is_said_once_when_it_is_repeated() throws Exception {
        FakeClient here = connect(0, "ann");
        FakeClient there = connect(1, "ann");
        redis.kill();
        here.sends(said("content 0", "id"));
        assertUnavailable(here);
        redis.restart();
        repeats(there);
        repeats(here);
        assertEquals(contents(1), history());
    }

    /** What reached a Redis that stands still is carried out when it goes on, though it has been refused meanwhile. */
    @Test
    void what_was_refused_while_redis_stood_still_is_said_once_when_it_is_repeated() throws Exception {
        FakeClient here = connect(0, "ann");
        FakeClient there = connect(1, "ann");
        redis.freeze();
        here.sends(said("content 0", "id"));
        assertUnavailable(here);
        redis.thaw();
        repeats(there);
        repeats(here);
        assertEquals(contents(1), history());
    }

    private FakeClient connect(int hub, String user) {
        FakeClient client = FakeClient.connect(hubs.get(hub), user, ROOM);
        client.last("joined");
        return client;
    }

    /** As a client does: again and again, until it is told the place. */
    private static void repeats(FakeClient client) {
        for (int tries = 1; client.frames("ack").isEmpty(); tries++) {
            assertTrue(tries < 20, "no ack");
            int answers = client.frames("error").size();
            client.sends(said("content 0", "id"));
            client.await(
                    "an answer",
                    now -> !now.frames("ack").isEmpty() || now.frames("error").size() > answers);
        }
        assertEquals(1, client.last("ack").number("offset"));
    }

    private static void assertUnavailable(FakeClient client) {
        Received error = client.last("error");
        assertEquals("unavailable", error.text("code"));
        assertEquals("id", error.text("id"));
        assertTrue(client.frames("ack").isEmpty());
    }

    private List<String> history() throws Exception {
        return hubs
                .get(1)
                .room(ROOM)
                .history(null, 100)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .messages()
                .stream()
                .map(Message::content)
                .map(content -> content.text())
                .toList();
    }

    private static List<Position> places(FakeClient client) {
        return client.frames("ack").stream()
                .map(OnceAcrossInstancesTest::position)
                .toList();
    }

    private static Position position(Received frame) {
        return new Position(frame.text("epoch"), frame.number("offset"));
    }

    private static List<String> contents(int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> "content " + i)
                .toList();
    }

    private static String said(String content, String id) {
        return "{\"content\":\"" + content + "\",\"id\":\"" + id + "\"}";
    }
}

package dev.roomcast.redis;

import static dev.roomcast.redis.AbsenceTest.comesBack;
import static dev.roomcast.redis.AbsenceTest.contents;
import static dev.roomcast.redis.AbsenceTest.join;
import static dev.roomcast.redis.AbsenceTest.say;
import static dev.roomcast.redis.AbsenceTest.until;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.Status;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Proxy.Way;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two instances that let their members talk while Redis is away: what each member is shown, and what nobody is shown twice. */
class LocalTest {

    private static final HistoryLimits LONG = new HistoryLimits(1_000_000, Duration.ofMinutes(5), 1 << 30);

    private final List<AutoCloseable> open = new ArrayList<>();

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
    void members_of_an_instance_that_is_cut_off_talk_on_and_are_told_of_a_gap_there_and_back() throws Exception {
        RedisServer redis = opened(RedisServer.start());
        Proxy way = opened(new Proxy(redis.port()));
        Rooms near = hub(way.uri());
        Rooms far = hub(redis.uri());
        FakeClient ann = join(near, "ann", "r");
        FakeClient quiet = join(near, "quiet", "q");
        FakeClient bob = join(far, "bob", "r");
        join(far, "other", "q");
        Position early = say(far, "r", "one");
        Position left = say(near, "r", "two");
        say(far, "q", "quiet one");
        until(ann, "two");
        until(quiet, "quiet one");

        lose(way, near);
        ann.sends("{\"content\":\"here\",\"id\":\"1\"}");
        FakeClient ben = join(near, "ben", "r");
        until(ann, "here");
        ann.await("ack", some -> !some.frames("ack").isEmpty());
        Position here = Trail.position(ann.last("ack"));
        assertEquals(1, here.offset());
        assertNotEquals(left.epoch(), here.epoch());
        Position second = say(near, "r", "here two");
        assertEquals(here.next(), second);
        FakeClient cid = comesBack(near, "cid", "r", early);
        assertFalse(cid.last("joined").is("recovered"));
        FakeClient dan = comesBack(near, "dan", "r", here);
        assertTrue(dan.last("joined").is("recovered"));
        FakeClient eve = comesBack(near, "eve", "q", say(far, "q", "quiet two"));
        assertFalse(eve.last("joined").is("recovered"));
        for (int i = 0; i < 20; i++) {
            say(far, "r", "far " + i);
            say(far, "q", "quiet far " + i);
        }
        until(dan, "here two");
        // Nobody is here who could hear it, so it waits for those who can.
        CompletionStage<Position> elsewhere = near.room("elsewhere").publish(Message.chat("for others"));
        assertFalse(elsewhere.toCompletableFuture().isDone());
        FakeClient fay = join(far, "fay", "elsewhere");

        find(way, redis, near);
        Position top = say(near, "r", "last");
        Position topOfQuiet = say(near, "q", "quiet last");
        elsewhere.toCompletableFuture().get(20, TimeUnit.SECONDS);
        until(fay, "for others");
        for (FakeClient client : List.of(ann, bob, ben, cid, dan)) {
            until(client, "last");
        }
        for (FakeClient client : List.of(quiet, eve)) {
            until(client, "quiet last");
        }
        assertEquals(List.of(), Trail.faults(ann, null, top));
        assertEquals(List.of(), Trail.faults(ben, null, top));
        assertEquals(List.of(), Trail.faults(cid, early, top));
        assertEquals(List.of(), Trail.faults(dan, here, top));
        assertEquals(List.of(), Trail.faults(bob, null, top));
        assertEquals(List.of(), Trail.faults(quiet, null, topOfQuiet));
        assertEquals(List.of(), Trail.faults(eve, null, topOfQuiet));
        assertEquals(List.of("one", "two", "here", "here two", "last"), contents(ann));
        assertEquals(2, ann.frames("gap").size());
        assertEquals(List.of(), bob.frames("gap"));
        assertFalse(contents(bob).contains("here"));
        // Nothing was said there: it is as if one had waited.
        assertEquals(List.of(), quiet.frames("gap"));
        assertEquals(23, contents(quiet).size());

        // What was said alone is known for a while, and in nobody's history.
        ann.sends("{\"content\":\"here\",\"id\":\"1\"}");
        ann.await("another ack", some -> some.frames("ack").size() == 2);
        assertEquals(here, Trail.position(ann.last("ack")));
        FakeClient gil = comesBack(near, "gil", "r", second);
        assertFalse(gil.last("joined").is("recovered"));
        assertEquals(top, Trail.position(gil.last("joined")));
        assertEquals(1, Collections.frequency(contents(ann), "here"));
        assertEquals(List.of(), Trail.faults(ann, null, top));
    }

    /** Redis has carried it out, and its answer and its news were swallowed with the link. */
    @Test
    void what_was_on_its_way_is_not_said_here_nor_is_its_repeat() throws Exception {
        RedisServer redis = opened(RedisServer.start());
        Proxy way = opened(new Proxy(redis.port()));
        Rooms near = hub(way.uri());
        Rooms far = hub(redis.uri());
        FakeClient ann = join(near, "ann", "r");
        FakeClient bob = join(far, "bob", "r");
        say(near, "r", "one");
        until(ann, "one");
        way.swallow(Way.FROM_REDIS);
        Message unknown = Message.chat("unknown").from("ann").id("1");
        CompletionStage<Position> first = near.room("r").publish(unknown);
        CompletionStage<Position> waits = near.room("r").publish(Message.chat("waits"));
        until(bob, "unknown");
        await().atMost(20, TimeUnit.SECONDS).until(() -> near.status() == Status.ISOLATED);
        // That was never sent, so it need not wait for someone else to speak.
        Position waited = waits.toCompletableFuture().get(20, TimeUnit.SECONDS);
        CompletionStage<Position> repeat = near.room("r").publish(unknown);
        assertEquals(waited.next(), say(near, "r", "alone"));
        assertFalse(repeat.toCompletableFuture().isDone());
        way.heal();
        Position place = first.toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertEquals(2, place.offset());
        assertEquals(place, repeat.toCompletableFuture().get(20, TimeUnit.SECONDS));
        Position top = say(near, "r", "last");
        until(ann, "last");
        until(bob, "last");
        assertEquals(List.of("one", "waits", "alone", "last"), contents(ann));
        assertEquals(List.of("one", "unknown", "last"), contents(bob));
        assertEquals(List.of(), Trail.faults(ann, null, top));
        assertEquals(List.of(), Trail.faults(bob, null, top));
    }

    /** The bridge had shown it here; its ack was lost with the client's connection, and Redis with that. */
    @Test
    void a_repeat_of_what_was_shown_here_before_is_not_said_again() throws Exception {
        RedisServer redis = opened(RedisServer.start());
        Proxy way = opened(new Proxy(redis.port()));
        Rooms near = hub(way.uri());
        FakeClient ann = join(near, "ann", "r");
        Message shown = Message.chat("shown").from("ann").id("1");
        Position place = near.room("r").publish(shown).toCompletableFuture().get(20, TimeUnit.SECONDS);
        until(ann, "shown");
        lose(way, near);
        assertEquals(place, near.room("r").publish(shown).toCompletableFuture().get(20, TimeUnit.SECONDS));
        CompletionStage<Position> conflict =
                near.room("r").publish(Message.chat("other").from("ann").id("1"));
        ExecutionException refusal = assertThrows(
                ExecutionException.class, () -> conflict.toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertEquals(BridgeException.Reason.ID_CONFLICT, ((BridgeException) refusal.getCause()).reason());
        assertEquals(List.of("shown"), contents(ann));
        assertEquals(List.of(), ann.frames("gap"));
    }

    /** {@link FaultMatrixTest} has the same at length. */
    @Test
    void a_redis_that_is_killed_or_cut_is_no_reason_to_be_silent() throws Exception {
        try (RedisServer redis = RedisServer.start();
                Instances instances =
                        new Instances(List.of(redis.uri(), redis.uri()), LONG, Instances.QUICK, WhileAway.LOCAL)) {
            instances.startPublishing();
            instances.work(100);
            redis.kill();
            instances.awaitIsolation();
            instances.work(200);
            redis.restart();
            instances.work(200);
            redis.command("CLIENT", "KILL", "TYPE", "pubsub");
            instances.work(200);
            instances.stopPublishing();
            assertEquals(List.of(), OrderChecker.check(instances.account));
            assertEquals(List.of(), instances.trailFaults());
            assertTrue(instances.saidAlone() > 100, "so many were said alone: " + instances.saidAlone());
            assertEquals(0, instances.account.unavailableCount());
        }
    }

    private static void lose(Proxy way, Rooms hub) {
        way.leadTo(1);
        way.cut();
        await().atMost(20, TimeUnit.SECONDS).until(() -> hub.status() == Status.ISOLATED);
    }

    private static void find(Proxy way, RedisServer redis, Rooms hub) {
        way.leadTo(redis.port());
        await().atMost(20, TimeUnit.SECONDS).until(() -> hub.status() == Status.CONNECTED);
    }

    private <T extends AutoCloseable> T opened(T some) {
        open.add(some);
        return some;
    }

    private Rooms hub(String uri) {
        return opened(Rooms.builder()
                .bridge(RedisBridge.builder(uri)
                        .timing(Instances.QUICK)
                        .whileAway(WhileAway.LOCAL)
                        .build())
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .build());
    }
}

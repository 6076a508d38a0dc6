package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What rooms leave behind in Redis, and for how long. */
class KeysLeftTest {

    private static final int ROOMS = 200;
    private static final Duration SOON = Duration.ofMinutes(6);
    private static final Duration LONG = Duration.ofHours(23);

    private static final Timing BRIEF = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1));

    private RedisServer redis;
    private RedisBridge bridge;
    private final ManualTime time = new ManualTime();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        bridge = RedisBridge.builder(redis.uri()).timing(BRIEF).build();
        bridge.start(new Bridge.Context(new RecordingDelivery(), time, room -> HistoryLimits.DEFAULT));
    }

    @AfterEach
    void stop() {
        bridge.close();
        redis.close();
    }

    /** Two keys of a room that anyone had made up stayed for a day. */
    @Test
    void rooms_in_which_nothing_was_said_are_forgotten_minutes_after_the_last_one_has_left() throws Exception {
        for (int i = 0; i < ROOMS; i++) {
            String room = "made up " + i;
            joinAndLeave(room, "one", Duration.ZERO);
        }
        // Until then the room is compared with Redis, and begins anew there.
        await().until(() -> bridge.engine().feeds.size() == 0);
        List<String> keys = roomKeys();
        assertTrue(keys.size() <= 2 * ROOMS, () -> "keys: " + keys.size());
        keys.forEach(key -> assertLasts(key, Duration.ZERO, SOON));
        expire(keys);
        assertEquals(List.of(), roomKeys());
        assertEquals("", redis.command("KEYS", "roomcast:{[*]}:r:*").strip());
    }

    /** Else what was said meanwhile would be missing without a word. */
    @Test
    void who_comes_back_to_a_room_that_was_forgotten_is_told_so() throws Exception {
        Position known;
        try (Subscription subscription = bridge.broadcaster().subscribe("r")) {
            known = done(subscription.top());
            done(bridge.roster().join("r", "one", "c1", null));
            done(bridge.roster().leave("r", "one", "c1", Cause.LEAVE, Duration.ZERO));
        }
        await().until(() -> bridge.engine().feeds.size() == 0);
        expire(roomKeys());
        done(bridge.broadcaster().publish(Message.of("kept", 1).in("r", 1)));
        HistorySlice slice = done(bridge.broadcaster().history("r", known, 10));
        assertFalse(slice.complete());
        assertNotEquals(known.epoch(), slice.top().epoch());
    }

    @Test
    void a_room_in_which_something_was_said_is_remembered_for_a_day() throws Exception {
        joinAndLeave("r", "one", Duration.ZERO);
        done(bridge.broadcaster().publish(Message.of("kept", 1).in("r", 1)));
        joinAndLeave("r", "one", Duration.ZERO);
        assertLasts("roomcast:{r}:m", LONG, null);
        assertLasts("roomcast:{r}:v", Duration.ZERO, SOON);
    }

    /** Its members stand somewhere, and a new epoch would be a gap to them. */
    @Test
    void a_room_with_members_is_remembered_for_a_day_though_nothing_was_said() throws Exception {
        try (Subscription subscription = bridge.broadcaster().subscribe("r")) {
            Position top = done(subscription.top());
            done(bridge.roster().join("r", "one", "c1", null));
            assertLasts("roomcast:{r}:m", LONG, null);
            assertLasts("roomcast:{r}:v", LONG, null);
            done(bridge.roster().leave("r", "one", "c1", Cause.LEAVE, Duration.ZERO));
            assertLasts("roomcast:{r}:m", Duration.ZERO, SOON);
            assertEquals(top, done(subscription.top()));
            done(bridge.roster().join("r", "two", "c2", null));
            assertLasts("roomcast:{r}:m", LONG, null);
            done(bridge.broadcaster().publish(Message.of("kept", 1).in("r", 1)));
            assertLasts("roomcast:{r}:m", LONG, null);
            done(bridge.roster().leave("r", "two", "c2", Cause.LEAVE, Duration.ZERO));
            assertLasts("roomcast:{r}:m", LONG, null);
        }
    }

    @Test
    void a_room_that_is_only_read_is_forgotten_soon() throws Exception {
        done(bridge.broadcaster().history("r", null, 10));
        assertLasts("roomcast:{r}:m", Duration.ZERO, SOON);
    }

    /** The instance may die before the grace is over, and then nobody looks at the room again. */
    @Test
    void a_room_with_someone_who_is_away_is_remembered_until_soon_after_the_grace() throws Exception {
        joinAndLeave("r", "one", Duration.ofHours(1));
        List<String> keys = roomKeys();
        assertEquals(4, keys.size());
        keys.forEach(key -> assertLasts(key, Duration.ofMinutes(59), SOON.plusHours(1)));
        try (Subscription subscription = bridge.broadcaster().subscribe("r")) {
            done(subscription.top());
            done(bridge.roster().join("r", "one", "c2", null));
            roomKeys().forEach(key -> assertLasts(key, LONG, null));
        }
    }

    private void joinAndLeave(String room, String user, Duration grace) throws Exception {
        try (Subscription subscription = bridge.broadcaster().subscribe(room)) {
            done(subscription.top());
            done(bridge.roster().join(room, user, "c1", null));
            done(bridge.roster().leave(room, user, "c1", grace.isZero() ? Cause.LEAVE : Cause.LOST, grace));
        }
    }

    /** As Redis does when their time is over. */
    private void expire(List<String> keys) {
        keys.forEach(key -> redis.command("PEXPIRE", key, "1"));
        await().until(() -> roomKeys().isEmpty());
    }

    private List<String> roomKeys() {
        return redis.command("KEYS", "roomcast:{[^*]*")
                .lines()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private void assertLasts(String key, Duration atLeast, Duration atMost) {
        long millis = Long.parseLong(redis.command("PTTL", key).strip());
        assertTrue(millis > atLeast.toMillis(), () -> key + " lasts " + millis + " ms");
        assertTrue(atMost == null || millis <= atMost.toMillis(), () -> key + " lasts " + millis + " ms");
    }

    private static <T> T done(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}

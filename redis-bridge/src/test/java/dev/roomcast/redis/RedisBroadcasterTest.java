package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.BridgeException.Reason;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the bridge bounds, refuses and drops, on a real Redis. */
class RedisBroadcasterTest {

    private static final Timing SHORT = new Timing(
            Duration.ofMillis(500),
            Duration.ofMillis(50),
            Duration.ofMillis(1500),
            Duration.ofMillis(100),
            Duration.ofMillis(200),
            Duration.ofMillis(300),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1));

    private static RedisServer redis;

    private final RecordingDelivery delivery = new RecordingDelivery();
    private final ManualTime time = new ManualTime();
    private final String room = "room " + System.nanoTime();
    private final String channel = "roomcast:{" + Keys.encode(room) + "}:c";
    private HistoryLimits limits = HistoryLimits.DEFAULT;
    private RedisBridge bridge;

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
    void startBridge() {
        bridge = RedisBridge.builder(redis.uri())
                .timing(SHORT)
                .clock(() -> Long.toString(time.millis()))
                .build();
        bridge.start(new Bridge.Context(delivery, time, name -> limits));
    }

    @AfterEach
    void closeBridge() {
        bridge.close();
    }

    @Test
    void what_waits_for_longer_than_the_deadline_is_refused() throws Exception {
        redis.freeze();
        try {
            CompletionStage<Position> waits = publish(Message.chat("a"));
            assertEquals(Reason.UNAVAILABLE, refusal(waits).reason());
            // Joins go on meanwhile, at a position of this instance's own.
            assertEquals(0, offset(bridge.broadcaster().subscribe(room).top()));
        } finally {
            redis.thaw();
        }
        await().ignoreExceptions().until(() -> offset(publish(Message.chat("b"))) > 0);
    }

    /** It got a position and lost its key on the way through Redis. */
    @Test
    void the_latest_of_a_key_is_delivered_with_its_key_and_without_a_position() throws Exception {
        try (Subscription subscription = subscribe()) {
            assertNull(position(publish(Message.chat("a").latestOf("k"))));
            await().until(() -> delivery.messages(room).size() == 1);
            Message delivered = delivery.messages(room).get(0);
            assertEquals("k", delivered.key());
            assertNull(delivered.position());
            assertEquals(0, offset(subscription.top()));
        }
    }

    @Test
    void what_waits_is_bounded_in_number_and_in_bytes() throws Exception {
        redis.freeze();
        try {
            List<CompletionStage<Position>> all = new ArrayList<>();
            for (int i = 0; i <= Publisher.MOST_MESSAGES; i++) {
                all.add(publish(Message.chat(i)));
            }
            CompletionStage<Position> last = all.get(all.size() - 1);
            assertTrue(last.toCompletableFuture().isDone());
            assertEquals(Reason.UNAVAILABLE, refusal(last).reason());
            for (CompletionStage<Position> each : all) {
                refusal(each);
            }
            String large = "x".repeat(1 << 20);
            CompletionStage<Position> tooMuch = null;
            for (int i = 0; i < 16; i++) {
                tooMuch = publish(Message.chat(large));
            }
            assertTrue(tooMuch.toCompletableFuture().isDone());
            assertEquals(Reason.UNAVAILABLE, refusal(tooMuch).reason());
        } finally {
            redis.thaw();
        }
    }

    @Test
    void while_redis_is_away_volatile_messages_are_delivered_here() throws Exception {
        subscribe();
        redis.freeze();
        try {
            await().until(() -> {
                publish(Message.chat("v").asVolatile());
                return !delivery.messages(room).isEmpty();
            });
            assertNull(delivery.messages(room).get(0).position());
        } finally {
            redis.thaw();
        }
    }

    @Test
    void volatile_messages_before_a_redis_that_stalls_are_bounded_in_number() throws Exception {
        // It must not be taken for lost while they are published.
        try (RedisBridge patient = RedisBridge.connect(redis.uri())) {
            patient.start(new Bridge.Context(delivery, time, name -> limits));
            Subscription subscription = patient.broadcaster().subscribe(room);
            subscription.top().toCompletableFuture().get(10, TimeUnit.SECONDS);
            int accepted = 0;
            redis.freeze();
            try {
                for (int i = 0; i < 5 * Passing.MOST_MESSAGES; i++) {
                    accepted += accepts(patient, i) ? 1 : 0;
                }
            } finally {
                redis.thaw();
            }
            assertEquals(Passing.MOST_MESSAGES, accepted);
            await().until(() -> accepts(patient, "late"));
            int all = accepted + 1;
            await().until(() -> delivery.messages(room).size() == all);
        }
    }

    private boolean accepts(Bridge bridge, Object content) {
        CompletionStage<Position> published =
                bridge.broadcaster().publish(Message.chat(content).asVolatile().in(room, 1));
        return !published.toCompletableFuture().isCompletedExceptionally();
    }

    @Test
    void garbage_and_forgeries_on_the_channel_change_nothing() throws Exception {
        subscribe();
        offset(publish(Message.chat("a")));
        for (String garbage : List.of("", "x", "\u0001\u0001", "{\"type\":\"chat\"}", "\u0009".repeat(100_000))) {
            redis.command("PUBLISH", channel, garbage);
        }
        // A batch of an epoch that does not exist.
        redis.command(
                "EVAL",
                "return redis.call('PUBLISH', ARGV[1], struct.pack('>BBBc0I8I8I8I8I8I2', 1, 1, 6, 'forged', 7, 0, 0, 9, 9, 1)"
                        + " .. struct.pack('>BI8I2c0I4c0', 0, 1, 4, 'chat', 1, '1'))",
                "0",
                channel);
        offset(publish(Message.chat("b")));
        await().until(() -> delivery.offsets(room).equals(List.of(1L, 2L)));
    }

    @Test
    void an_early_id_is_never_forgotten_and_too_many_are_refused() throws Exception {
        Position first = position(publish(withId(0)));
        List<CompletionStage<Position>> all = new ArrayList<>();
        for (int i = 1; i < 4096; i++) {
            all.add(publish(withId(i)));
        }
        for (CompletionStage<Position> each : all) {
            offset(each);
        }
        BridgeException refused = refusal(publish(withId(4096)));
        assertEquals(Reason.TOO_MANY_IDS, refused.reason());
        assertEquals(Duration.ofMinutes(5), refused.retryAfter());
        assertEquals(first, position(publish(withId(0))));
        assertEquals(4097, offset(publish(Message.chat("none").from("one"))));
        assertEquals(4098, offset(publish(Message.chat("other").from("two").id("0"))));
        time.advance(Duration.ofMinutes(5));
        assertEquals(4099, offset(publish(withId(4096))));
        assertEquals(4100, offset(publish(withId(0))));
    }

    @Test
    void one_batch_may_hold_repeats_conflicts_and_messages_without_an_id() throws Exception {
        subscribe();
        // Holds up the ones behind it, so that they become one batch.
        redis.freeze();
        CompletionStage<Position> early = publish(Message.chat("early"));
        CompletionStage<Position> a = publish(withId(1));
        CompletionStage<Position> b = publish(Message.chat("b"));
        CompletionStage<Position> again = publish(withId(1));
        CompletionStage<Position> conflict =
                publish(Message.chat("other").from("one").id("1"));
        CompletionStage<Position> c = publish(withId(2));
        redis.thaw();
        assertEquals(1, offset(early));
        assertEquals(2, offset(a));
        assertEquals(3, offset(b));
        assertEquals(2, offset(again));
        assertEquals(Reason.ID_CONFLICT, refusal(conflict).reason());
        assertEquals(4, offset(c));
        await().until(() -> delivery.offsets(room).equals(List.of(1L, 2L, 3L, 4L)));
    }

    /** A call costs Redis much the same for one message and for three. */
    @Test
    void when_many_rooms_call_the_others_take_turns_and_their_batches_grow() throws Exception {
        int rooms = Publisher.MOST_CALLS * 2;
        long before = publishCalls();
        redis.freeze();
        List<CompletionStage<Position>> all = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            for (int r = 0; r < rooms; r++) {
                all.add(bridge.broadcaster().publish(Message.chat(n).in(room + r, 1)));
            }
        }
        redis.thaw();
        for (int i = 0; i < all.size(); i++) {
            assertEquals(1 + i / rooms, offset(all.get(i)));
        }
        // Those that called at once needed two calls, for one message and for two; the others one.
        assertEquals(Publisher.MOST_CALLS * 3, publishCalls() - before);
    }

    @Test
    void history_is_bounded_in_bytes_and_redis_keeps_little_more() throws Exception {
        limits = new HistoryLimits(100_000, Duration.ofMinutes(5), 10_000);
        String hundred = "x".repeat(98);
        for (int i = 0; i < 1000; i++) {
            offset(publish(Message.chat(hundred)));
        }
        assertEquals(LongStream.rangeClosed(901, 1000).boxed().toList(), historyOffsets());
        long kept = Long.parseLong(redis.command("XLEN", stream()));
        assertTrue(kept >= 100 && kept <= 130, "kept " + kept);
    }

    /** Each send without an id was taken to meet a stream of others, which was deleted, and then was let in. */
    @Test
    void a_redis_without_space_that_evicts_nothing_keeps_history_and_acknowledges_nothing() throws Exception {
        for (int i = 0; i < 10; i++) {
            offset(publish(Message.chat(i)));
        }
        long before = commandStat("xadd", "rejected_calls");
        CompletionStage<Position> waits;
        redis.command("CONFIG", "SET", "maxmemory", "1");
        try {
            waits = publish(Message.chat(10));
            await().until(() -> commandStat("xadd", "rejected_calls") > before);
            assertFalse(waits.toCompletableFuture().isDone());
        } finally {
            redis.command("CONFIG", "SET", "maxmemory", "0");
        }
        assertEquals(11, offset(waits));
        assertEquals("11", redis.command("XLEN", stream()));
        assertEquals(LongStream.rangeClosed(1, 11).boxed().toList(), historyOffsets());
    }

    @Test
    void a_stream_that_is_not_ours_or_ahead_of_us_is_begun_anew() throws Exception {
        offset(publish(Message.chat("a")));
        redis.command("XADD", stream(), "9-0", "b", "x");
        assertEquals(2, offset(publish(Message.chat("b"))));
        redis.command("XADD", stream(), "18446744073709551615-18446744073709551615", "b", "x");
        assertEquals(3, offset(publish(Message.chat("c"))));
        redis.command("SET", stream(), "x");
        assertEquals(4, offset(publish(Message.chat("d"))));
        assertEquals(List.of(4L), historyOffsets());
    }

    @Test
    void a_room_that_nobody_needs_is_unsubscribed_after_a_while() throws Exception {
        subscribe().close();
        await().until(() -> redis.command("PUBSUB", "NUMSUB", channel).endsWith("\n0"));
        subscribe();
        offset(publish(Message.chat("a")));
        await().until(() -> delivery.offsets(room).equals(List.of(1L)));
    }

    /** The channel said nothing: the periodic check finds it. */
    @Test
    void a_message_that_the_channel_lost_is_found_by_the_check() throws Exception {
        subscribe();
        offset(publish(Message.chat("a")));
        await().until(() -> delivery.offsets(room).equals(List.of(1L)));
        String batch = "struct.pack('>BBBc0I8I8I8I8I8I2', 1, 1, #e, e, 2, 0, 1, 9, 9, 1)"
                + " .. struct.pack('>BI8I2c0I4c0', 0, 1, 4, 'chat', 1, '1')";
        String tag = "roomcast:{" + Keys.encode(room) + "}";
        redis.command(
                "EVAL",
                "local e = redis.call('HGET', KEYS[1], 'e'); redis.call('HSET', KEYS[1], 'o', 2);"
                        + "return redis.call('XADD', KEYS[2], '2-0', 'b', " + batch + ")",
                "2",
                tag + ":m",
                tag + ":s");
        await().until(() -> delivery.offsets(room).equals(List.of(1L, 2L)));
    }

    /** Batches that were published in all of this Redis. */
    private static long publishCalls() {
        return commandStat("xadd", "calls");
    }

    private static long commandStat(String command, String field) {
        return redis.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*[:,]" + field + "=(\\d+).*", "$1")))
                .sum();
    }

    private String stream() {
        return "roomcast:{" + Keys.encode(room) + "}:s";
    }

    private List<Long> historyOffsets() throws Exception {
        HistorySlice slice = bridge.broadcaster()
                .history(room, null, 100_000)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        return slice.messages().stream().map(m -> m.position().offset()).toList();
    }

    private static Message withId(int n) {
        return Message.chat(n).from("one").id(Integer.toString(n));
    }

    private CompletionStage<Position> publish(Message message) {
        return bridge.broadcaster().publish(message.in(room, 1));
    }

    private Subscription subscribe() throws Exception {
        Subscription subscription = bridge.broadcaster().subscribe(room);
        subscription.top().toCompletableFuture().get(10, TimeUnit.SECONDS);
        return subscription;
    }

    private static Position position(CompletionStage<Position> published) throws Exception {
        return published.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static long offset(CompletionStage<Position> published) throws Exception {
        return position(published).offset();
    }

    private static BridgeException refusal(CompletionStage<?> stage) {
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> stage.toCompletableFuture().get(10, TimeUnit.SECONDS));
        return assertInstanceOf(BridgeException.class, failure.getCause());
    }
}

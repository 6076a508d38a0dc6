package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Something else writes to the bridge's channels: that is counted, costs a reading at most, and nobody notices. */
class ForgedTest {

    private static final byte[] CHANNEL = "roomcast:{lobby}:c".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] TO_ALL = "roomcast:all".getBytes(StandardCharsets.US_ASCII);
    private static final int MANY = 500;
    private static final Duration NEVER = Duration.ofHours(1);

    private final RedisServer redis = RedisServer.start();
    private final RedisClient client = RedisClient.create(redis.uri());
    private final StatefulRedisConnection<byte[], byte[]> forger = client.connect(ByteArrayCodec.INSTANCE);
    private RedisBridge bridge;
    private Rooms hub;
    private FakeClient member;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    /** No link is given up however busy the machine is: what is on its way then would not be counted. */
    private void start(Duration check) {
        Timing timing = new Timing(
                Duration.ofSeconds(20),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                check,
                Duration.ofMillis(500),
                Duration.ofSeconds(4),
                Duration.ofSeconds(1));
        bridge = RedisBridge.builder(redis.uri()).timing(timing).build();
        hub = Rooms.builder().bridge(bridge).build();
        member = FakeClient.connect(hub, "one", "lobby");
        member.last("joined");
    }

    @AfterEach
    void close() {
        if (hub != null) {
            hub.close();
        }
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        redis.close();
    }

    @Test
    void garbage_of_any_kind_is_counted_and_nobody_notices() {
        start(NEVER);
        List<byte[]> garbage = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < MANY; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            garbage.add(bytes);
            // The same behind the head of each kind.
            byte[] headed = Arrays.copyOf(bytes, bytes.length + 2);
            headed[0] = Envelope.VERSION;
            headed[1] = (byte) (1 + i % 4);
            garbage.add(headed);
        }
        byte[] whole = Envelope.passing(Message.chat("from the future").in("lobby", 1));
        byte[] future = whole.clone();
        future[0] = Envelope.VERSION + 1;
        garbage.add(future);
        garbage.add(Arrays.copyOf(whole, whole.length - 1));
        garbage.add(news(Envelope.LAST_REVISION + 1, "ghost"));
        garbage.add(
                Envelope.passing(Message.chat("x".repeat(Envelope.MOST_BYTES)).in("lobby", 1)));
        garbage.forEach(this::forge);
        await().until(() -> bridge.unusableEnvelopes() == garbage.size());
        // What is said to all instances at once.
        garbage.subList(0, MANY).forEach(bytes -> forger.sync().publish(TO_ALL, bytes));
        await().until(() -> bridge.unusableEnvelopes() == garbage.size() + MANY);
        assertNobodyNoticed();
    }

    /** Each may cost one reading, and no reading leads to the next. */
    @Test
    void forged_epochs_and_offsets_start_no_loop_of_readings() {
        start(NEVER);
        long before = readings();
        for (int i = 0; i < MANY; i++) {
            forge(batch("forged-" + i % 7, 1 + 1000L * i));
        }
        await().until(() -> bridge.unusableEnvelopes() == MANY);
        assertTrue(readings() - before < 2 * MANY + 100, "one reading each at most");
        assertTheReadingsEnd();
        assertNobodyNoticed();
    }

    @Test
    void forged_revisions_start_no_loop_of_readings() {
        start(NEVER);
        forgeNews();
        assertTheReadingsEnd();
        assertNobodyNoticed();
    }

    /** What is told of the roster behind them has smaller revisions, and must not be taken for old for ever. */
    @Test
    void presence_goes_on_behind_forged_revisions_from_the_next_check_on() {
        start(Duration.ofSeconds(1));
        forgeNews();
        await().until(() -> bridge.unusableEnvelopes() > 0);
        FakeClient two = FakeClient.connect(hub, "two", "lobby");
        two.last("joined");
        await().until(() -> told("user_joined").contains("two"));
        two.closes();
        await().until(() -> told("user_left").contains("two"));
        assertTrue(
                member.frames().stream().noneMatch(frame -> frame.text("userId").equals("ghost")));
    }

    private void forgeNews() {
        long now = System.currentTimeMillis();
        for (int i = 0; i < MANY; i++) {
            forge(news(now + 1_000_000 + 10L * i, "ghost"));
        }
    }

    private void assertNobodyNoticed() {
        member.says("hello");
        member.await("hello", one -> !one.frames("chat").isEmpty());
        assertEquals(
                Set.of("welcome", "joined", "user_joined", "chat"),
                Set.copyOf(member.frames().stream().map(frame -> frame.type()).toList()));
        assertEquals(1, member.frames("chat").size());
    }

    /** What the bridge asks in a second is what it asks in any second: a beat, a check or two. */
    private void assertTheReadingsEnd() {
        await().atMost(20, TimeUnit.SECONDS).until(() -> {
            long before = readings();
            await().pollDelay(1, TimeUnit.SECONDS).until(() -> true);
            return readings() - before < 10;
        });
    }

    private List<String> told(String type) {
        return member.frames(type).stream().map(frame -> frame.text("userId")).toList();
    }

    /** How often Redis was asked for a position, a history or a roster. */
    private long readings() {
        return redis.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:") || line.startsWith("cmdstat_hmget:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^:]*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    private void forge(byte[] envelope) {
        forger.sync().publish(CHANNEL, envelope);
    }

    private static byte[] batch(String epoch, long offset) {
        byte[] message = MessageCodec.encode(Message.chat("forged").in("lobby", 1));
        byte[] name = epoch.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(3 + name.length + 5 * Long.BYTES + 2 + message.length)
                .put(Envelope.VERSION)
                .put(Envelope.BATCH)
                .put((byte) name.length)
                .put(name)
                .putLong(offset)
                .putLong(1)
                .putLong(1)
                .putLong(7)
                .putLong(offset)
                .putShort((short) 1)
                .put(message)
                .array();
    }

    private static byte[] news(long revision, String user) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + 8 + 2 + 8 + 4 + 2 + name.length + 1 + 4)
                .put(Envelope.VERSION)
                .put(Envelope.ROSTER)
                .putLong(revision)
                .put((byte) 1)
                .put((byte) 0)
                .putLong(1)
                .putInt(1)
                .putShort((short) name.length)
                .put(name)
                .put((byte) 0)
                .putInt(0)
                .array();
    }
}

package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.fuzz.Fuzz;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever stands in a room's stream or comes over its channel, members talk on and those who come back are answered. */
class RedisFuzzTest {

    private static final byte[] CHANNEL = "roomcast:{lobby}:c".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STREAM = "roomcast:{lobby}:s".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] INBOXES = "roomcast:all".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FIELD = {'b'};

    private final RedisServer redis = RedisServer.start();
    private final RedisClient client = RedisClient.create(redis.uri());
    private final StatefulRedisConnection<byte[], byte[]> forger = client.connect(ByteArrayCodec.INSTANCE);
    private Rooms hub;
    private FakeClient member;
    private int count;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        hub = Rooms.builder()
                .bridge(RedisBridge.connect(redis.uri()))
                .rate(new Rate(1_000_000, 1_000_000))
                .build();
        member = FakeClient.connect(hub, "one", "lobby");
        member.last("joined");
    }

    @AfterEach
    void close() {
        hub.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        redis.close();
    }

    @Test
    void what_comes_over_a_channel_stops_nobody() {
        new Fuzz(RedisFuzzTest.class, "envelope").run(40, RedisFuzzTest::envelope, input -> {
            if (!isReadable(input)) {
                return;
            }
            forger.sync().publish(CHANNEL, input);
            forger.sync().publish(INBOXES, input);
            talksOn();
        });
    }

    @Test
    void what_stands_in_a_stream_stops_nobody() {
        new Fuzz(RedisFuzzTest.class, "envelope").run(40, RedisFuzzTest::envelope, input -> {
            if (!isReadable(input)) {
                return;
            }
            Received last = talksOn();
            long offset = last.number("offset");
            forger.sync().del(STREAM);
            forger.sync().xadd(STREAM, new XAddArgs().id(offset + "-0"), Map.of(FIELD, input));
            FakeClient back = FakeClient.connect(hub, "back");
            back.sends("{\"type\":\"join\",\"room\":\"lobby\",\"epoch\":\"" + last.text("epoch") + "\",\"offset\":"
                    + (offset - 1) + "}");
            back.last("joined");
            back.closes();
            talksOn();
        });
    }

    /**
     * Whether clients can read what it leads to. Who may write to Redis is trusted as an instance is, so content is passed on as
     * it comes; a client that cannot read it gives its connection up, and this one is no such client.
     */
    private static boolean isReadable(byte[] input) {
        try {
            Envelope envelope = Envelope.parse(input, EnvelopeInput.ROOM);
            List<Message> messages = envelope instanceof Envelope.Batch batch
                    ? batch.messages()
                    : envelope instanceof Envelope.Passing passing ? List.of(passing.message()) : List.of();
            messages.forEach(message -> Content.ofJson(message.content().json()));
            return true;
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            // What is no envelope goes to the bridge all the same; content that is no JSON does not.
            return !isEnvelope(input);
        }
    }

    private static boolean isEnvelope(byte[] input) {
        try {
            return Envelope.parse(input, EnvelopeInput.ROOM) != null;
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return false;
        }
    }

    private static byte[] envelope(Random random) {
        return new EnvelopeInput(random).envelope();
    }

    /** The member says something and hears it. */
    private Received talksOn() {
        member.forget();
        String text = "message " + count++;
        member.says(text);
        member.await(text, one -> !said(one, text).isEmpty());
        assertTrue(member.closeCode().isEmpty());
        return said(member, text).get(0);
    }

    private static List<Received> said(FakeClient client, String text) {
        return client.frames("chat").stream()
                .filter(frame -> frame.text("content").equals(text))
                .toList();
    }
}

package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.testkit.RedisServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever fails once, also with an error, is tried again and harms nothing else. */
class BeatsTest {

    private static final String LEASES = "roomcast:{*}:l";

    private final RecordingDelivery delivery = new RecordingDelivery();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean clockFails;
    private RedisServer redis;
    private RedisBridge bridge;

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start();
        bridge = RedisBridge.builder(redis.uri())
                .timing(Instances.QUICK)
                .clock(this::now)
                .build();
        bridge.start(new Bridge.Context(failing(), new ManualTime(), room -> HistoryLimits.DEFAULT));
    }

    @AfterEach
    void stop() {
        clockFails = false;
        bridge.close();
        redis.close();
    }

    private String now() {
        if (clockFails) {
            failures.incrementAndGet();
            throw new StackOverflowError("the clock");
        }
        return "";
    }

    /** What it is given of a message with the text "fails" it does not take at the first time. */
    private Delivery failing() {
        return (Delivery) Proxy.newProxyInstance(
                Delivery.class.getClassLoader(), new Class<?>[] {Delivery.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("append")
                            && arguments[0] instanceof Message message
                            && message.content().json().contains("fails")
                            && failures.getAndIncrement() == 0) {
                        throw new StackOverflowError("the delivery");
                    }
                    try {
                        return method.invoke(delivery, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The others would bury an instance that says no more that it lives. */
    @Test
    void a_lease_is_renewed_after_a_beat_that_failed() {
        await().until(() -> redis.command("ZCARD", LEASES).strip().equals("1"));
        clockFails = true;
        await().until(() -> failures.get() > 0);
        clockFails = false;
        String before = redis.command("ZRANGE", LEASES, "0", "-1", "WITHSCORES");
        await().until(() ->
                !redis.command("ZRANGE", LEASES, "0", "-1", "WITHSCORES").equals(before));
    }

    @Test
    void a_message_that_could_not_be_delivered_is_delivered_once_and_in_its_order_and_other_rooms_go_on()
            throws Exception {
        try (Subscription one = bridge.broadcaster().subscribe("one");
                Subscription two = bridge.broadcaster().subscribe("two")) {
            done(one.top());
            done(two.top());
            List<String> connections = connections();
            publish("one", "first");
            publish("one", "fails");
            publish("two", "other");
            publish("one", "last");
            await().until(() -> delivery.messages("one").size() == 3
                    && delivery.messages("two").size() == 1);
            assertEquals(List.of(1L, 2L, 3L), delivery.offsets("one"));
            assertEquals(List.of(), delivery.losses());
            assertEquals(connections, connections());
        }
    }

    /** The ids of those that listen. */
    private List<String> connections() {
        return redis.command("CLIENT", "LIST", "TYPE", "pubsub")
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    private void publish(String room, String text) throws Exception {
        done(bridge.broadcaster().publish(Message.chat(text).in(room, 1)));
    }

    private static <T> T done(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}

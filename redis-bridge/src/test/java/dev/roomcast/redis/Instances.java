package dev.roomcast.redis;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;

import dev.roomcast.Rooms;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several hubs in one JVM on one Redis, with clients in some rooms and threads that publish as fast as they are answered.
 * Remembers what was acknowledged, what was refused, and which gaps were told.
 */
final class Instances implements AutoCloseable {

    static final List<String> ROOMS = List.of("red", "green ü/%", "blue");
    private static final int CLIENTS_PER_ROOM = 2;
    private static final int IN_FLIGHT = 64;

    /** What a client was told to be missing. */
    record Gap(Position after, Position resumed) {

        static Gap of(Received frame) {
            Map<?, ?> lost = (Map<?, ?>) frame.get("lost");
            return new Gap(
                    new Position((String) lost.get("epoch"), ((Number) lost.get("after")).longValue()),
                    new Position(frame.text("epoch"), frame.number("offset")));
        }
    }

    /** A client, and where it is. */
    record Member(int instance, String room, FakeClient client) {

        List<Gap> gaps() {
            return client.frames("gap").stream().map(Gap::of).toList();
        }
    }

    final List<Member> members = new ArrayList<>();

    /** By content, which is unique. */
    final Map<String, Position> acknowledged = new ConcurrentHashMap<>();

    /** Refused for good: these are delivered to nobody. */
    final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** Refused because Redis was away: these may have come through. */
    final Set<String> unavailable = ConcurrentHashMap.newKeySet();

    private final List<Rooms> hubs = new ArrayList<>();
    private final List<Thread> publishers = new ArrayList<>();
    private volatile boolean publishing;
    private final AtomicInteger broken = new AtomicInteger();

    Instances(RedisServer redis, int count, HistoryLimits history) {
        Timing timing = new Timing(
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1));
        for (int i = 0; i < count; i++) {
            hubs.add(Rooms.builder()
                    .bridge(RedisBridge.builder(redis.uri()).timing(timing).build())
                    .history(history)
                    .build());
            for (String room : ROOMS) {
                for (int c = 0; c < CLIENTS_PER_ROOM; c++) {
                    FakeClient client = FakeClient.connect(hubs.get(i), "user-" + i + "-" + c, room);
                    client.last("joined");
                    members.add(new Member(i, room, client));
                }
            }
        }
    }

    /** What all clients together were told to be missing. */
    List<Gap> gaps() {
        return members.stream().flatMap(member -> member.gaps().stream()).toList();
    }

    /** Publishes on all instances until told to stop. */
    void startPublishing() {
        publishing = true;
        for (int i = 0; i < hubs.size(); i++) {
            int instance = i;
            Thread publisher = new Thread(() -> publish(instance), "publisher-" + i);
            publisher.start();
            publishers.add(publisher);
        }
    }

    /** Waits until so many more messages were acknowledged, however slow the machine is. */
    void work(int messages) {
        int enough = acknowledged.size() + messages;
        await().atMost(40, TimeUnit.SECONDS).until(() -> acknowledged.size() >= enough);
    }

    /** Stops, and waits until the last messages have reached everyone. */
    void stopPublishing() throws InterruptedException {
        publishing = false;
        for (Thread publisher : publishers) {
            publisher.join(TimeUnit.SECONDS.toMillis(20));
        }
        if (broken.get() > 0) {
            throw new AssertionError("a publisher failed");
        }
        for (String room : ROOMS) {
            String end = "end of " + room;
            Position position = hubs.get(0)
                    .room(room)
                    .publish(Message.chat(end))
                    .toCompletableFuture()
                    .join();
            acknowledged.put(end, position);
            for (Member member : members) {
                if (member.room.equals(room)) {
                    member.client.await(
                            end,
                            client -> client.frames().stream()
                                    .anyMatch(frame -> frame.text("content").equals(end)));
                    assertThat(member.client).isOpen();
                }
            }
        }
    }

    private void publish(int instance) {
        Semaphore free = new Semaphore(IN_FLIGHT);
        try {
            for (int n = 0; publishing; n++) {
                free.acquire();
                String content = instance + "-" + n;
                Message message = Message.chat(content).from("user-" + instance);
                hubs.get(instance)
                        .room(ROOMS.get(n % ROOMS.size()))
                        .publish(n % 4 == 0 ? message.id(content) : message)
                        .whenComplete((position, failure) -> {
                            note(content, position, failure);
                            free.release();
                        });
            }
            if (!free.tryAcquire(IN_FLIGHT, 20, TimeUnit.SECONDS)) {
                throw new AssertionError("a message was neither acknowledged nor refused");
            }
        } catch (InterruptedException | RuntimeException | AssertionError e) {
            broken.incrementAndGet();
            throw new IllegalStateException("a publisher failed", e);
        }
    }

    private void note(String content, Position position, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause == null) {
            acknowledged.put(content, position);
        } else if (cause instanceof BridgeException refusal
                && refusal.reason() == BridgeException.Reason.TOO_MANY_IDS) {
            refused.add(content);
        } else {
            unavailable.add(content);
        }
    }

    @Override
    public void close() {
        publishing = false;
        publishers.forEach(Thread::interrupt);
        hubs.forEach(Rooms::close);
    }
}

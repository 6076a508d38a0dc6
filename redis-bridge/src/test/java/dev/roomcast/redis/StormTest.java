package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All clients of two instances come back at once, each to its own place on either instance, while messages are said.
 * Redis is asked for a room's history by each instance, not for each client.
 */
@Timeout(180)
class StormTest {

    /** One for the first who asks, and one that reaches further back for all others. */
    private static final int MOST_READINGS = 2;

    /** Different places at which clients are lost. */
    private static final int PLACES = 20;

    /** Of those who come back, after how many something is said in a room. */
    private static final int SAID_EVERY = 20;

    /** Nothing is read but for those who come back, and nobody is taken for dead however busy the machine is. */
    private static final Timing PATIENT = new Timing(
            Duration.ofSeconds(30),
            Duration.ofMillis(200),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Duration.ofSeconds(1));

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final List<CountingBridge> bridges = new ArrayList<>();
    private final List<Rooms> hubs = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        RedisServer.assumeAvailable();
        redis = RedisServer.start();
        for (int i = 0; i < 2; i++) {
            CountingBridge bridge = new CountingBridge(
                    RedisBridge.builder(redis.uri()).timing(PATIENT).build());
            bridges.add(bridge);
            hubs.add(Rooms.builder()
                    .bridge(bridge)
                    .heartbeat(Duration.ofHours(1))
                    .handshakes(new Rate(1e6, 1_000_000))
                    .history(new HistoryLimits(2_000, Duration.ofMinutes(5), 8 << 20))
                    .limit(Limit.PRESENCE_MEMBERS, 0)
                    .limit(Limit.GRACE, 120_000)
                    .limit(Limit.SHUTDOWN_DEADLINE, 0)
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
    void five_hundred_that_come_back_read_each_rooms_history_once_or_twice_on_each_instance() throws Exception {
        comeBack(500, 2);
    }

    @Test
    @Tag("faults")
    void ten_thousand_that_come_back_read_each_rooms_history_once_or_twice_on_each_instance() throws Exception {
        comeBack(10_000, 10);
    }

    private void comeBack(int clients, int roomCount) throws Exception {
        List<String> rooms =
                IntStream.range(0, roomCount).mapToObj(i -> "room " + i).toList();
        List<ReturningMember> lost = lose(clients, rooms);
        Collections.shuffle(lost, new Random(7));
        bridges.forEach(CountingBridge::takeReadings);
        long start = System.nanoTime();
        List<ReturningMember> back = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(hubs.size());
        List<Thread> storms = IntStream.range(0, hubs.size())
                .mapToObj(hub -> new Thread(() -> {
                    for (int i = hub; i < clients; i += hubs.size()) {
                        back.add(lost.get(i).comesBackTo(hubs.get(hub)));
                        if (i % SAID_EVERY == hub) {
                            hubs.get(hub)
                                    .room(rooms.get(i / SAID_EVERY % roomCount))
                                    .broadcast(Message.chat(i));
                        }
                    }
                    done.countDown();
                }))
                .toList();
        storms.forEach(Thread::start);
        done.await();
        await().atMost(Duration.ofMinutes(2))
                .until(() -> back.stream().allMatch(ReturningMember::isIn) || !faults.isEmpty());
        for (String room : rooms) {
            long top = say(room, "the last");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> back.stream().allMatch(one -> !one.room().equals(room) || one.offset() == top)
                            || !faults.isEmpty());
        }
        assertEquals(List.of(), faults.stream().limit(5).toList());
        List<Map<String, Integer>> readings =
                bridges.stream().map(CountingBridge::takeReadings).toList();
        System.out.printf(
                "%d clients came back to %d rooms on %d instances in %d ms: readings %s%n",
                clients, roomCount, hubs.size(), (System.nanoTime() - start) / 1_000_000, readings);
        for (Map<String, Integer> ofOne : readings) {
            assertTrue(ofOne.values().stream().allMatch(count -> count <= MOST_READINGS), "readings: " + readings);
        }
    }

    /** Clients that have been in a room, spread over instances and rooms, and were lost at places of their own. */
    private List<ReturningMember> lose(int clients, List<String> rooms) throws Exception {
        List<ReturningMember> members = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            members.add(ReturningMember.connect(
                    hubs.get(i % hubs.size()), "user " + i, rooms.get(i % rooms.size()), faults));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> members.stream().allMatch(ReturningMember::isIn));
        for (int place = 0; place < PLACES; place++) {
            List<ReturningMember> next = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                if (i / rooms.size() % PLACES == place) {
                    next.add(members.get(i));
                }
            }
            for (String room : rooms) {
                say(room, place);
            }
            long top = place + 1L;
            await().until(() -> next.stream().allMatch(member -> member.offset() == top));
            next.forEach(ReturningMember::vanishes);
        }
        return members;
    }

    private long say(String room, Object content) throws Exception {
        return hubs.get(0)
                .room(room)
                .publish(Message.chat(content))
                .toCompletableFuture()
                .get(60, java.util.concurrent.TimeUnit.SECONDS)
                .offset();
    }
}

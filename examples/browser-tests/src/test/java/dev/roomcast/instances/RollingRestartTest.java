package dev.roomcast.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.instances.Watched.Absence;
import dev.roomcast.jakarta.behaviour.SeenRoom;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three instances behind one address are replaced one after the other while clients talk: each is drained, and its clients
 * come back to the others at moments of their own. Nobody sees more of it than a moment's silence. With
 * {@code ROOMCAST_THOROUGH=true} there are 200 clients, and each drain takes seconds.
 */
@Timeout(180)
class RollingRestartTest {

    private static final boolean THOROUGH = Boolean.parseBoolean(System.getenv("ROOMCAST_THOROUGH"));
    private static final int CLIENTS = THOROUGH ? 200 : 30;
    private static final Duration GRACE = Duration.ofMillis(THOROUGH ? 5_000 : 1_000);
    private static final int INSTANCES = 3;
    private static final String ROOM = "lobby";
    private static final int PAUSE_MILLIS = 20;

    /** Of all who come back, the most in one tenth of the grace. A short one may be passed while a busy machine stands still. */
    private static final double MOST_AT_ONCE = THOROUGH ? 0.3 : 0.5;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final ScheduledExecutorService talking = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService listening = Executors.newFixedThreadPool(4);
    private final HttpClient http = HttpClient.newHttpClient();

    /** Outcomes of what was sent, by content; put down by the thread that talks. */
    private final Map<String, CompletableFuture<Position>> sends = new LinkedHashMap<>();

    private final Instance[] instances = new Instance[INSTANCES];
    private final List<Watched> clients = new ArrayList<>();
    private RedisServer redis;
    private Balancer balancer;
    private FakeClient witness;

    @BeforeEach
    void start() {
        RedisServer.assumeAvailable();
        redis = closedAfter(RedisServer.start());
        Rooms outside = closedAfter(Instance.hub(redis.uri()));
        balancer = closedAfter(new Balancer(INSTANCES));
        for (int i = 0; i < INSTANCES; i++) {
            int number = i;
            startInstance(i);
            open.push(() -> instances[number].close());
        }
        witness = FakeClient.connect(outside, "witness", ROOM);
        witness.last("joined");
        URI address = URI.create("ws://127.0.0.1:" + balancer.network().port() + "/rooms");
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(closedAfter(new Watched(
                    RoomcastClient.connect(address)
                            .httpClient(http)
                            .executor(listening)
                            .backoff(Duration.ofMillis(20), Duration.ofMillis(500)),
                    "user " + i,
                    ROOM)));
        }
    }

    private void startInstance(int number) {
        instances[number] = Instance.start(redis.uri(), 0);
        balancer.up(number, instances[number].port());
    }

    @AfterEach
    void stop() throws Exception {
        talking.shutdownNow();
        for (AutoCloseable each : open) {
            each.close();
        }
        listening.shutdown();
    }

    private <T extends AutoCloseable> T closedAfter(T each) {
        open.push(each);
        return each;
    }

    @Test
    void nobody_sees_more_of_a_rolling_restart_than_a_moments_silence() throws Exception {
        Set<String> everyone = new TreeSet<>(Set.of("witness"));
        for (int i = 0; i < CLIENTS; i++) {
            everyone.add("user " + i);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> clients.stream()
                        .allMatch(client -> client.room().members().keySet().equals(everyone)));
        clients.forEach(Watched::starts);
        clients.forEach(client -> client.expects(everyone));
        witness.forget();

        ScheduledFuture<?> talk = talking.scheduleAtFixedRate(this::talk, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        int[] tenths = new int[11];
        for (int i = 0; i < INSTANCES; i++) {
            restart(i, tenths);
        }
        talk.cancel(false);
        talking.submit(() -> {}).get();
        for (CompletableFuture<Position> outcome : sends.values()) {
            outcome.get(30, TimeUnit.SECONDS);
        }
        String end = "the end";
        sends.put(
                end,
                CompletableFuture.completedFuture(
                        clients.get(0).room().send(end).toCompletableFuture().get(30, TimeUnit.SECONDS)));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> clients.stream().allMatch(client -> client.seen.hasSeen(end)));

        report(tenths);
        check();
        int back = Arrays.stream(tenths).sum();
        assertTrue(back >= CLIENTS, () -> back + " came back");
        assertTrue(
                Arrays.stream(tenths).allMatch(count -> count <= back * MOST_AT_ONCE),
                () -> "comebacks by tenths of the grace: " + Arrays.toString(tenths));
    }

    /** On the one thread that puts sends down. */
    private void talk() {
        String content = "message " + sends.size();
        sends.put(
                content,
                clients.get(sends.size() * 7 % CLIENTS).room().send(content).toCompletableFuture());
    }

    /** Replaces an instance, and puts down when in its grace clients came back; the eleventh stands for later. */
    private void restart(int number, int[] tenths) throws Exception {
        int connections = instances[number].rooms().stats().connections();
        int before = comebacks();
        balancer.down(number);
        long start = System.nanoTime();
        instances[number].drain(GRACE);
        await().atMost(Duration.ofSeconds(30)).until(() -> comebacks() >= before + connections);
        for (Watched client : clients) {
            for (Absence absence : client.absences) {
                if (absence.backAt() >= start) {
                    tenths[(int) Math.min(10, (absence.backAt() - start) * 10 / GRACE.toNanos())]++;
                }
            }
        }
        startInstance(number);
    }

    private int comebacks() {
        return clients.stream().mapToInt(client -> client.absences.size()).sum();
    }

    private void check() {
        witness.await("the end", now -> now.frames("chat").size() >= sends.size());
        Map<Position, String> truth = new LinkedHashMap<>();
        for (Received frame : witness.frames("chat")) {
            truth.put(new Position(frame.text("epoch"), frame.number("offset")), frame.text("content"));
        }
        assertEquals(List.of(), SeenRoom.doubles(truth));
        assertEquals(sends.size(), truth.size(), "messages in the room");
        sends.forEach(
                (content, outcome) -> assertEquals(content, truth.get(outcome.join()), "at the place of its ack"));
        for (Watched client : clients) {
            List<SeenRoom.Event> events = client.seen.events();
            assertEquals(List.of(), SeenRoom.faults(client.start(), events, truth));
            assertEquals(truth.size(), events.size());
            assertEquals(List.of(), List.copyOf(client.flicker()));
        }
        assertEquals(List.of(), witness.frames("user_left"));
        assertEquals(List.of(), witness.frames("user_joined"));
        assertEquals(List.of(), witness.frames("gap"));
    }

    private void report(int[] tenths) throws IOException {
        StringBuilder text = new StringBuilder();
        long longest = clients.stream().mapToLong(Watched::longestAbsence).max().orElse(0);
        text.append(String.format(
                "%d instances replaced under %d clients, grace %d ms: %d messages, %d comebacks, longest absence %d ms%n",
                INSTANCES,
                CLIENTS,
                GRACE.toMillis(),
                sends.size(),
                Arrays.stream(tenths).sum(),
                longest));
        for (int i = 0; i < tenths.length; i++) {
            String tenth = i < 10 ? (i + 1) + "0 %" : "later";
            text.append(String.format("%7s of the grace %4d %s%n", tenth, tenths[i], "#".repeat(tenths[i])));
        }
        System.out.print(text);
        Files.writeString(Path.of("target", "rolling-restart.txt"), text);
    }
}

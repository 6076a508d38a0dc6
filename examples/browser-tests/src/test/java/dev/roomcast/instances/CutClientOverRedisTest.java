package dev.roomcast.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.jakarta.behaviour.CuttingProxy;
import dev.roomcast.jakarta.behaviour.SeenRoom;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A client that is cut again and again at random moments, without a close, and lands on the other instance each time, while it
 * talks and five others do; now and then an instance is killed, or Redis. What anyone sees has no hole that it was not told of,
 * and what is said is said once. {@code ROOMCAST_CUTS} sets how often, {@code ROOMCAST_SEED} repeats the moments of a run.
 */
@Timeout(1_800)
class CutClientOverRedisTest {

    private static final int CUTS = Integer.parseInt(System.getenv().getOrDefault("ROOMCAST_CUTS", "12"));
    private static final long SEED =
            Long.parseLong(System.getenv().getOrDefault("ROOMCAST_SEED", Long.toString(System.nanoTime())));
    private static final String ROOM = "lobby";
    private static final int OTHERS = 5;

    /** Longest lives of connections, by turns: some are not joined when they are cut, some are live. */
    private static final int[] MOST_MILLIS = {20, 100, 300};

    /** A user may have 4096 ids in a room within five minutes; short runs may be faster than long ones. */
    private static final int PAUSE_MILLIS = CUTS > 100 ? 75 : 20;

    /** After so many cuts an instance is killed, the first time after some; and so with Redis. */
    private static final int KILL_EVERY = 16;

    private static final int KILL_FIRST = 3;
    private static final int REDIS_EVERY = 32;
    private static final int REDIS_FIRST = 8;

    /** Every few cuts the client is away for a while, so that what was missed comes in several frames, and is cut in there. */
    private static final int AWAY_EVERY = 5;

    /** Longer than the client takes to find out that nobody answers any more, the slowest of its ways to learn of a loss. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int AWAY_MILLIS = 400;
    private static final int MOST_BYTES = 400_000;
    private static final String PADDING = "x".repeat(1000);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ScheduledExecutorService talking = Executors.newSingleThreadScheduledExecutor();

    /** The one that is cut comes first. */
    private final List<Watched> clients = new ArrayList<>();

    /** Outcomes of what was sent, by content; put down by the thread that talks. */
    private final Map<String, CompletableFuture<Position>> sends = new LinkedHashMap<>();

    private Faults faults;
    private FakeClient witness;

    @BeforeEach
    void start() throws InterruptedException {
        RedisServer.assumeAvailable();
        faults = closedAfter(new Faults());
        Rooms outside = closedAfter(Instance.hub(faults.redis()));
        witness = FakeClient.connect(outside, "witness", ROOM);
        witness.last("joined");
        clients.add(client(faults.cutWay(), "cut"));
        for (int i = 0; i < OTHERS; i++) {
            clients.add(client(faults.calmWay(), "other" + i));
        }
    }

    @AfterEach
    void stop() throws Exception {
        talking.shutdownNow();
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void nothing_is_lost_untold_doubled_or_out_of_order() throws Exception {
        Set<String> everyone = new TreeSet<>(Set.of("witness", "cut"));
        for (int i = 0; i < OTHERS; i++) {
            everyone.add("other" + i);
        }
        awaitMembers(everyone);
        clients.forEach(Watched::starts);

        cutWhileAllTalk();

        String end = "the end";
        sends.put(
                end, CompletableFuture.completedFuture(get(clients.get(1).room().send(end))));
        await().atMost(PATIENCE).until(() -> clients.stream().allMatch(client -> client.seen.hasSeen(end)));
        awaitSeenByWitness(end);
        check();
        awaitMembers(everyone);
        int recovered = clients.get(0).seen.recovered();
        report(recovered);
        assertTrue(recovered >= CUTS / 10, "recovered " + recovered + " times; seed " + SEED);
    }

    /** Each cut a random time after the connection before it was made, so also in a handshake or a recovery. */
    private void cutWhileAllTalk() throws Exception {
        ScheduledFuture<?> talk =
                talking.scheduleAtFixedRate(() -> clients.forEach(this::talk), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        Random random = new Random(SEED);
        CuttingProxy network = faults.cutWay().network();
        for (int cut = 0; cut < CUTS; cut++) {
            int before = network.accepted();
            if (cut % KILL_EVERY == KILL_FIRST) {
                faults.killInstance(cut + KILL_EVERY < CUTS);
            }
            if (cut % REDIS_EVERY == REDIS_FIRST) {
                faults.killRedis();
            }
            if (cut % AWAY_EVERY == 0) {
                network.refuse(true);
                network.cut();
                network.cutAfter(random.nextInt(MOST_BYTES));
                get(after(AWAY_MILLIS, () -> network.refuse(false)));
                await().atMost(PATIENCE).until(() -> !network.isToCut());
            } else {
                get(after(random.nextInt(MOST_MILLIS[cut % MOST_MILLIS.length]), network::cut));
            }
            await().pollInterval(Duration.ofMillis(1))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertTrue(
                            network.accepted() > before, () -> clients.get(0).story()));
        }
        faults.awaitEnd();
        talk.cancel(false);
        get(after(0, () -> {}));
        for (CompletableFuture<Position> outcome : List.copyOf(sends.values())) {
            get(outcome);
        }
    }

    private void check() {
        Map<Position, String> truth = new LinkedHashMap<>();
        for (Received frame : witness.frames("chat")) {
            truth.put(new Position(frame.text("epoch"), frame.number("offset")), frame.text("content"));
        }
        // Where the witness itself was told a gap, others may know what was said there.
        for (Watched client : clients) {
            assertEquals(List.of(), SeenRoom.collect(client.seen.events(), truth), "seed " + SEED);
        }
        assertEquals(List.of(), SeenRoom.doubles(truth), "seed " + SEED);
        for (Watched client : clients) {
            assertEquals(
                    List.of(),
                    SeenRoom.faults(client.start(), client.seen.events(), truth),
                    () -> client + ", seed " + SEED);
            long gaps = client.gaps();
            // One for each new epoch, and seldom two, for who changes the instance meanwhile.
            assertTrue(gaps <= 2L * faults.killedRedis(), () -> client + " was told " + gaps + " gaps; seed " + SEED);
        }
        sends.forEach((content, outcome) ->
                assertEquals(content, truth.get(outcome.join()), "at the place of its ack; seed " + SEED));
        assertEquals(sends.size(), truth.size(), "messages in the room; seed " + SEED);
    }

    private void report(int recovered) throws IOException {
        String text = String.format(
                "%d cuts of the Java client over two instances: recovered %d times, %d gaps; %d instances and %d times Redis"
                        + " killed, %d messages, all acknowledged; of the others the longest was away for %d ms; seed %d%n",
                CUTS,
                recovered,
                clients.get(0).gaps(),
                faults.killedInstances(),
                faults.killedRedis(),
                sends.size(),
                clients.stream()
                        .skip(1)
                        .mapToLong(Watched::longestAbsence)
                        .max()
                        .orElse(0),
                SEED);
        System.out.print(text);
        Files.writeString(Path.of("target", "cuts-over-redis.txt"), text);
    }

    private void awaitSeenByWitness(String content) {
        await().atMost(PATIENCE).until(() -> {
            List<Received> chats = witness.frames("chat");
            return !chats.isEmpty()
                    && chats.get(chats.size() - 1).text("content").equals(content);
        });
    }

    private void awaitMembers(Set<String> everyone) {
        for (Watched client : clients) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertEquals(everyone, client.room().members().keySet()));
        }
    }

    private CompletableFuture<Void> after(int millis, Runnable task) {
        return CompletableFuture.runAsync(
                task, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, talking));
    }

    /** On the one thread that puts sends down. */
    private void talk(Watched client) {
        String content = sends.size() + " " + PADDING;
        sends.put(content, client.room().send(content).toCompletableFuture());
    }

    private Watched client(Balancer way, String user) {
        URI address = URI.create("ws://127.0.0.1:" + way.network().port() + "/rooms");
        return closedAfter(new Watched(
                RoomcastClient.connect(address)
                        .backoff(Duration.ofMillis(1), Duration.ofMillis(10))
                        .unacknowledged(100_000),
                user,
                ROOM));
    }

    private <T extends AutoCloseable> T closedAfter(T opened) {
        open.add(opened);
        return opened;
    }

    private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}

package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A client that is cut again and again at random moments, without a close, while it talks and five others do: what it sees has
 * no hole that it was not told of, and what it says is said once. {@code ROOMCAST_CUTS} sets how often, {@code ROOMCAST_SEED}
 * repeats the moments of a run.
 */
class CutClientTest {

    private static final int CUTS = Integer.parseInt(System.getenv().getOrDefault("ROOMCAST_CUTS", "40"));
    private static final long SEED =
            Long.parseLong(System.getenv().getOrDefault("ROOMCAST_SEED", Long.toString(System.nanoTime())));
    private static final String ROOM = "lobby";
    private static final int OTHERS = 5;

    /** Longest lives of connections, by turns: some are not joined when they are cut, some are live. */
    private static final int[] MOST_MILLIS = {20, 100, 300};

    /** A user may have 4096 ids in a room within five minutes; short runs may be faster than long ones. */
    private static final int PAUSE_MILLIS = CUTS > 100 ? 75 : 20;

    /** Every few cuts the network is away for a while, so that what was missed comes in several frames, and is cut in there. */
    private static final int AWAY_EVERY = 5;

    private static final int AWAY_MILLIS = 400;
    private static final int MOST_BYTES = 400_000;
    private static final String PADDING = "x".repeat(1000);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(1);

    /** Outcomes of what was sent, by content. */
    private final Map<String, CompletableFuture<Position>> sends = new LinkedHashMap<>();

    @AfterEach
    void closeAll() throws Exception {
        threads.shutdownNow();
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    @Timeout(580)
    void nothing_is_lost_doubled_or_out_of_order() throws Exception {
        Site site = open(Site.open(hub -> hub.history(new HistoryLimits(4096, Duration.ofMinutes(5), 16 << 20))));
        CuttingProxy network = open(new CuttingProxy(site::port));
        SeenRoom seen = new SeenRoom();
        RoomcastClient client = client(network.port(), "cut", seen);
        ClientRoom room = client.join(ROOM);
        get(room.joined());
        Position start = room.position().orElseThrow();
        FakeClient witness = FakeClient.connect(site.rooms(), "witness", ROOM);
        List<ClientRoom> talkers = new ArrayList<>(List.of(room));
        for (int i = 0; i < OTHERS; i++) {
            talkers.add(client(site.port(), "other" + i, new SeenRoom()).join(ROOM));
        }

        cutWhileAllTalk(network, talkers);

        String end = "the end";
        sends.put(end, CompletableFuture.completedFuture(get(talkers.get(1).send(end))));
        await().atMost(Duration.ofSeconds(30)).until(() -> seen.hasSeen(end));
        Map<Position, String> truth = new LinkedHashMap<>();
        witness.await(
                "the end",
                w -> w.frames("chat").stream().anyMatch(f -> f.text("content").equals(end)));
        witness.frames("chat")
                .forEach(frame ->
                        truth.put(new Position(frame.text("epoch"), frame.number("offset")), frame.text("content")));
        assertEquals(List.of(), SeenRoom.faults(start, seen.events(), truth), "seed " + SEED);
        assertEquals(List.of(), SeenRoom.doubles(truth), "seed " + SEED);
        sends.forEach((content, outcome) ->
                assertEquals(content, truth.get(outcome.join()), "at the place of its ack; seed " + SEED));
        assertEquals(sends.size(), truth.size(), "messages in the room; seed " + SEED);
        Set<String> all = Set.of("cut", "witness", "other0", "other1", "other2", "other3", "other4");
        await().untilAsserted(() -> assertEquals(all, room.members().keySet()));
        assertTrue(seen.recovered() >= CUTS / 10, "recovered " + seen.recovered() + " times; seed " + SEED);
        System.out.println(CUTS + " cuts of the Java client: recovered " + seen.recovered() + " times, "
                + seen.events().stream().filter(SeenRoom.Event::isGap).count() + " gaps, " + truth.size()
                + " messages, " + sends.size() + " acknowledged; seed " + SEED);
    }

    /** Each cut a random time after the connection before it was made, so also in a handshake or a recovery. */
    private void cutWhileAllTalk(CuttingProxy network, List<ClientRoom> talkers) throws Exception {
        var talking =
                threads.scheduleAtFixedRate(() -> talkers.forEach(this::talk), 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        Random random = new Random(SEED);
        for (int cut = 0; cut < CUTS; cut++) {
            int before = network.accepted();
            if (cut % AWAY_EVERY == 0) {
                network.refuse(true);
                network.cut();
                network.cutAfter(random.nextInt(MOST_BYTES));
                get(after(AWAY_MILLIS, () -> network.refuse(false)));
                await().atMost(Duration.ofSeconds(30)).until(() -> !network.isToCut());
            } else {
                get(after(random.nextInt(MOST_MILLIS[cut % MOST_MILLIS.length]), network::cut));
            }
            await().pollInterval(Duration.ofMillis(1))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> network.accepted() > before);
        }
        talking.cancel(false);
        get(after(0, () -> {}));
        for (CompletableFuture<Position> outcome : List.copyOf(sends.values())) {
            get(outcome);
        }
    }

    private CompletableFuture<Void> after(int millis, Runnable task) {
        return CompletableFuture.runAsync(
                task, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, threads));
    }

    /** On the one thread that puts sends down. */
    private void talk(ClientRoom room) {
        String content = sends.size() + " " + PADDING;
        sends.put(content, room.send(content).toCompletableFuture());
    }

    private RoomcastClient client(int port, String user, SeenRoom seen) {
        return open(RoomcastClient.connect(URI.create("ws://127.0.0.1:" + port + "/rooms"))
                .user(user)
                .backoff(Duration.ofMillis(1), Duration.ofMillis(10))
                .unacknowledged(100_000)
                .listener(seen)
                .open());
    }

    private <T extends AutoCloseable> T open(T opened) {
        open.add(opened);
        return opened;
    }

    private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}

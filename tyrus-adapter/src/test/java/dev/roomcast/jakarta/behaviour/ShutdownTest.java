package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A hub that closes tells every client so; a server that closes leaves nothing running. */
class ShutdownTest {

    @Test
    void every_client_is_told_1001_and_no_thread_is_left() {
        Set<Thread> before = threads();
        Site site = Site.open();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(RawClient.connect(site.port(), "room=room" + i % 5 + "&user=user" + i));
        }
        clients.forEach(client -> client.nextContaining("user_joined"));
        site.rooms().close();
        clients.forEach(client -> assertEquals(1001, client.expectClose()));
        assertEquals(0, site.stats().connections());
        site.rooms().close();
        site.server().close();
        site.server().close();
        await().untilAsserted(() -> assertEquals(Set.of(), newSince(before)));
        clients.forEach(RawClient::close);
    }

    @Test
    void a_client_that_does_not_read_holds_up_nobody_for_long() {
        Site site = Site.open(hub -> hub.limit(Limit.SHUTDOWN_DEADLINE, 500));
        RawClient deaf = RawClient.dialNarrow(site.port()).upgrade("room=lobby&user=deaf");
        try (PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
            String large = "x".repeat(60_000);
            // Until the socket of the deaf one is full and a write is in flight.
            for (int i = 0; i < 15; i++) {
                ann.say(large);
                ann.next("chat");
            }
        }
        long start = System.nanoTime();
        site.close();
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(10).toNanos());
        assertEquals(0, site.stats().connections());
        await().until(deaf::isCut);
    }

    @Test
    void whoever_comes_while_the_hub_closes_is_refused() {
        Site site = Site.open();
        site.rooms().close();
        assertEquals(503, PlainClient.refusal(site.port(), "room=lobby&user=late"));
        site.server().close();
    }

    @Test
    void servers_come_and_go_without_leaving_threads() {
        Set<Thread> before = threads();
        for (int i = 0; i < 5; i++) {
            try (Site site = Site.open();
                    PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
                ann.say(i);
                ann.next("chat");
            }
        }
        await().untilAsserted(() -> assertEquals(Set.of(), newSince(before)));
    }

    @Test
    void clients_that_come_during_the_close_are_told_or_refused_and_none_is_left() throws InterruptedException {
        Site site = Site.open();
        List<CompletableFuture<Void>> crowd = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String name = "comer" + i + "-";
            crowd.add(CompletableFuture.runAsync(
                    () -> comeUntilRefused(site.port(), name), comer -> new Thread(comer).start()));
        }
        await().until(() -> site.stats().connections() > 20);
        site.rooms().close();
        crowd.forEach(CompletableFuture::join);
        assertEquals(0, site.stats().connections());
        site.server().close();
    }

    private static void comeUntilRefused(int port, String name) {
        Deque<RawClient> mine = new ArrayDeque<>();
        RawClient client = RawClient.dial(port);
        while (!client.request("GET /rooms?room=lobby&user=" + name + mine.size() + " HTTP/1.1")
                .startsWith("HTTP/1.1 503")) {
            mine.push(client);
            client = RawClient.dial(port);
        }
        while (!mine.isEmpty()) {
            assertEquals(1001, mine.pop().expectClose());
        }
    }

    /** The JDK's own come and go by themselves. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName()
                        .matches("HttpClient-.*|CompletableFutureDelayScheduler|ForkJoinPool.commonPool.*"))
                .collect(Collectors.toSet());
    }

    private static Set<Thread> newSince(Set<Thread> before) {
        Set<Thread> now = new HashSet<>(threads());
        now.removeAll(before);
        now.removeIf(thread -> thread.getName().startsWith("awaitility"));
        return now;
    }
}

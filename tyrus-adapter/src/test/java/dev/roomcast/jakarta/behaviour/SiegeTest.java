package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two thousand connections that say nothing, two thousand that say something wrong, and one that floods, all at once, over
 * real sockets: five healthy clients go on exchanging every message in order, memory is bounded, and all is reclaimed.
 */
class SiegeTest {

    /** As many as it has to hold against, or a few where {@code ROOMCAST_THOROUGH} is not {@code true}. */
    private static final int SILENT = "true".equals(System.getenv("ROOMCAST_THOROUGH")) ? 2_000 : 300;

    private static final int WRONG = SILENT;
    private static final int ROUNDS = 200;
    private static final String AUTH = "{\"type\":\"auth\",\"token\":\"%s\"}";

    @Test
    @Timeout(180)
    void healthy_clients_notice_nothing() throws InterruptedException {
        Authenticator authenticator = Authenticator.token(token -> CompletableFuture.completedFuture(
                token.startsWith("do-not-log-good-")
                        ? Identity.of(token.substring("do-not-log-good-".length()))
                        : null));
        try (Site site = Site.open(hub -> hub.authenticator(authenticator)
                .heartbeat(Duration.ofMinutes(5))
                // More than the healthy ones can reach in turns, and far less than the flood.
                .rate(new Rate(5000, 5000))
                .userRate(new Rate(5000, 5000))
                .limit(Limit.CONNECTIONS_PER_USER, 1)
                .limit(Limit.AUTH_DEADLINE, 15_000)
                .limit(Limit.CLOSE_DEADLINE, 1_000))) {
            List<PlainClient> healthy = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                healthy.add(login(site, "healthy" + i, "lobby"));
            }
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong sent = new AtomicLong();
            AtomicReference<RawClient> flooding = new AtomicReference<>();
            AtomicInteger refused = new AtomicInteger();
            Thread flood = new Thread(() -> flood(site, over, sent, flooding), "flood");
            List<RawClient> silent = new ArrayList<>();
            Thread siege = new Thread(() -> besiege(site, silent, refused), "siege");
            long memory = usedMemory();
            flood.start();
            siege.start();
            int round = 0;
            while (round < ROUNDS || siege.isAlive() || site.stats().closed(CloseCode.TOO_MANY) == 0) {
                exchange(healthy, round++);
            }
            siege.join();
            assertEquals(SILENT, silent.size());
            assertEquals(WRONG, refused.get());
            long grown = usedMemory() - memory;
            exchange(healthy, round++);
            over.set(true);
            flooding.get().vanish();
            flood.join();
            System.out.printf(
                    "%d rounds of 5 messages to 5 clients; %d flooded messages, %d closed for it; %d KB per connection%n",
                    round, sent.get(), site.stats().closed(CloseCode.TOO_MANY), grown / 1024 / SILENT);
            assertTrue(site.stats().closed(CloseCode.TOO_MANY) > 0, "the flood was closed");
            assertTrue(grown < SILENT * 100_000L, "heap has grown by " + grown);
            assertTrue(site.stats().closed(CloseCode.UNAUTHENTICATED) >= WRONG, "the wrong ones were closed");
            // The silent ones end at their deadline, without having sent a byte.
            await().atMost(Duration.ofSeconds(60)).until(() -> site.stats().hits(Limit.AUTH_DEADLINE) >= SILENT);
            for (RawClient client : silent) {
                assertEquals(4401, client.expectClose());
                client.close();
            }
            exchange(healthy, round);
            healthy.forEach(PlainClient::close);
            site.awaitEmpty();
        }
    }

    /** Each says something, and each hears all five, once and in one order. */
    private static void exchange(List<PlainClient> clients, int round) {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).say(round * 10 + i);
        }
        List<Integer> order = null;
        for (PlainClient client : clients) {
            List<Integer> heard = new ArrayList<>();
            long offset = -1;
            for (int i = 0; i < clients.size(); i++) {
                var frame = client.next("chat");
                long next = frame.get("offset").asLong();
                assertTrue(offset < 0 || next == offset + 1, () -> "offsets in round " + round);
                offset = next;
                heard.add(frame.get("content").asInt());
            }
            assertEquals(round, heard.get(0) / 10);
            order = order == null ? heard : order;
            assertEquals(order, heard, "in round " + round);
        }
    }

    private static void besiege(Site site, List<RawClient> silent, AtomicInteger refused) {
        for (int i = 0; i < SILENT; i++) {
            silent.add(RawClient.connect(site.port(), "room=lobby&user=healthy0"));
            if (i < WRONG) {
                try (RawClient wrong = RawClient.connect(site.port(), "room=lobby&user=healthy1")) {
                    wrong.sendText(AUTH.formatted("do-not-log-wrong"));
                    refused.addAndGet(wrong.expectClose() == 4401 ? 1 : 0);
                }
            }
        }
    }

    /** As fast as one thread can, again and again. */
    private static void flood(Site site, AtomicBoolean over, AtomicLong sent, AtomicReference<RawClient> flooding) {
        byte[] message = RawClient.frame(
                RawClient.FIN | RawClient.TEXT,
                "{\"content\":\"flood\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        byte[] burst = new byte[message.length * 100];
        for (int i = 0; i < 100; i++) {
            System.arraycopy(message, 0, burst, i * message.length, message.length);
        }
        while (!over.get()) {
            try (RawClient client = RawClient.connect(site.port(), "room=elsewhere&user=flood")) {
                flooding.set(client);
                client.sendText(AUTH.formatted("do-not-log-good-flood"));
                while (!over.get()) {
                    client.sendBytes(burst);
                    sent.addAndGet(100);
                }
            } catch (AssertionError closed) {
                // Thrown out; it comes back.
            }
        }
    }

    private static PlainClient login(Site site, String user, String room) {
        PlainClient client = PlainClient.connect(site.port(), "room=" + room);
        client.send(AUTH.formatted("do-not-log-good-" + user));
        String joined = "";
        while (!joined.equals(user)) {
            joined = client.next("user_joined").get("userId").asText();
        }
        return client;
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}

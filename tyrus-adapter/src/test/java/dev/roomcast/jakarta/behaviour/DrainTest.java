package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.testkit.LateBridge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hub that goes lets its clients go one after the other, over real sockets and by a real clock. */
class DrainTest {

    private Site site;
    private CompletableFuture<Void> drain = CompletableFuture.completedFuture(null);

    @AfterEach
    void close() {
        site.close();
        drain.join();
    }

    @Test
    void every_client_is_closed_with_1001_at_its_moment_and_newcomers_are_refused() {
        site = Site.open(hub -> hub.limit(Limit.GRACE, 60_000));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(RawClient.connect(site.port(), "room=lobby&user=user" + i));
            clients.get(i).nextContaining("user" + i);
        }
        long start = System.nanoTime();
        drain(Duration.ofSeconds(1));
        record Slot(RawClient client, long after) {}
        List<Slot> slots = clients.stream()
                .map(client -> new Slot(client, after(client.nextContaining("reconnect"))))
                .sorted(Comparator.comparing(Slot::after))
                .toList();
        assertEquals(503, PlainClient.refusal(site.port(), "room=lobby&user=late"));
        for (int i = 0; i < 10; i++) {
            // None is told a later moment than its own, nor goes before that.
            long moment = 50 + 100L * i;
            assertTrue(slots.get(i).after() <= moment, slots.toString());
            assertEquals(1001, slots.get(i).client().expectClose());
            assertTrue(System.nanoTime() - start >= Duration.ofMillis(moment).toNanos());
            slots.get(i).client().close();
        }
        drain.join();
        assertEquals(0, site.stats().connections());
        assertEquals(0, site.stats().hits(Limit.SHUTDOWN_DEADLINE));
    }

    @Test
    void a_plain_client_that_is_still_here_hears_what_is_said_and_of_nobody_who_leaves() {
        site = Site.open(hub -> hub.limit(Limit.GRACE, 60_000).bridge(new LateBridge(Bridge.local())));
        PlainClient ann = PlainClient.join(site.port(), "lobby", "ann");
        PlainClient ben = PlainClient.join(site.port(), "lobby", "ben");
        ann.next("user_joined");
        drain(Duration.ofSeconds(2));
        long annGoes = ann.expect("reconnect").get("after").asLong();
        PlainClient stays = ben.expect("reconnect").get("after").asLong() > annGoes ? ben : ann;
        PlainClient goes = stays == ann ? ben : ann;
        assertEquals(1001, goes.expectClose());
        stays.send("{\"content\":\"alone\",\"id\":\"one\"}");
        List<String> types = Stream.of(stays.next(), stays.next())
                .map(frame -> frame.get("type").asText())
                .sorted()
                .toList();
        assertEquals(List.of("ack", "chat"), types);
        assertEquals(1001, stays.expectClose());
    }

    @Test
    void what_is_on_its_way_is_acknowledged_before_the_close() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        site = Site.open(hub -> hub.bridge(new LateBridge(Bridge.local())).handler((sender, room, message, relay) -> {
            begun.countDown();
            awaits(free);
            relay.broadcast(message);
        }));
        PlainClient ann = PlainClient.join(site.port(), "lobby", "ann");
        ann.send("{\"content\":1,\"id\":\"one\"}");
        begun.await();
        drain(Duration.ZERO);
        ann.expect("reconnect");
        free.countDown();
        assertEquals("one", ann.next("ack").get("id").asText());
        assertEquals(1001, ann.expectClose());
    }

    private void drain(Duration time) {
        drain = CompletableFuture.runAsync(() -> site.rooms().close(time), task -> new Thread(task).start());
    }

    private static long after(String reconnect) {
        return Long.parseLong(reconnect.replaceAll(".*\"after\":(\\d+).*", "$1"));
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

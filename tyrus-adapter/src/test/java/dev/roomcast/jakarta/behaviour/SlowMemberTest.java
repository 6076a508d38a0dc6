package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Overflow;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A member that does not read costs a bounded amount of memory, delays nobody, and is dropped and counted. */
class SlowMemberTest {

    private static final int OUTBOX_BYTES = 1 << 20;
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void one_that_never_reads_is_dropped_when_its_outbox_is_full_and_the_others_go_on() {
        try (Site site = Site.open(hub -> hub.overflow(Overflow.DISCONNECT).limit(Limit.CLOSE_DEADLINE, 200))) {
            RawClient deaf = RawClient.dialNarrow(site.port()).upgrade("room=lobby&user=deaf");
            try (PlainClient ann = PlainClient.join(site.port(), "lobby", "ann");
                    PlainClient ben = PlainClient.join(site.port(), "lobby", "ben")) {
                String large = "x".repeat(10_000);
                int said = 0;
                while (site.stats().closed(CloseCode.TOO_SLOW) == 0 && said < 5000) {
                    ann.say(said + large);
                    assertTrue(ann.next("chat").get("content").asText().startsWith(said + "x"));
                    assertTrue(ben.next("chat").get("content").asText().startsWith(said + "x"));
                    said++;
                }
                assertEquals(1, site.stats().closed(CloseCode.TOO_SLOW));
                assertEquals(1, site.stats().hits(Limit.OUTBOX_BYTES));
                assertTrue(site.stats().dropped() > 0, "what was dropped is counted");
                await().atMost(SOON)
                        .untilAsserted(() -> assertEquals(2, site.stats().connections()));
                await().atMost(SOON).until(deaf::isCut);
                ann.say("still here");
                assertEquals("still here", ben.next("chat").get("content").asText());
            }
            site.awaitEmpty();
        }
    }

    @Test
    void one_that_takes_too_long_for_one_write_is_dropped() {
        try (Site site = Site.open(hub -> hub.limit(Limit.WRITE_DEADLINE, 300)
                .limit(Limit.CLOSE_DEADLINE, 200)
                .limit(Limit.OUTBOX_BYTES, Integer.MAX_VALUE))) {
            RawClient deaf = RawClient.dialNarrow(site.port()).upgrade("room=lobby&user=deaf");
            try (PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
                String large = "x".repeat(60_000);
                await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> {
                    ann.say(large);
                    ann.next("chat");
                    return site.stats().hits(Limit.WRITE_DEADLINE) > 0;
                });
                assertEquals(1, site.stats().closed(CloseCode.TOO_SLOW));
                await().atMost(SOON)
                        .untilAsserted(() -> assertEquals(1, site.stats().connections()));
                await().atMost(SOON).until(deaf::isCut);
            }
            site.awaitEmpty();
        }
    }

    /** With an outbox that never fills, all that could grow is what the container queues. */
    @Test
    void the_container_holds_one_write_of_a_member_that_does_not_read_and_no_more() {
        try (Site site = Site.open()) {
            int deafOnes = 20;
            RawClient[] deaf = new RawClient[deafOnes];
            for (int i = 0; i < deafOnes; i++) {
                deaf[i] = RawClient.dialNarrow(site.port()).upgrade("room=lobby&user=deaf" + i);
            }
            try (PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
                long before = usedMemory();
                String large = "x".repeat(50_000);
                for (int i = 0; i < 400; i++) {
                    ann.say(large);
                    ann.next("chat");
                }
                // 400 times 50 KB for 20 members would be 400 MB; each may hold its outbox and one write.
                long grown = usedMemory() - before;
                assertTrue(grown < deafOnes * (OUTBOX_BYTES + 500_000L), () -> "heap has grown by " + grown);
                for (RawClient client : deaf) {
                    client.vanish();
                }
            }
            site.awaitEmpty();
        }
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}

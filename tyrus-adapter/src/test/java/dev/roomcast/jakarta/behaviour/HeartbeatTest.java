package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Each connection is pinged, and one that does not answer by the next round is terminated. In real time. */
class HeartbeatTest {

    private final Site site =
            Site.open(hub -> hub.heartbeat(Duration.ofMillis(200)).limit(Limit.CLOSE_DEADLINE, 200));

    @Test
    void one_that_answers_no_ping_is_terminated_and_one_that_answers_stays() {
        try (PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
            RawClient dead = RawClient.connect(site.port(), "room=lobby&user=dead");
            assertEquals(CloseCode.HEARTBEAT_LOST.code(), dead.expectClose());
            assertEquals("dead", ann.next("user_joined").get("userId").asText());
            assertEquals("dead", ann.next("user_left").get("userId").asText());
            assertEquals(1, site.stats().closed(CloseCode.HEARTBEAT_LOST));
            ann.say("alive");
            assertEquals("alive", ann.next("chat").get("content").asText());
        }
        site.awaitEmpty();
        site.close();
    }

    @Test
    void any_sign_of_life_will_do() {
        RawClient busy = RawClient.connect(site.port(), "room=lobby&user=busy");
        int[] said = {0};
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            busy.sendText("{\"content\":1}");
            return ++said[0] == 20;
        });
        assertEquals(0, site.stats().closed(CloseCode.HEARTBEAT_LOST));
        busy.close();
        site.awaitEmpty();
        site.close();
    }

    @Test
    void one_that_neither_answers_nor_reads_is_cut() {
        RawClient gone = RawClient.dialNarrow(site.port()).upgrade("room=lobby&user=gone");
        await().untilAsserted(() -> assertEquals(1, site.stats().closed(CloseCode.HEARTBEAT_LOST)));
        await().until(gone::isCut);
        site.awaitEmpty();
        site.close();
    }
}

package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The threads that read from all sockets run no code of the host. */
class BlockingHandlerTest {

    @Test
    void a_handler_that_blocks_holds_up_no_other_client() {
        CountDownLatch over = new CountDownLatch(1);
        List<PlainClient> stuck = new ArrayList<>();
        try (Site site = Site.open(hub -> hub.handler((sender, room, message, relay) -> {
                    if (room.name().equals("stuck")) {
                        await(over);
                    }
                    relay.broadcast(message);
                }));
                PlainClient ann = PlainClient.join(site.port(), "lobby", "ann")) {
            for (int i = 0; i < 3; i++) {
                PlainClient client = PlainClient.join(site.port(), "stuck", "user" + i);
                client.say("hello");
                stuck.add(client);
            }
            for (int i = 0; i < 50; i++) {
                ann.say(i);
                assertEquals(i, ann.next("chat").get("content").asInt());
            }
            over.countDown();
            stuck.get(0).next("chat");
        } finally {
            over.countDown();
            stuck.forEach(PlainClient::close);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

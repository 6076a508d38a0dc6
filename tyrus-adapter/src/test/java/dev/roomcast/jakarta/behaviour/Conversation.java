package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two who talk in a room all the time while something else goes on there: each says a number in turn, and both must hear
 * every number once and in order. What others say is passed over.
 */
public final class Conversation implements AutoCloseable {

    private final PlainClient ann;
    private final PlainClient ben;
    private final AtomicInteger heard = new AtomicInteger();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile boolean enough;

    public Conversation(int port, String room) {
        ann = PlainClient.join(port, room, "ann");
        ben = PlainClient.join(port, room, "ben");
        Thread talking = new Thread(this::talk, "conversation");
        talking.setDaemon(true);
        talking.start();
    }

    private void talk() {
        try {
            for (int turn = 1; !enough; turn++) {
                (turn % 2 == 0 ? ann : ben).say(turn);
                hears(ann, turn);
                hears(ben, turn);
                heard.set(turn);
            }
            over.complete(null);
        } catch (Throwable failed) {
            over.completeExceptionally(failed);
        }
    }

    private static void hears(PlainClient client, int turn) {
        JsonNode chat = client.next("chat");
        while (!chat.get("userId").asText().matches("ann|ben")) {
            chat = client.next("chat");
        }
        assertEquals(turn, chat.get("content").asInt(), () -> "what is heard in turn " + turn);
    }

    /** How many turns both have heard. */
    public int turns() {
        return heard.get();
    }

    /** Both hear so many more turns. */
    public void goesOn(int turns) {
        int until = heard.get() + turns;
        await().atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> heard.get() >= until || over.isDone());
        if (over.isCompletedExceptionally()) {
            over.join();
        }
    }

    /** Ends, and fails if anything was amiss. */
    @Override
    public void close() {
        enough = true;
        over.orTimeout(15, TimeUnit.SECONDS).join();
        ann.close();
        ben.close();
    }
}

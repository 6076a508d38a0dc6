package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members that have to wait for what they missed, and more of which is dropped meanwhile. */
class CatchUpTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .time(time)
            .heartbeat(Duration.ofDays(1))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .limit(Limit.OUTBOX_BYTES, 50_000)
            .build();
    private final FakeClient host = FakeClient.connect(rooms, "host", "r");
    private String epoch = "";
    private int said;
    private int updates;

    @BeforeEach
    void begin() {
        say(10);
        epoch = host.last("chat").text("epoch");
    }

    @AfterEach
    void close() {
        bridge.letsGo("history");
        bridge.letsGo("top");
        rooms.close();
    }

    /** Its catching up was begun twice from one position, and what it had missed came twice. */
    @Test
    void one_that_waits_and_misses_news_of_the_roster_too_gets_each_message_once() {
        roomStandsElsewhere();
        FakeClient back = comesBack("ann", 5);
        overflow(back);
        roomStandsWhereItDid();
        bridge.holdsAnswers("history");
        time.advance(SECOND);
        await().until(() -> bridge.held("history") == 1);
        back.readsAgain();
        // What the lane answers stands behind what it was told before.
        host.sends("{\"type\":\"members\",\"room\":\"r\"}");
        host.last("members");
        bridge.letsGo("history");
        say(1);
        receives(back, 6, said);
    }

    /** Until the backend was back it did not know who is here. */
    @Test
    void one_that_waits_and_misses_news_of_the_roster_is_told_the_whole_of_it_once_it_reads() {
        roomStandsElsewhere();
        FakeClient back = comesBack("ann", 5);
        overflow(back);
        back.readsAgain();
        assertEquals(2, back.last("members").number("count"));
        assertEquals(List.of(), back.frames("gap"));
        assertEquals(List.of(), back.frames("chat"));
    }

    /** The question for the top was asked before it came, and so its one try was over as soon as it had begun. */
    @Test
    void one_that_comes_while_the_top_is_asked_for_others_waits_as_long_as_they_did() {
        roomStandsElsewhere();
        FakeClient first = comesBack("ann", 5);
        bridge.holdsAnswers("history");
        FakeClient second = connect("ben", 6);
        await().until(() -> bridge.held("history") == 1);
        bridge.holdsAnswers("top");
        time.advance(SECOND);
        await().until(() -> bridge.held("top") == 1);
        bridge.letsGo("history");
        assertTrue(second.last("joined").is("recovered"));
        bridge.letsGo("top");
        assertEquals("before", first.last("gap").text("epoch"));
        roomStandsWhereItDid();
        time.advance(SECOND);
        receives(second, 7, said);
    }

    /** That it had waited for the backend was taken for a wait for the room, and it was told a gap. */
    @Test
    void one_that_has_waited_for_the_backend_waits_for_the_room_too() {
        roomStandsElsewhere();
        bridge.failsAfterwards(
                "history", new BridgeException(BridgeException.Reason.UNAVAILABLE, "away", Duration.ZERO));
        FakeClient back = comesBack("ann", 5);
        bridge.letsGo("history");
        bridge.holdsAnswers("history");
        time.advance(SECOND);
        await().until(() -> bridge.held("history") == 1);
        bridge.letsGo("history");
        roomStandsWhereItDid();
        time.advance(SECOND);
        receives(back, 6, said);
    }

    private void roomStandsElsewhere() {
        bridge.delivery().lost("r", new Position(epoch, said), new Position("before", 3));
        bridge.delivery().release("r");
        host.last("gap");
    }

    private void roomStandsWhereItDid() {
        bridge.delivery().lost("r", new Position("before", 3), new Position(epoch, said));
        bridge.delivery().release("r");
        host.await("both", some -> some.frames("gap").size() == 2);
    }

    /** Nothing but news of the roster waits for it, and more than may. */
    private void overflow(FakeClient client) {
        client.last("user_joined");
        client.stopsReading();
        for (int i = 0; i < 4; i++) {
            bridge.roster().update("r", "host", Content.of(++updates + "x".repeat(20_000)));
            bridge.delivery().release("r");
        }
        host.await("updates", some -> some.frames("user_updated").size() == updates);
        await().until(() -> rooms.stats().hits(Limit.OUTBOX_BYTES) > 0);
    }

    private void say(int messages) {
        for (int i = 0; i < messages; i++) {
            host.says(++said);
        }
        host.await("offset " + said, client -> client.last("chat").number("offset") == said);
    }

    private FakeClient comesBack(String user, long offset) {
        FakeClient client = connect(user, offset);
        assertTrue(client.last("joined").is("recovered"));
        return client;
    }

    private FakeClient connect(String user, long offset) {
        return FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", "r")
                        .parameter("epoch", epoch)
                        .parameter("offset", Long.toString(offset))
                        .build());
    }

    private static void receives(FakeClient client, long from, long to) {
        client.await(
                "offset " + to, all -> all.frames("chat").stream().anyMatch(frame -> frame.number("offset") == to));
        assertEquals(
                LongStream.rangeClosed(from, to).boxed().toList(),
                client.frames("chat").stream()
                        .map(frame -> frame.number("offset"))
                        .toList());
        assertEquals(List.of(), client.frames("gap"));
    }
}

package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody waits for ever for an answer that never comes, whoever owes it. */
class AnswerDeadlineTest {

    private static final Duration DEADLINE = Duration.ofMillis(Limit.ANSWER_DEADLINE.defaultValue());

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final RoomsBuilder builder = Rooms.builder()
            .bridge(bridge)
            .time(time)
            .heartbeat(Duration.ofHours(1))
            .limit(Limit.SHUTDOWN_DEADLINE, 0);
    private Rooms rooms = builder.build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"top", "join"})
    void a_join_whose_bridge_does_not_answer_is_refused(String method) {
        FakeClient client = FakeClient.connect(rooms, "u");
        bridge.holdsAnswers(method);
        client.sends("{\"type\":\"join\",\"room\":\"r\"}");
        client.sends("{\"type\":\"ping\"}");
        time.advance(DEADLINE.minusMillis(1));
        assertEquals(0, client.frames("error").size());
        time.advance(Duration.ofMillis(1));
        client.await("the refusal", each -> !each.frames("error").isEmpty());
        assertEquals("unavailable", client.last("error").text("code"));
        client.await("what came behind it", each -> !each.frames("pong").isEmpty());
        assertTrue(rooms.stats().hits(Limit.ANSWER_DEADLINE) > 0);
    }

    /** A roster that is never told held up every join of its room. */
    @Test
    void a_join_whose_roster_does_not_come_is_let_in_by_what_is_known_here() {
        bridge.holdsAnswers("read");
        FakeClient client = FakeClient.connect(rooms, "u");
        client.sends("{\"type\":\"join\",\"room\":\"r\"}");
        assertEquals(0, client.frames("joined").size());
        time.advance(DEADLINE);
        time.advance(DEADLINE);
        client.await("joined", each -> !each.frames("joined").isEmpty());
        client.sends("{\"room\":\"r\",\"content\":1}");
        client.await("its message", each -> !each.frames("chat").isEmpty());
    }

    @Test
    void a_welcome_waits_for_no_directory() {
        bridge.holdsAnswers("directory enter");
        FakeClient client = FakeClient.connect(rooms, "u");
        time.advance(DEADLINE);
        client.await("welcome", each -> !each.frames("welcome").isEmpty());
    }

    @Test
    void an_access_check_that_does_not_answer_is_a_no() {
        rooms.close();
        rooms = builder.authenticator(credentials -> CompletableFuture.completedFuture(Identity.of("u")))
                .access(new Access() {
                    @Override
                    public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                        return new CompletableFuture<>();
                    }
                })
                .bridge(new StagedBridge())
                .build();
        FakeClient client = FakeClient.connect(rooms, "u");
        client.sends("{\"type\":\"join\",\"room\":\"r\"}");
        time.advance(DEADLINE);
        client.await("the refusal", each -> !each.frames("error").isEmpty());
        assertEquals("forbidden", client.last("error").text("code"));
    }

    @Test
    void answers_that_come_leave_no_timer() {
        FakeClient client = FakeClient.connect(rooms, "u");
        int before = time.pending();
        bridge.holdsAnswers("join");
        client.sends("{\"type\":\"join\",\"room\":\"r\"}");
        assertEquals(before + 1, time.pending());
        bridge.letsGo("join");
        client.await("joined", each -> !each.frames("joined").isEmpty());
        await().until(() -> time.pending() == before);
    }
}

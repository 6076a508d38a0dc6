package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Connection;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A list of members is an answer like any other, and may be larger than all answers that may wait. */
class LargeRosterTest {

    private final Rooms rooms = Rooms.builder()
            .time(new ManualTime())
            .rate(new Rate(1e6, 1_000_000))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    /** Its {@code joined} did not fit behind the welcome, and the joiner was closed as too slow before it had read a word. */
    @Test
    void who_joins_a_room_of_long_names_while_its_welcome_is_in_flight_is_not_closed_for_it() {
        for (int i = 0; i < 90; i++) {
            FakeClient.connect(rooms, "€".repeat(250) + i, "r");
        }
        assertLetIn();
    }

    @Test
    void who_joins_a_room_of_large_metadata_while_its_welcome_is_in_flight_is_not_closed_for_it() {
        String meta = "{\"a\":\"" + "x".repeat(4_000) + "\"}";
        for (int i = 0; i < 60; i++) {
            FakeClient client = FakeClient.connect(rooms, "user " + i);
            client.sends("{\"type\":\"join\",\"room\":\"r\",\"meta\":" + meta + "}");
            client.last("joined");
        }
        assertLetIn();
    }

    /**
     * Browsers pipeline eight joins when they come back. Each {@code joined} may carry half of all answers that may wait, and
     * a client that was slow for a moment was closed for them.
     */
    @Test
    void who_pipelines_joins_of_large_rooms_and_is_slow_for_a_moment_gets_them_one_after_the_other() {
        int count = 20;
        String meta = "{\"a\":\"" + "x".repeat(4_000) + "\"}";
        for (int member = 0; member < 8; member++) {
            FakeClient client = FakeClient.connect(rooms, "user " + member);
            for (int room = 0; room < count; room++) {
                client.sends("{\"type\":\"join\",\"room\":\"r" + room + "\",\"meta\":" + meta + "}");
            }
        }
        FakeClient slow = FakeClient.connect(rooms, "slow");
        long before = rooms.stats().memberships();
        slow.stopsReading();
        for (int room = 0; room < count; room++) {
            slow.sends("{\"type\":\"join\",\"room\":\"r" + room + "\"}");
            slow.sends("{\"type\":\"members\",\"room\":\"r" + room + "\"}");
            slow.sends("{\"room\":\"r" + room + "\",\"content\":" + room + "}");
        }
        assertThat(slow).isOpen();
        assertTrue(rooms.stats().memberships() - before <= 3, "rosters wait without a bound");
        slow.readsAgain();
        slow.await("all answers", client -> client.frames("chat").size() == count);
        assertEquals(count, slow.frames("joined").size());
        assertTrue(slow.frames("members").size() >= count);
        assertThat(slow).isOpen();
        assertEquals(0, rooms.stats().hits(Limit.CONTROL_BYTES));
        assertEquals(0, rooms.stats().hits(Limit.INBOX_MESSAGES));
    }

    /** A client that ends while its join waits for space leaves nobody in a room. */
    @Test
    void a_join_that_waits_for_space_ends_with_its_connection() {
        String meta = "{\"a\":\"" + "x".repeat(4_000) + "\"}";
        for (int member = 0; member < 9; member++) {
            FakeClient.connect(rooms, "user " + member)
                    .sends("{\"type\":\"join\",\"room\":\"r\",\"meta\":" + meta + "}");
        }
        FakeClient slow = FakeClient.connect(rooms, "slow");
        slow.stopsReading();
        for (int i = 0; i < 4; i++) {
            slow.sends("{\"type\":\"join\",\"room\":\"r\"}");
        }
        CompletableFuture<Boolean> joins =
                rooms.room("other").join(connectionOf("slow")).toCompletableFuture();
        slow.vanishes();
        Awaitility.await().until(joins::isDone);
        assertEquals(false, joins.join());
        Awaitility.await().until(() -> rooms.stats().memberships() == 9);
    }

    private Connection connectionOf(String user) {
        return rooms.connections().stream()
                .filter(connection -> connection.userId().equals(user))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void metadata_beyond_its_limit_is_a_bad_request_and_counted() {
        FakeClient client = FakeClient.connect(rooms, "one");
        int most = (int) Limit.META_BYTES.defaultValue();
        client.sends(join(most + 1));
        assertThat(client).wasRefused(ErrorCode.BAD_REQUEST);
        assertEquals("join", client.last("error").text("re"));
        assertEquals(1, rooms.stats().hits(Limit.META_BYTES));
        assertEquals(List.of(), client.frames("joined"));
        client.sends(join(most));
        client.last("joined");
    }

    private static String join(int metaBytes) {
        String frame = "{\"a\":\"\"}";
        return "{\"type\":\"join\",\"room\":\"r\",\"meta\":{\"a\":\"" + "x".repeat(metaBytes - frame.length()) + "\"}}";
    }

    private void assertLetIn() {
        Stalled joiner = new Stalled();
        rooms.accept(
                Handshake.builder()
                        .parameter("user", "joiner")
                        .parameter("room", "r")
                        .build(),
                joiner);
        assertEquals(1, joiner.written.size(), "the welcome");
        while (!joiner.held.isEmpty()) {
            joiner.held.remove().done(null);
        }
        String all = String.join("", joiner.written);
        assertTrue(all.contains("\"type\":\"joined\""), all);
        assertTrue(all.contains("\"type\":\"user_joined\",\"userId\":\"joiner\""), all);
        assertEquals(List.of(), joiner.closes);
        assertEquals(0, rooms.stats().hits(Limit.CONTROL_BYTES));
    }

    /** Takes the next write when a test says so. */
    private static final class Stalled implements Transport {

        private final List<String> written = new ArrayList<>();
        private final List<Integer> closes = new ArrayList<>();
        private final Deque<Completion> held = new ArrayDeque<>();

        @Override
        public void write(FrameBatch batch, Completion completion) {
            batch.frames().forEach(frame -> written.add(frame.text()));
            held.add(completion);
        }

        @Override
        public void ping(Completion completion) {
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {
            closes.add(code);
        }

        @Override
        public void abort() {}
    }
}

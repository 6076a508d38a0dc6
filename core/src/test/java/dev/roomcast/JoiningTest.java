package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JoiningTest {

    private final ManualTime time = new ManualTime();
    private final HeldBridge bridge = new HeldBridge();
    private final Set<String> banned = ConcurrentHashMap.newKeySet();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .bridge(bridge)
            .access(new Access() {
                @Override
                public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                    return CompletableFuture.completedFuture(!banned.contains(who.userId()));
                }
            })
            .build();

    @AfterEach
    void close() {
        bridge.letGo();
        rooms.close();
    }

    @Test
    void who_ends_while_it_joins_is_nowhere() {
        bridge.hold();
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.closes();
        bridge.letGo();
        assertNothingIsLeft();
    }

    /** The repeated join entered the roster behind the leaving of the connection, and nobody ever took it out. */
    @Test
    void who_ends_while_it_joins_once_more_is_nowhere() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        bridge.hold();
        client.sends("{\"type\":\"join\",\"room\":\"lobby\"}");
        client.closes();
        bridge.letGo();
        assertNothingIsLeft();
    }

    @Test
    void who_is_taken_out_while_it_joins_once_more_stays_out() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        FakeClient other = FakeClient.connect(rooms, "two", "lobby");
        bridge.hold();
        client.sends("{\"type\":\"join\",\"room\":\"lobby\"}");
        banned.add("one");
        rooms.recheck("one").toCompletableFuture().join();
        client.forget();
        bridge.letGo();
        other.says("secret");
        assertThat(other).received("secret");
        await().untilAsserted(() -> assertEquals(List.of("two"), members()));
        client.sends("{\"type\":\"ping\"}");
        client.last("pong");
        assertThat(client).received();
        assertEquals(List.of(), client.frames("joined"));
        assertEquals(1, rooms.stats().memberships());
    }

    @Test
    void a_join_once_more_tells_the_member_and_nobody_else() {
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        FakeClient other = FakeClient.connect(rooms, "two", "lobby");
        other.forget();
        client.forget();
        client.sends("{\"type\":\"join\",\"room\":\"lobby\"}");
        assertThat(client).receivedTypes("joined", "user_joined");
        assertThat(other).receivedNothing();
        assertEquals(2, rooms.stats().memberships());
    }

    private void assertNothingIsLeft() {
        await().untilAsserted(() -> {
            assertEquals(0, rooms.stats().rooms());
            assertEquals(0, rooms.stats().memberships());
        });
        assertEquals(List.of(), members());
    }

    private List<String> members() {
        return rooms.room("lobby").members().toCompletableFuture().join().stream()
                .map(Member::userId)
                .toList();
    }
}

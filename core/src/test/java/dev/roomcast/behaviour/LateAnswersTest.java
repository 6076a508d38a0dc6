package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.StagedBridge;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens while the bridge has not answered yet, or when it says that it could not and has done it all the same. */
class LateAnswersTest {

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final Set<String> banned = ConcurrentHashMap.newKeySet();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .bridge(bridge)
            .heartbeat(Duration.ofDays(1))
            .rate(new Rate(1e6, 1_000_000))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .listener(new Events())
            .access(new Access() {
                @Override
                public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                    return CompletableFuture.completedFuture(!banned.contains(who.userId()));
                }
            })
            .build();

    @AfterEach
    void close() {
        List.of("top", "history", "join", "leave", "read").forEach(bridge::letsGo);
        rooms.close();
    }

    /** A room that was left while its roster was read told the host of a coming and never of the going. */
    @Test
    void who_goes_while_the_roster_is_read_has_come_and_gone_for_the_host() {
        bridge.holdsAnswers("read");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        await().until(() -> bridge.held("read") == 1);
        one.closes();
        bridge.letsGo("read");
        // The cause was told as LOST, since its going had been heard of but could not be applied yet.
        await().untilAsserted(() -> assertEquals(List.of("+one", "-one LEAVE"), events));
        await().untilAsserted(() -> assertEquals(0, rooms.stats().rooms()));
    }

    /** Its room was closed before what it had missed was read, and it waited for its answer for ever. */
    @Test
    void one_who_is_taken_out_while_its_messages_are_read_is_answered_all_the_same() {
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.says("something");
        String epoch = one.last("chat").text("epoch");
        one.closes();
        await().until(() -> rooms.stats().rooms() == 0);
        bridge.holdsAnswers("history");
        FakeClient two = comesBack("two", epoch, 0);
        await().until(() -> bridge.held("history") == 1);
        banned.add("two");
        rooms.recheck("two");
        await().until(() -> rooms.stats().rooms() == 0);
        bridge.letsGo("history");
        two.sends("{\"type\":\"ping\"}");
        two.last("pong");
    }

    /** Nobody waited for it any more, since it had come, and it was not there yet. */
    @Test
    void one_who_comes_back_to_an_instance_that_is_alone_is_not_told_to_have_left_while_its_messages_are_read() {
        FakeClient watcher = FakeClient.connect(rooms, "watcher", "r");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.says("something");
        one.says("more");
        await().until(() -> one.frames("chat").size() == 2);
        bridge.delivery().isolated(true);
        one.vanishes();
        bridge.holdsAnswers("history");
        FakeClient back = comesBack("one", one.last("chat").text("epoch"), 1);
        await().until(() -> bridge.held("history") == 1);
        time.advance(Duration.ofSeconds(10));
        // What the lane answers stands behind what it was told before.
        watcher.sends("{\"type\":\"members\",\"room\":\"r\"}");
        assertEquals(2, watcher.last("members").number("count"));
        assertEquals(List.of(), watcher.frames("user_left"));
        bridge.letsGo("history");
        assertThat(back).received("more");
    }

    private FakeClient comesBack(String user, String epoch, long offset) {
        return FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", "r")
                        .parameter("epoch", epoch)
                        .parameter("offset", Long.toString(offset))
                        .build());
    }

    @Test
    void a_cause_that_was_heard_during_a_reading_is_told_and_not_that_of_another_going() {
        FakeClient watcher = FakeClient.connect(rooms, "watcher", "r");
        watcher.last("user_joined");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.last("user_joined");
        one.sends("{\"type\":\"leave\",\"room\":\"r\"}");
        await().untilAsserted(() -> assertEquals("-one LEAVE", events.get(events.size() - 1)));
        FakeClient two = FakeClient.connect(rooms, "one", "r");
        two.last("user_joined");
        two.vanishes();
        time.advance(Duration.ofSeconds(11));
        await().untilAsserted(() -> assertEquals("-one LOST", events.get(events.size() - 1)));
    }

    /** The late leaving of the one who had been taken out took out the one who had come back: a ghost that none was told of. */
    @Test
    void who_comes_back_before_its_leaving_is_through_is_in_the_room_and_in_the_roster() {
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.last("user_joined");
        bridge.holdsCalls("leave");
        banned.add("one");
        CompletionStage<?> recheck = rooms.recheck("one");
        banned.clear();
        one.forget();
        one.sends("{\"type\":\"join\",\"room\":\"r\"}");
        assertEquals(1, bridge.asked("join"), "it waits for the leaving");
        bridge.letsGo("leave");
        recheck.toCompletableFuture().join();
        one.last("joined");
        assertEquals(List.of("one"), members());
        assertEquals(1, rooms.stats().memberships());
    }

    /** The same, when it comes back between being taken out and the word to the roster. */
    @Test
    void who_comes_back_before_its_leaving_was_even_told_is_in_the_room_and_in_the_roster() {
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.last("user_joined");
        one.forget();
        banned.add("one");
        bridge.before("leave", () -> {
            banned.clear();
            one.sends("{\"type\":\"join\",\"room\":\"r\"}");
        });
        rooms.recheck("one").toCompletableFuture().join();
        one.last("joined");
        await().untilAsserted(() -> assertEquals(List.of("one"), members()));
        assertEquals(1, rooms.stats().memberships());
        assertEquals("left", one.frames().get(0).type());
    }

    /** Nobody took it out again, so a user that was never in the room stood in its roster for ever. */
    @Test
    void a_join_that_was_carried_out_and_failed_is_undone() {
        bridge.failsAfterwards("join");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        assertThat(one).wasRefused(ErrorCode.INTERNAL);
        await().untilAsserted(() -> assertEquals(List.of(), members()));
        await().untilAsserted(() -> assertEquals(0, rooms.stats().rooms()));
        bridge.letsGo("join");
        one.sends("{\"type\":\"join\",\"room\":\"r\"}");
        one.last("joined");
        assertEquals(List.of("one"), members());
    }

    /** The undoing of the first attempt came late and took the second one out of the roster. */
    @Test
    void a_second_attempt_waits_until_the_first_is_undone() {
        bridge.failsAfterwards("join");
        bridge.holdsCalls("leave");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        assertThat(one).wasRefused(ErrorCode.INTERNAL);
        bridge.letsGo("join");
        one.sends("{\"type\":\"join\",\"room\":\"r\"}");
        assertEquals(1, bridge.asked("join"));
        bridge.letsGo("leave");
        one.last("joined");
        assertEquals(List.of("one"), members());
    }

    /** Who was lost once more while it came back was taken out at once, though its user's grace was running. */
    @Test
    void one_that_is_lost_while_it_joins_leaves_its_user_the_grace_that_runs() {
        FakeClient watcher = FakeClient.connect(rooms, "watcher", "r");
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        one.last("user_joined");
        one.vanishes();
        await().until(() -> bridge.asked("leave") == 1);
        bridge.holdsAnswers("join");
        FakeClient again = FakeClient.connect(rooms, "one", "r");
        await().until(() -> bridge.held("join") == 1);
        again.vanishes();
        bridge.letsGo("join");
        await().until(() -> bridge.asked("leave") == 2);
        watcher.says("anything");
        watcher.last("chat");
        assertEquals(List.of(), watcher.frames("user_left"));
        time.advance(Duration.ofMillis(Limit.GRACE.defaultValue()));
        assertEquals("one", watcher.last("user_left").text("userId"));
        await().untilAsserted(() -> assertEquals("-one LOST", events.get(events.size() - 1)));
    }

    /** What was said right behind the join was acknowledged before the client had heard that it was in. */
    @Test
    void an_ack_never_precedes_joined() {
        for (String method : List.of("top", "join", "read")) {
            bridge.holdsAnswers(method);
            FakeClient one = FakeClient.connect(rooms, "one");
            one.sends("{\"type\":\"join\",\"room\":\"" + method + "\"}");
            for (int i = 0; i < 20; i++) {
                one.sends("{\"room\":\"" + method + "\",\"id\":\"" + i + "\",\"content\":" + i + "}");
            }
            await().until(() -> bridge.held(method) == 1);
            assertEquals(List.of(), one.frames("ack"));
            bridge.letsGo(method);
            one.await("twenty acks", client -> client.frames("ack").size() == 20);
            List<String> types = one.frames().stream().map(Received::type).toList();
            assertEquals(List.of("welcome", "joined", "user_joined"), types.subList(0, 3));
        }
    }

    /** As many as may wait behind a join were closed 1008, though the client had heard that the join was over. */
    @Test
    void who_floods_right_after_it_has_seen_joined_is_not_closed_for_it() {
        for (int round = 0; round < 10; round++) {
            bridge.holdsAnswers("top");
            FloodingClient eager = new FloodingClient(200);
            eager.connect(
                    rooms,
                    Handshake.builder()
                            .parameter("user", "one")
                            .parameter("room", "r" + round)
                            .build());
            await().until(() -> bridge.held("top") == 1);
            bridge.letsGo("top");
            await().until(() -> eager.acks() == 200);
            assertEquals(List.of(), eager.closes());
        }
    }

    @Test
    void coming_and_going_without_end_is_told_in_turn_and_ends_with_the_going() {
        FakeClient one = FakeClient.connect(rooms, "one");
        for (int i = 0; i < 300; i++) {
            one.sends("{\"type\":\"join\",\"room\":\"r\"}");
            one.sends("{\"type\":\"leave\",\"room\":\"r\"}");
        }
        one.await("300 times left", client -> client.frames("left").size() == 300);
        await().untilAsserted(() -> assertEquals(0, rooms.stats().rooms()));
        await().untilAsserted(() -> assertEquals("-one LEAVE", events.get(events.size() - 1)));
        List<String> all = new ArrayList<>(events);
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i % 2 == 0 ? "+one" : "-one LEAVE", all.get(i));
        }
    }

    private List<String> members() {
        return rooms.room("r").members().toCompletableFuture().join().stream()
                .map(Member::userId)
                .toList();
    }

    private final class Events implements RoomListener {

        @Override
        public void onJoin(Room room, Member member) {
            events.add("+" + member.userId());
        }

        @Override
        public void onLeave(Room room, Member member, Cause cause) {
            events.add("-" + member.userId() + " " + cause);
        }
    }
}

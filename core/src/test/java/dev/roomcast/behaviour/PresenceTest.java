package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.behaviour.Clients.settle;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members are told who is there, and the host is told once. */
class PresenceTest {

    private final ManualTime time = new ManualTime();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final RoomListener listener = new RoomListener() {
        @Override
        public void onJoin(Room room, Member member) {
            events.add("join " + member.userId() + " in " + room.name());
        }

        @Override
        public void onLeave(Room room, Member member, RosterChange.Cause cause) {
            events.add("leave " + member.userId() + " " + cause);
        }

        @Override
        public void onUpdate(Room room, Member member) {
            events.add("update " + member.userId() + " " + member.meta());
        }
    };
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .heartbeat(Duration.ofDays(1))
            .listener(listener)
            .executor(Runnable::run)
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void members_are_told_on_joining_and_on_asking() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two");
        two.sends("{\"type\":\"join\",\"room\":\"lobby\",\"meta\":{\"color\":\"red\"}}");
        assertEquals(
                List.of(Map.of("userId", "one"), Map.of("userId", "two", "meta", Map.of("color", "red"))),
                two.last("joined").get("members"));
        assertEquals("{color=red}", one.last("user_joined").text("meta"));
        one.sends("{\"type\":\"members\",\"room\":\"lobby\"}");
        assertEquals(two.last("joined").get("members"), one.last("members").get("members"));
        assertEquals(2, one.last("members").number("count"));
    }

    @Test
    void a_change_of_metadata_is_told() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        two.sends("{\"type\":\"join\",\"meta\":{\"away\":true}}");
        assertEquals("{away=true}", one.last("user_updated").text("meta"));
        assertTrue(rooms.room("lobby")
                .update("two", Map.of("away", false))
                .toCompletableFuture()
                .join());
        assertEquals("{away=false}", two.last("user_updated").text("meta"));
        assertThat(two).isOpen();
    }

    @Test
    void revisions_count_up_and_joined_carries_the_one_it_stands_at() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        FakeClient three = FakeClient.connect(rooms, "three", "lobby");
        three.closes();
        assertEquals(
                List.of(1L, 2L, 3L),
                one.frames("user_joined").stream().map(f -> f.number("rev")).toList());
        assertEquals(4, one.last("user_left").number("rev"));
        assertEquals(2, two.last("joined").number("rev"));
    }

    @Test
    void a_client_leaves_and_is_told_so_and_hears_nothing_more() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        two.sends("{\"type\":\"leave\"}");
        assertEquals("two", one.last("user_left").text("userId"));
        two.last("left");
        two.forget();
        one.says("without two");
        assertThat(two).receivedNothing().isOpen();
        two.says("not here");
        assertEquals("not_joined", two.last("error").text("code"));
    }

    @Test
    void the_host_is_told_each_coming_and_going_once() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient tab = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        tab.closes();
        one.closes();
        two.vanishes();
        time.advance(Duration.ofMillis(Limit.GRACE.defaultValue()));
        await().until(() -> events.size() >= 4);
        assertEquals(List.of("join one in lobby", "join two in lobby", "leave one LEAVE", "leave two LOST"), events);
    }

    @Test
    void a_connection_closed_by_the_host_leaves_at_once() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        rooms.connections().stream()
                .filter(connection -> connection.userId().equals("two"))
                .forEach(connection -> connection.close(CloseCode.FORBIDDEN, "banned"));
        assertThat(two).wasClosed(CloseCode.FORBIDDEN);
        assertEquals("two", one.last("user_left").text("userId"));
        await().untilAsserted(() -> assertEquals("leave two REMOVED", events.get(events.size() - 1)));
    }

    @Test
    void a_big_room_is_told_a_count_and_a_sample_once_a_second() {
        FakeClient first = FakeClient.connect(rooms, "user0", "lobby");
        List<FakeClient> others = new ArrayList<>();
        for (int i = 1; i < 1000; i++) {
            others.add(FakeClient.connect(rooms, "user" + i, "lobby"));
        }
        assertEquals(100, first.frames("user_joined").size());
        time.advance(Duration.ZERO);
        first.await("a digest", client -> client.frames("members").size() == 1);
        settle(others.get(998));
        assertEquals(1000, first.last("members").number("count"));
        assertEquals(20, ((List<?>) first.last("members").get("members")).size());
        assertEquals(20, ((List<?>) others.get(998).last("joined").get("members")).size());
        assertEquals("user999", others.get(998).last("user_joined").text("userId"));
        others.subList(0, 500).forEach(FakeClient::closes);
        settle(others.get(998));
        time.advance(Duration.ofMillis(999));
        assertEquals(1, first.frames("members").size());
        time.advance(Duration.ofMillis(1));
        first.await("the next digest", client -> client.frames("members").size() == 2);
        assertEquals(500, first.last("members").number("count"));
        assertEquals(List.of(), first.frames("user_left"));
    }

    @Test
    void a_room_that_became_small_again_is_told_all_names() {
        FakeClient first = FakeClient.connect(rooms, "user0", "lobby");
        List<FakeClient> others = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            others.add(FakeClient.connect(rooms, "user" + i, "lobby"));
        }
        time.advance(Duration.ofSeconds(1));
        first.await("a digest", client -> client.frames("members").size() == 1);
        others.get(0).closes();
        settle(others.get(99));
        time.advance(Duration.ofSeconds(1));
        first.await("a digest", client -> client.frames("members").size() == 2);
        assertEquals(100, ((List<?>) first.last("members").get("members")).size());
        others.get(1).closes();
        assertEquals("user2", first.last("user_left").text("userId"));
    }

    @Test
    void joining_twice_tells_the_room_nothing() {
        FakeClient one = FakeClient.connect(rooms, "one", "lobby");
        FakeClient two = FakeClient.connect(rooms, "two", "lobby");
        allJoined(one, two);
        one.forget();
        two.sends("{\"type\":\"join\"}");
        assertEquals(2, two.frames("joined").size());
        assertThat(one).receivedNothing();
        assertEquals(2, rooms.stats().memberships());
        two.closes();
        assertThat(one).receivedTypes("user_left");
        assertEquals(1, rooms.stats().memberships());
    }
}

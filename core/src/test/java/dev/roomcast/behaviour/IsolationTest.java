package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.AwayBridge;
import dev.roomcast.Limit;
import dev.roomcast.Observer;
import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.Status;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an instance does while its bridge's backend is away, and when it is back. */
class IsolationTest {

    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final AwayBridge bridge = new AwayBridge();
    private final List<String> host = new CopyOnWriteArrayList<>();
    private final List<Status> observed = new CopyOnWriteArrayList<>();
    private final CountDownLatch listens = new CountDownLatch(1);
    private volatile boolean listenerBlocks;

    private final Rooms rooms = Rooms.builder()
            .bridge(bridge)
            .time(time)
            .heartbeat(Duration.ofDays(1))
            .history(new HistoryLimits(20, Duration.ofHours(1), 1 << 20))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .observer(new Observer() {
                @Override
                public void onStatus(Status status) {
                    observed.add(status);
                }
            })
            .listener(new RoomListener() {
                @Override
                public void onStatus(Status status) {
                    if (listenerBlocks) {
                        await().until(() -> listens.getCount() == 0);
                    }
                    host.add(status.name());
                }

                @Override
                public void onJoin(Room room, Member member) {
                    host.add(member.userId() + " came");
                }

                @Override
                public void onLeave(Room room, Member member, Cause cause) {
                    host.add(member.userId() + " went: " + cause);
                }
            })
            .build();

    @AfterEach
    void close() {
        listens.countDown();
        rooms.close();
    }

    @Test
    void host_observer_and_clients_are_told_that_the_backend_was_lost_and_found() {
        FakeClient ann = join("ann", "r");
        await().until(() -> host.contains("ann came"));
        assertEquals(Status.CONNECTED, rooms.status());
        bridge.goesAway();
        assertEquals(Status.ISOLATED, rooms.status());
        assertEquals("isolated", ann.last("status").text("state"));
        time.advance(MOMENT);
        bridge.comesBack();
        assertEquals(Status.CONNECTED, rooms.status());
        states(ann, "isolated", "connected");
        await().until(() -> host.equals(List.of("ann came", "ISOLATED", "CONNECTED")));
        assertEquals(List.of(Status.ISOLATED, Status.CONNECTED), observed);
        assertEquals(1, rooms.stats().isolations());
    }

    @Test
    void a_client_that_comes_meanwhile_is_told_after_its_welcome_and_one_that_comes_later_is_not() {
        bridge.goesAway();
        FakeClient early = FakeClient.connect(rooms, "early");
        assertThat(early).receivedTypes("welcome", "status");
        time.advance(MOMENT);
        bridge.comesBack();
        states(early, "isolated", "connected");
        FakeClient late = FakeClient.connect(rooms, "late");
        assertThat(late).receivedTypes("welcome");
    }

    @Test
    void a_backend_that_flaps_is_told_once_a_second_and_only_as_it_is() {
        FakeClient ann = join("ann", "r");
        listenerBlocks = true;
        for (int i = 0; i < 100; i++) {
            bridge.goesAway();
            bridge.comesBack();
        }
        bridge.goesAway();
        listens.countDown();
        await().until(() -> host.contains("ISOLATED"));
        // One round at once, whatever it saw, and one later.
        time.advance(MOMENT);
        await().until(() -> ann.frames("status").size() % 2 == 1);
        time.advance(MOMENT);
        assertTrue(ann.frames("status").size() <= 3, ann.frames("status").toString());
        assertEquals("isolated", ann.last("status").text("state"));
        assertTrue(host.stream().filter(what -> !what.contains("came")).count() <= 3, host.toString());
        assertEquals(101, rooms.stats().isolations());
    }

    /** A join waited for the backend, and failed after ten seconds. */
    @Test
    void a_join_is_answered_at_once_with_the_members_that_are_known_here() {
        FakeClient ann = join("ann", "r");
        bridge.elsewhere().roster().join("r", "far", "c-far", null);
        bridge.delivery().release("r");
        ann.await("far", client -> client.frames("user_joined").size() == 2);
        bridge.goesAway();
        FakeClient ben = join("ben", "r");
        assertEquals(List.of("ann", "far", "ben"), members(ben.last("joined")));
        assertEquals("ben", ann.last("user_joined").text("userId"));
        FakeClient alone = join("cid", "elsewhere");
        assertEquals(List.of("cid"), members(alone.last("joined")));
        assertEquals(0, alone.last("joined").number("rev"));
        await().until(() -> host.contains("ben came") && host.contains("cid came"));
    }

    @Test
    void on_return_only_what_members_were_not_told_is_told() {
        FakeClient ann = join("ann", "r");
        FakeClient dan = join("dan", "r");
        bridge.elsewhere().roster().join("r", "far", "c-far", null);
        bridge.delivery().release("r");
        bridge.goesAway();
        join("ben", "r");
        dan.closes();
        bridge.elsewhere().roster().leave("r", "far", "c-far", Cause.LEAVE, Duration.ZERO);
        bridge.elsewhere().roster().join("r", "new", "c-new", null);
        assertEquals("dan", ann.last("user_left").text("userId"));
        ann.forget();
        bridge.comesBack();
        ann.await("new", client -> client.frames("user_joined").size() == 1);
        ann.await("far", client -> client.frames("user_left").size() == 1);
        assertEquals("new", ann.last("user_joined").text("userId"));
        assertEquals("far", ann.last("user_left").text("userId"));
        assertEquals(List.of("ann", "ben", "new"), asks(ann));
        await().until(() -> host.contains("far went: LEAVE"));
        assertEquals(1, host.stream().filter("ben came"::equals).count());
        assertEquals(1, host.stream().filter("dan went: LEAVE"::equals).count());
    }

    /** The roster knows better: whoever is on another instance, too, has not gone for good. */
    @Test
    void a_user_who_is_elsewhere_too_and_was_told_to_have_left_is_told_to_be_there() {
        FakeClient ann = join("ann", "r");
        FakeClient two = join("two", "r");
        bridge.elsewhere().roster().join("r", "two", "c-far", null);
        bridge.goesAway();
        two.closes();
        assertEquals("two", ann.last("user_left").text("userId"));
        bridge.comesBack();
        ann.await("two", client -> client.frames("user_joined").size() == 3);
        assertEquals(List.of("ann", "two"), asks(ann));
    }

    @Test
    void a_lost_connection_is_waited_for_while_the_backend_is_away() {
        FakeClient ann = join("ann", "r");
        join("ben", "r").vanishes();
        FakeClient cid = join("cid", "r");
        // What the lane answers stands behind what it was told before.
        asks(ann);
        bridge.goesAway();
        cid.vanishes();
        asks(ann);
        time.advance(Duration.ofSeconds(9));
        assertEquals(List.of(), ann.frames("user_left"));
        time.advance(Duration.ofSeconds(1));
        assertEquals("cid", ann.last("user_left").text("userId"));
        assertEquals(1, ann.frames("user_left").size());
    }

    @Test
    void messages_of_others_come_on_return_to_those_who_joined_meanwhile_too() {
        FakeClient ann = join("ann", "r");
        ann.says("one");
        assertThat(ann).received("one");
        bridge.goesAway();
        FakeClient ben = join("ben", "r");
        assertEquals(1, ben.last("joined").number("offset"));
        say("r", "two");
        say("r", "three");
        bridge.comesBack();
        assertThat(ann).received("one", "two", "three");
        assertThat(ben).received("two", "three");
        assertEquals(List.of(), ben.frames("gap"));
    }

    @Test
    void one_who_joins_a_room_of_which_nothing_is_known_is_told_a_gap_on_return() {
        bridge.goesAway();
        say("r", "before");
        FakeClient ann = join("ann", "r");
        Received joined = ann.last("joined");
        say("r", "after");
        ann.says("mine");
        bridge.comesBack();
        Received gap = ann.last("gap");
        assertEquals(joined.text("epoch"), ((Map<?, ?>) gap.get("lost")).get("epoch"));
        assertEquals(2, gap.number("offset"));
        assertThat(ann).received("mine");
        assertEquals(3, ann.last("chat").number("offset"));
    }

    @Test
    void one_who_comes_back_to_where_the_room_stands_has_missed_nothing_so_far() {
        FakeClient ann = join("ann", "r");
        ann.says("one");
        Position at = at(ann.last("chat"));
        ann.vanishes();
        FakeClient ben = join("ben", "r");
        bridge.goesAway();
        FakeClient back = comesBack("ann", at);
        assertTrue(back.last("joined").is("recovered"));
        say("r", "two");
        FakeClient third = join("cid", "r");
        third.sends("{\"content\":\"now\",\"volatile\":true}");
        assertThat(back).received("now");
        bridge.comesBack();
        assertThat(back).received("now", "two");
        assertThat(ben).received("now", "two");
        assertEquals(List.of(), back.frames("gap"));
    }

    /** It was answered that nothing could be recovered, and the client threw away what it had. */
    @Test
    void one_who_comes_back_with_a_position_gets_what_it_missed_on_return() {
        FakeClient ann = join("ann", "r");
        ann.says("one");
        Position at = at(ann.last("chat"));
        ann.says("two");
        assertThat(ann).received("one", "two");
        time.advance(Duration.ofMinutes(1));
        bridge.goesAway();
        FakeClient back = comesBack("back", at);
        assertTrue(back.last("joined").is("recovered"));
        assertEquals(at, at(back.last("joined")));
        say("r", "three");
        ann.sends("{\"content\":\"now\",\"volatile\":true}");
        join("ben", "r");
        assertEquals("ben", back.last("user_joined").text("userId"));
        assertThat(back).received("now");
        bridge.comesBack();
        back.await("all", client -> client.frames("chat").size() == 3);
        assertThat(back).received("now", "two", "three");
        assertEquals(List.of(), back.frames("gap"));
        say("r", "four");
        assertThat(back).received("now", "two", "three", "four");
    }

    @Test
    void one_who_comes_back_to_a_room_that_is_new_here_gets_what_it_missed_too() {
        say("r", "one");
        Position at = say("r", "two");
        say("r", "three");
        bridge.goesAway();
        FakeClient back = comesBack("back", at);
        assertTrue(back.last("joined").is("recovered"));
        FakeClient fresh = join("fresh", "r");
        say("r", "four");
        bridge.comesBack();
        back.await("all", client -> client.frames("chat").size() == 2);
        assertThat(back).received("three", "four");
        assertEquals(List.of(), back.frames("gap"));
        assertEquals(4, fresh.last("gap").number("offset"));
        say("r", "five");
        assertThat(back).received("three", "four", "five");
        assertThat(fresh).received("five");
    }

    /** It was handed what it missed and then, when the room found its place, a gap behind a position that it never had. */
    @Test
    void one_whose_messages_can_be_read_before_the_room_has_its_place_gets_them_when_it_has() {
        Position at = say("r", "one");
        say("r", "two");
        bridge.goesAway();
        bridge.canBeRead();
        FakeClient back = comesBack("back", at);
        assertTrue(back.last("joined").is("recovered"));
        assertEquals(at.epoch(), back.last("joined").text("epoch"));
        say("r", "three");
        bridge.comesBack();
        back.await("all", client -> client.frames("chat").size() == 2);
        assertThat(back).received("two", "three");
        assertEquals(List.of(), back.frames("gap"));
        say("r", "four");
        assertThat(back).received("two", "three", "four");
    }

    @Test
    void one_whose_messages_are_kept_no_more_on_return_is_told_a_gap_and_goes_on() {
        Position at = say("r", "one");
        say("r", "two");
        bridge.goesAway();
        FakeClient back = comesBack("back", at);
        for (int i = 0; i < 30; i++) {
            say("r", "more");
        }
        bridge.comesBack();
        back.await("gap", client -> client.frames("gap").size() == 1);
        assertEquals(32, back.last("gap").number("offset"));
        assertEquals(at.offset(), ((Number) ((Map<?, ?>) back.last("gap").get("lost")).get("after")).longValue());
        say("r", "last");
        assertThat(back).received("last");
        assertThat(back).isOpen();
    }

    @Test
    void what_cannot_be_had_on_return_is_a_gap_for_everyone() {
        FakeClient ann = join("ann", "r");
        ann.says("one");
        assertThat(ann).received("one");
        bridge.goesAway();
        say("r", "two");
        bridge.comesBackWithoutHistory();
        assertEquals(2, ann.last("gap").number("offset"));
        assertThat(ann).received("one");
    }

    @Test
    void a_second_loss_before_anything_could_be_read_loses_nothing() {
        Position at = say("r", "one");
        say("r", "two");
        bridge.goesAway();
        FakeClient back = comesBack("back", at);
        bridge.comesBack();
        bridge.goesAway();
        FakeClient other = comesBack("other", at);
        bridge.comesBack();
        back.await("two", client -> client.frames("chat").size() == 1);
        other.await("two", client -> client.frames("chat").size() == 1);
        assertEquals(List.of(), back.frames("gap"));
        assertFalse(other.last("joined").json().contains("\"recovered\":false"));
    }

    private void states(FakeClient client, String... states) {
        client.await(
                String.join(", ", states),
                some -> some.frames("status").stream()
                        .map(frame -> frame.text("state"))
                        .toList()
                        .equals(List.of(states)));
    }

    private FakeClient join(String user, String room) {
        FakeClient client = FakeClient.connect(rooms, user, room);
        client.last("user_joined");
        return client;
    }

    private FakeClient comesBack(String user, Position at) {
        FakeClient client = FakeClient.connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", "r")
                        .parameter("epoch", at.epoch())
                        .parameter("offset", Long.toString(at.offset()))
                        .build());
        client.last("joined");
        return client;
    }

    /** Says something on another instance. */
    private Position say(String room, String content) {
        Position position = bridge.elsewhere()
                .broadcaster()
                .publish(Message.of("chat", Content.of(content)).in(room, 1))
                .toCompletableFuture()
                .join();
        bridge.delivery().release(room);
        return position;
    }

    private static Position at(Received frame) {
        return new Position(frame.text("epoch"), frame.number("offset"));
    }

    private static List<String> asks(FakeClient client) {
        int before = client.frames("members").size();
        client.sends("{\"type\":\"members\",\"room\":\"r\"}");
        client.await("members", some -> some.frames("members").size() > before);
        return members(client.last("members"));
    }

    private static List<String> members(Received frame) {
        return ((List<?>) frame.get("members"))
                .stream()
                        .map(member -> (String) ((Map<?, ?>) member).get("userId"))
                        .toList();
    }
}

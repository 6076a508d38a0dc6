package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.LiveConnection.Entry;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Presence when the roster's news get lost or its readings fail; what members see when all goes well is in behaviour. */
class PresenceTest {

    private final ManualTime time = new ManualTime();
    private final Readings readings = new Readings();
    private final Hub hub = new Hub(Rooms.builder().time(time).bridge(readings));
    private final LiveRoom room = hub.rooms.hold("r");
    private final List<String> told = new ArrayList<>();
    private final CompletableFuture<Entry> outcome = new CompletableFuture<>();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_newcomer_is_let_in_when_the_roster_that_holds_it_was_read() {
        arrive(3);
        assertEquals(1, readings.asked.size());
        assertFalse(outcome.isDone());
        answer(3, "one", "me");
        assertEquals(Entry.ENTERED, outcome.join());
        assertEquals(List.of("joined 2", "user_joined"), told);
    }

    @Test
    void a_reading_from_before_its_join_is_not_enough() {
        arrive(3);
        answer(2, "one");
        assertFalse(outcome.isDone());
        assertEquals(1, readings.asked.size(), "it is read again");
        answer(3, "one", "me");
        assertTrue(outcome.isDone());
    }

    /** News of a revision that was never given, as anyone may forge who can write to the bridge, was read after for ever. */
    @Test
    void news_that_no_reading_confirms_cause_one_reading_and_no_loop() {
        arrive(1);
        answer(1, "me");
        changed(1000, "nobody");
        answer(1, "me");
        assertEquals(0, readings.asked.size());
        changed(2, "two");
        assertTrue(told.contains("user_joined two"));
    }

    @Test
    void one_reading_at_a_time_however_much_is_missed() {
        arrive(3);
        for (int rev = 5; rev < 50; rev += 2) {
            changed(rev, "someone " + rev);
        }
        assertEquals(1, readings.asked.size());
        answer(49, "me");
        assertEquals(0, readings.asked.size());
    }

    @Test
    void news_that_were_lost_are_made_up_for_by_a_reading_and_only_the_differences_are_told() {
        arrive(1);
        answer(1, "me");
        told.clear();
        changed(2, "two");
        changed(4, "four");
        assertEquals(List.of("user_joined two"), told);
        answer(4, "me", "three", "four");
        assertEquals(List.of("user_joined two", "user_joined three", "user_joined four", "user_left two"), told);
        changed(4, "four");
        changed(3, "three");
        assertEquals(4, told.size());
    }

    @Test
    void a_reading_that_fails_is_tried_again_after_a_second() {
        arrive(1);
        hub.turns.run(readings::fail);
        assertEquals(0, readings.asked.size());
        time.advance(Duration.ofMillis(999));
        assertEquals(0, readings.asked.size());
        time.advance(Duration.ofMillis(1));
        await().until(() -> readings.asked.size() == 1);
        answer(1, "me");
        await().until(outcome::isDone);
    }

    /** The host had been told of a coming; the room went before a reading could say that it was over. */
    @Test
    void a_room_whose_members_the_host_was_told_of_is_read_until_it_succeeds_though_nobody_holds_it() {
        arrive(1);
        answer(1, "me", "two");
        changed(3, "three");
        hub.turns.run(readings::fail);
        hub.turns.run(() -> hub.rooms.release(room));
        assertSame(room, hub.rooms.find("r"));
        time.advance(Duration.ofSeconds(1));
        await().until(() -> readings.asked.size() == 1);
        hub.turns.run(readings::fail);
        time.advance(Duration.ofSeconds(1));
        await().until(() -> readings.asked.size() == 1);
        answer(3, "me");
        await().untilAsserted(() -> assertEquals(0, hub.rooms.size()));
        assertTrue(told.contains("user_left two"));
    }

    @Test
    void a_room_that_nobody_holds_any_more_is_not_read() {
        arrive(1);
        hub.turns.run(readings::fail);
        hub.rooms.release(room);
        room.append(new LaneEntry.LookAgain());
        drain();
        assertEquals(0, readings.asked.size());
    }

    private void arrive(long rev) {
        Membership member =
                new Membership(new LiveConnection(hub, Handshake.builder().build(), new Told()), room);
        room.append(new LaneEntry.Arrived(member, new Position("e", 0), null, rev, null, outcome, Entry.ENTERED));
        drain();
    }

    private void changed(long rev, String user) {
        room.append(new LaneEntry.Changed(
                new RosterChange("r", rev, Kind.JOINED, new Member(user, 1, null), Cause.NONE, 0)));
        drain();
    }

    /** Within a turn, so that what follows is done when it has ended, and not by a worker. */
    private void answer(long rev, String... users) {
        hub.turns.run(() -> readings.answer(rev, users));
    }

    private void drain() {
        hub.turns.drain(room);
    }

    /** Remembers frames as {@code joined 2} (of how many), {@code user_joined one}. */
    private final class Told implements Transport {

        @Override
        public void write(FrameBatch batch, Completion completion) {
            for (TextFrame frame : batch.frames()) {
                String text = frame.text();
                String type = text.replaceAll(".*\"type\":\"(\\w+)\".*", "$1");
                told.add(
                        type.equals("joined")
                                ? text.replaceAll(".*\"count\":(\\d+).*", "joined $1")
                                : text.replaceAll(".*\"userId\":\"(.*?)\".*", type + " $1")
                                        .strip());
            }
            completion.done(null);
        }

        @Override
        public void ping(Completion completion) {
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {}
    }

    /** A bridge whose roster is read when the test says so. */
    private static final class Readings implements Bridge, Roster {

        private final Bridge bridge = Bridge.local();
        private final List<CompletableFuture<RosterSnapshot>> asked = new CopyOnWriteArrayList<>();

        void answer(long rev, String... users) {
            List<Member> members = List.of(users).stream()
                    .map(user -> new Member(user, 1, null))
                    .toList();
            asked.remove(0).complete(new RosterSnapshot(rev, members));
        }

        void fail() {
            asked.remove(0).completeExceptionally(new IllegalStateException("on purpose"));
        }

        @Override
        public CompletionStage<RosterSnapshot> read(String name) {
            CompletableFuture<RosterSnapshot> reading = new CompletableFuture<>();
            asked.add(reading);
            return reading;
        }

        @Override
        public void start(Context context) {
            bridge.start(context);
        }

        @Override
        public Broadcaster broadcaster() {
            return bridge.broadcaster();
        }

        @Override
        public Roster roster() {
            return this;
        }

        @Override
        public Directory directory() {
            return bridge.directory();
        }

        @Override
        public void close() {
            bridge.close();
        }

        @Override
        public CompletionStage<Long> join(String name, String userId, String connectionId, @Nullable Content meta) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<@Nullable Void> leave(
                String name, String userId, String connectionId, Cause cause, Duration grace) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Boolean> update(String name, String userId, @Nullable Content meta) {
            throw new UnsupportedOperationException();
        }
    }
}

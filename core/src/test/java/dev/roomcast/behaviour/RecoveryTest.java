package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.LateBridge;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Coming back with a position: all that was missed, in order, once; or the word that it cannot be had. */
class RecoveryTest {

    @Nested
    class WithABridgeThatAnswersAtOnce extends Scenarios {
        WithABridgeThatAnswersAtOnce() {
            super(Bridge.local());
        }
    }

    @Nested
    class WithABridgeThatAnswersLate extends Scenarios {
        WithABridgeThatAnswersLate() {
            super(new LateBridge(Bridge.local()));
        }
    }

    abstract static class Scenarios {

        private final ManualTime time = new ManualTime();
        private final Rooms rooms;
        private final FakeClient host;

        Scenarios(Bridge bridge) {
            rooms = Rooms.builder()
                    .bridge(bridge)
                    .time(time)
                    .rate(new Rate(1e6, 1_000_000))
                    .heartbeat(Duration.ofDays(1))
                    .history(new HistoryLimits(50, Duration.ofMinutes(5), 1 << 20))
                    .limit(Limit.OUTBOX_BYTES, 10_000)
                    .limit(Limit.SHUTDOWN_DEADLINE, 0)
                    .build();
            host = FakeClient.connect(rooms, "host", "r");
            host.last("user_joined");
        }

        @AfterEach
        void close() {
            rooms.close();
        }

        @Test
        void who_comes_back_gets_what_it_missed_and_then_what_is_new() {
            say(1, 10);
            FakeClient back = comesBack(epoch(), 4);
            say(11, 12);
            Received joined = back.last("joined");
            assertTrue(joined.is("recovering"));
            assertTrue(joined.is("recovered"));
            assertEquals(10, joined.number("offset"));
            receives(back, LongStream.rangeClosed(5, 12).boxed().toList());
            List<String> types = back.frames().stream().map(Received::type).toList();
            assertEquals(List.of("welcome", "joined", "user_joined", "chat"), types.subList(0, 4));
        }

        @Test
        void who_missed_nothing_is_recovered_all_the_same() {
            say(1, 3);
            FakeClient back = comesBack(epoch(), 3);
            assertTrue(back.last("joined").is("recovered"));
            say(4, 4);
            receives(back, List.of(4L));
        }

        @Test
        void who_was_away_too_long_gets_nothing_partial() {
            say(1, 60);
            FakeClient back = comesBack(epoch(), 9);
            Received joined = back.last("joined");
            assertTrue(joined.is("recovering"));
            assertFalse(joined.is("recovered"));
            assertEquals(60, joined.number("offset"));
            say(61, 61);
            receives(back, List.of(61L));
            FakeClient justInTime = comesBack(epoch(), 10);
            assertTrue(justInTime.last("joined").is("recovered"));
            receives(justInTime, LongStream.rangeClosed(11, 61).boxed().toList());
        }

        @ParameterizedTest
        @CsvSource({"other,3", "here,11", "here,999999999999999999"})
        void a_position_that_the_room_never_had_is_not_recovered(String epoch, long offset) {
            say(1, 10);
            FakeClient back = comesBack(epoch.equals("here") ? epoch() : epoch, offset);
            assertTrue(back.last("joined").is("recovering"));
            assertFalse(back.last("joined").is("recovered"));
            say(11, 11);
            receives(back, List.of(11L));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "\"epoch\":\"x\"",
                    "\"offset\":3",
                    "\"epoch\":\"\",\"offset\":3",
                    "\"epoch\":7,\"offset\":3",
                    "\"epoch\":[1],\"offset\":3",
                    "\"epoch\":\"x\",\"offset\":-1",
                    "\"epoch\":\"x\",\"offset\":1.5",
                    "\"epoch\":\"x\",\"offset\":1e3",
                    "\"epoch\":\"x\",\"offset\":\"3\"",
                    "\"epoch\":\"x\",\"offset\":{\"a\":1}",
                    "\"epoch\":\"x\",\"offset\":1000000000000000000",
                    "\"epoch\":\"123456789012345678901234567890123\",\"offset\":3"
                })
        void a_position_that_is_none_is_a_bad_request(String position) {
            FakeClient client = FakeClient.connect(rooms, "ann");
            client.sends("{\"type\":\"join\",\"room\":\"r\"," + position + "}");
            assertEquals("bad_request", client.last("error").text("code"));
            assertEquals("join", client.last("error").text("re"));
            assertEquals(List.of(), client.frames("joined"));
            client.sends("{\"type\":\"join\",\"room\":\"r\"}");
            client.last("joined");
        }

        @Test
        void a_position_in_the_url_does_the_same() {
            say(1, 5);
            FakeClient back = FakeClient.connect(
                    rooms,
                    Handshake.builder()
                            .parameter("user", "ann")
                            .parameter("room", "r")
                            .parameter("epoch", epoch())
                            .parameter("offset", "3")
                            .build());
            assertTrue(back.last("joined").is("recovered"));
            receives(back, List.of(4L, 5L));
            FakeClient broken = FakeClient.connect(
                    rooms,
                    Handshake.builder()
                            .parameter("user", "ann")
                            .parameter("room", "r")
                            .parameter("epoch", epoch())
                            .parameter("offset", "three")
                            .build());
            assertFalse(broken.last("joined").is("recovered"));
        }

        @ParameterizedTest
        @CsvSource({
            "here, -1",
            "here, three",
            "here, 1.0",
            "here, 1e0",
            "here, +1",
            "here, \u0661",
            "here, 11",
            "here, 999999999999999999",
            "here, 1000000000000000000",
            "here, 99999999999999999999999999",
            "here, ''",
            "'', 1",
            "elsewhere, 1",
            "123456789012345678901234567890123, 1"
        })
        void a_position_in_the_url_that_cannot_be_used_is_not_recovered_from(String epoch, String offset) {
            say(1, 10);
            FakeClient back = FakeClient.connect(
                    rooms,
                    Handshake.builder()
                            .parameter("user", "ann")
                            .parameter("room", "r")
                            .parameter("epoch", epoch.equals("here") ? epoch() : epoch)
                            .parameter("offset", offset)
                            .build());
            back.last("user_joined");
            assertTrue(back.last("joined").is("recovering"));
            assertFalse(back.last("joined").is("recovered"));
            assertEquals(10, back.last("joined").number("offset"));
            say(11, 11);
            receives(back, List.of(11L));
        }

        @Test
        void several_rooms_come_back_each_as_far_as_it_can() {
            FakeClient other = FakeClient.connect(rooms, "host", "s");
            other.last("user_joined");
            say(1, 60);
            IntStream.rangeClosed(1, 5).forEach(other::says);
            awaitOffset(other, 5);
            FakeClient back = FakeClient.connect(rooms, "ann");
            back.sends("{\"type\":\"join\",\"room\":\"r\",\"epoch\":\"" + epoch() + "\",\"offset\":9}");
            back.sends("{\"type\":\"join\",\"room\":\"s\",\"epoch\":\""
                    + other.last("chat").text("epoch") + "\",\"offset\":2}");
            back.sends("{\"type\":\"join\",\"room\":\"t\",\"epoch\":\"" + epoch() + "\",\"offset\":9}");
            back.await("the third room", client -> client.frames("joined").size() == 3);
            host.says(61);
            awaitOffset(back, 61);
            assertEquals(
                    List.of("r false", "s true", "t false"),
                    back.frames("joined").stream()
                            .map(joined -> joined.text("room") + " " + joined.is("recovered"))
                            .toList());
            back.await("the second room", client -> offsetsIn(client, "s").size() == 3);
            assertEquals(List.of(3L, 4L, 5L), offsetsIn(back, "s"));
            assertEquals(List.of(61L), offsetsIn(back, "r"));
            assertEquals(List.of(), offsetsIn(back, "t"));
        }

        @Test
        void what_was_not_for_a_user_is_left_out_of_its_replay() {
            say(1, 2);
            rooms.room("r").broadcast(Message.chat("secret").excluding(new Exclusion("gone", "ann")));
            say(4, 4);
            receives(comesBack(epoch(), 1), List.of(2L, 4L));
            FakeClient other = FakeClient.connect(rooms, "bob");
            other.sends("{\"type\":\"join\",\"room\":\"r\",\"epoch\":\"" + epoch() + "\",\"offset\":1}");
            receives(other, List.of(2L, 3L, 4L));
        }

        @Test
        void two_tabs_of_one_user_each_come_back_to_their_own_position() {
            say(1, 6);
            FakeClient one = comesBack(epoch(), 2);
            FakeClient two = comesBack(epoch(), 5);
            receives(one, List.of(3L, 4L, 5L, 6L));
            receives(two, List.of(6L));
        }

        @Test
        void a_slow_one_gets_everything_in_the_end_and_need_do_nothing_for_it() {
            FakeClient slow = FakeClient.connect(rooms, "slow", "r");
            slow.last("user_joined");
            slow.stopsReading();
            String padding = "x".repeat(400);
            host.says(1 + padding);
            // In flight from here on; all that follows waits, in however many batches it comes.
            awaitOffset(slow, 1);
            for (int i = 2; i <= 45; i++) {
                host.says(i + padding);
            }
            assertThat(host).sawEveryOffsetInOrder();
            assertEquals(45, awaitOffset(host, 45));
            // The batch that brought the host the last of them may still be on its way to the slow one.
            await().until(() -> rooms.stats().hits(Limit.OUTBOX_BYTES) > 0);
            slow.readsAgain();
            assertEquals(45, awaitOffset(slow, 45));
            host.says("more");
            assertEquals(46, awaitOffset(slow, 46));
            assertThat(slow).sawEveryOffsetInOrder().isOpen();
            assertEquals(0, rooms.stats().closed(CloseCode.TOO_SLOW));
        }

        @Test
        void a_slow_one_that_missed_more_than_is_kept_is_closed_or_told_as_it_understands() {
            FakeClient plain = FakeClient.connect(rooms, "plain", "r");
            FakeClient lines = FakeClient.connect(
                    rooms,
                    Handshake.builder()
                            .parameter("user", "lines")
                            .parameter("room", "r")
                            .subprotocol(Handshake.ROOMCAST_V1)
                            .build());
            plain.last("user_joined");
            lines.last("user_joined");
            plain.stopsReading();
            lines.stopsReading();
            String padding = "x".repeat(400);
            for (int i = 1; i <= 120; i++) {
                host.says(i + padding);
            }
            awaitOffset(host, 120);
            // On a busy machine the host may have been behind, too: what was read for it is kept for two seconds.
            time.advance(Duration.ofSeconds(3));
            host.says("the lane has seen the timer");
            awaitOffset(host, 121);
            plain.readsAgain();
            assertThat(plain).wasClosed(CloseCode.TOO_SLOW);
            lines.readsAgain();
            Received gap = lines.last("gap");
            assertEquals(epoch(), gap.text("epoch"));
            assertEquals(121, gap.number("offset"));
            host.says("more");
            assertEquals(122, awaitOffset(lines, 122));
            assertThat(lines).isOpen();
            assertTrue(gap.json().contains("\"lost\":{\"epoch\":\"" + epoch() + "\",\"after\":"));
        }

        @Test
        void who_came_and_went_while_one_was_slow_is_told_as_who_is_here() {
            FakeClient slow = FakeClient.connect(rooms, "slow", "r");
            slow.last("user_joined");
            slow.stopsReading();
            host.says("stuck");
            for (int i = 0; i < 200; i++) {
                FakeClient guest = FakeClient.connect(rooms, "guest " + i, "r");
                guest.last("user_joined");
                if (i < 198) {
                    guest.closes();
                    host.await(
                            "guest " + i + " has left",
                            client -> client.frames("user_left").size() > 0);
                    host.forget();
                }
            }
            slow.readsAgain();
            Received members = slow.last("members");
            assertEquals(4, members.number("count"));
        }

        @Test
        void each_of_a_storm_that_comes_back_begins_right_behind_its_own_position() {
            say(1, 20);
            for (int i = 0; i < 500; i++) {
                long position = 10L + i % 5;
                FakeClient back = FakeClient.connect(rooms, "ann " + i);
                back.sends(
                        "{\"type\":\"join\",\"room\":\"r\",\"epoch\":\"" + epoch() + "\",\"offset\":" + position + "}");
                if (i % 50 == 0) {
                    host.says("meanwhile");
                }
                back.last("chat");
                assertEquals(position + 1, back.frames("chat").get(0).number("offset"));
            }
        }

        private void say(int from, int to) {
            IntStream.rangeClosed(from, to).forEach(host::says);
            awaitOffset(host, to);
        }

        private FakeClient comesBack(String epoch, long offset) {
            FakeClient back = FakeClient.connect(rooms, "ann");
            back.sends("{\"type\":\"join\",\"room\":\"r\",\"epoch\":\"" + epoch + "\",\"offset\":" + offset + "}");
            back.last("user_joined");
            return back;
        }

        private String epoch() {
            return host.last("chat").text("epoch");
        }

        private static long awaitOffset(FakeClient client, long offset) {
            client.await(
                    "offset " + offset,
                    all -> all.frames("chat").stream().anyMatch(frame -> frame.number("offset") == offset));
            return offset;
        }

        private static void receives(FakeClient client, List<Long> offsets) {
            client.await("offsets " + offsets, all -> offsetsOf(all).size() >= offsets.size());
            assertEquals(offsets, offsetsOf(client));
        }

        private static List<Long> offsetsIn(FakeClient client, String room) {
            return client.frames("chat").stream()
                    .filter(frame -> frame.text("room").equals(room))
                    .map(frame -> frame.number("offset"))
                    .toList();
        }

        private static List<Long> offsetsOf(FakeClient client) {
            return client.frames("chat").stream()
                    .map(frame -> frame.number("offset"))
                    .toList();
        }
    }
}

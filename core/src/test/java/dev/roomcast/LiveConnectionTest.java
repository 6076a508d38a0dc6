package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.LiveConnection.Entry;
import dev.roomcast.guard.Identity;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingObserver;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveConnectionTest {

    private final ManualTime time = new ManualTime();
    private final RecordingObserver observer = new RecordingObserver();
    private final Hub hub = new Hub(Rooms.builder()
            .time(time)
            .observer(observer)
            .limit(Limit.ROOMS_PER_CONNECTION, 2)
            .limit(Limit.SHUTDOWN_DEADLINE, 1));
    private final Handshake handshake =
            Handshake.builder().parameter("user", "one").build();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_connection_is_in_a_bounded_number_of_rooms_each_once() {
        LiveConnection connection = new LiveConnection(hub, handshake, new NullTransport());
        Membership first = membership(connection, "a");
        assertEquals(Entry.ENTERED, enter(connection, first));
        assertEquals(Entry.ALREADY_IN, enter(connection, membership(connection, "a")));
        assertEquals(Entry.ENTERED, enter(connection, membership(connection, "b")));
        assertEquals(Entry.TOO_MANY, enter(connection, membership(connection, "c")));
        assertEquals(Set.of("a", "b"), connection.rooms());
        assertEquals(first, connection.joined.takeOut("a", new CompletableFuture<>()));
        assertEquals(null, connection.joined.takeOut("a", new CompletableFuture<>()));
        assertEquals(Entry.ENTERED, enter(connection, membership(connection, "c")));
    }

    @Test
    void a_connection_that_has_ended_is_in_no_room_and_takes_none() {
        LiveConnection connection = new LiveConnection(hub, handshake, new NullTransport());
        connection.close(CloseCode.NORMAL, "");
        assertEquals(Entry.ENDED, enter(connection, membership(connection, "a")));
        assertFalse(connection.send("news", 1));
        assertEquals(Set.of(), connection.rooms());
    }

    @Test
    void a_message_that_the_adapter_found_too_large_is_counted_and_ends_the_connection() {
        LiveConnection connection = (LiveConnection) hub.accept(handshake, new NullTransport());
        connection.tooBig();
        connection.tooBig();
        assertEquals(1, hub.stats().hits(Limit.MESSAGE_BYTES));
        assertEquals(1, hub.stats().closed(CloseCode.TOO_BIG));
    }

    @Test
    void the_bound_of_a_message_rises_when_the_identity_is_known() {
        LiveConnection connection = new LiveConnection(hub, handshake, new NullTransport());
        assertEquals(Limit.LOGIN_BYTES.defaultValue(), connection.maxMessageBytes());
        connection.identify(Identity.of("one"), "one");
        assertEquals(Limit.MESSAGE_BYTES.defaultValue(), connection.maxMessageBytes());
    }

    @Test
    void a_message_of_a_stranger_that_the_adapter_found_too_large_is_no_1009() {
        LiveConnection connection = new LiveConnection(hub, handshake, new NullTransport());
        connection.tooBig();
        assertEquals(1, hub.stats().hits(Limit.LOGIN_BYTES));
        assertEquals(1, hub.stats().closed(CloseCode.POLICY));
    }

    @Test
    void what_the_adapter_holds_is_known() {
        LiveConnection connection = new LiveConnection(hub, handshake, new NullTransport());
        assertEquals(0, connection.unfinished());
        connection.unfinished(500);
        connection.unfinished(700);
        assertEquals(700, connection.unfinished());
        connection.unfinished(0);
        assertEquals(0, connection.unfinished());
    }

    @Test
    void pongs_that_nobody_asked_for_are_limited() {
        LiveConnection connection = (LiveConnection) hub.accept(handshake, new NullTransport());
        for (int second = 0; second < 3; second++) {
            for (int i = 0; i < Limit.PINGS_PER_SECOND.defaultValue(); i++) {
                connection.pong();
            }
            time.advance(Duration.ofSeconds(1));
        }
        assertTrue(connection.isOpen());
        for (int i = 0; i < Limit.PINGS_PER_SECOND.defaultValue() + 5; i++) {
            connection.pong();
        }
        assertEquals(1, hub.stats().closed(CloseCode.TOO_MANY));
        assertEquals(1, hub.stats().hits(Limit.PINGS_PER_SECOND));
    }

    /** A client whose network was away for a while answers all pings of the hub at once. */
    @Test
    void an_answer_to_a_ping_of_the_hub_is_no_offence_however_late_it_comes() {
        LiveConnection connection = (LiveConnection) hub.accept(handshake, new NullTransport());
        for (int i = 0; i < 50; i++) {
            connection.ping();
        }
        time.advance(Duration.ofSeconds(20));
        for (int i = 0; i < 50; i++) {
            connection.pong();
        }
        assertTrue(connection.isOpen());
    }

    @Test
    void frames_that_the_adapter_found_too_many_end_the_connection_once() {
        LiveConnection connection = (LiveConnection) hub.accept(handshake, new NullTransport());
        connection.tooManyFrames();
        connection.tooManyFrames();
        assertEquals(1, hub.stats().hits(Limit.PINGS_PER_SECOND));
        assertEquals(1, hub.stats().closed(CloseCode.TOO_MANY));
    }

    @Test
    void the_end_is_told_once_whoever_brings_it() {
        LiveConnection connection = (LiveConnection) hub.accept(handshake, new NullTransport());
        connection.close(CloseCode.POLICY, "enough");
        connection.close(CloseCode.NORMAL, "again");
        connection.closed(1008);
        connection.closed(1006);
        connection.cut();
        assertEquals(List.of("open one", "close one 1008 POLICY"), observer.events());
        assertEquals(0, hub.connections.size());
    }

    @Test
    void a_close_that_is_not_answered_is_cut_after_its_deadline() {
        Cut transport = new Cut();
        LiveConnection connection = (LiveConnection) hub.accept(handshake, transport);
        connection.close(CloseCode.NORMAL, "");
        time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue() - 1));
        assertEquals(0, transport.aborts);
        time.advance(Duration.ofMillis(1));
        assertEquals(1, transport.aborts);
        assertEquals(1, hub.stats().hits(Limit.CLOSE_DEADLINE));
        assertEquals(0, hub.connections.size());
    }

    @Test
    void a_connection_whose_write_failed_has_the_time_of_a_closing_handshake_and_is_cut() {
        Cut transport = new Cut();
        hub.accept(handshake, transport);
        transport.fails = true;
        hub.connections.values().forEach(connection -> assertTrue(connection.send("news", 1)));
        time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue()));
        assertEquals(1, transport.aborts);
        assertEquals(List.of("open one", "limit CLOSE_DEADLINE one", "close one 1006"), observer.events());
    }

    @Test
    void the_first_deadline_of_an_end_holds() {
        Cut transport = new Cut();
        LiveConnection connection = (LiveConnection) hub.accept(handshake, transport);
        transport.fails = true;
        assertTrue(connection.send("news", 1));
        time.advance(Duration.ofMillis(Limit.CLOSE_DEADLINE.defaultValue() - 1));
        connection.close(CloseCode.NORMAL, "");
        time.advance(Duration.ofMillis(1));
        assertEquals(1, transport.aborts);
    }

    @Test
    void an_end_in_time_leaves_no_timer_and_nothing_is_written_any_more() {
        Cut transport = new Cut();
        LiveConnection connection = (LiveConnection) hub.accept(handshake, transport);
        connection.close(CloseCode.NORMAL, "");
        connection.closed(1000);
        int written = transport.written;
        assertFalse(connection.send("news", 1));
        connection.outbox.offer(new Membership(null, null), new Batches().next("x"));
        connection.ping();
        time.advance(Duration.ofMinutes(1));
        assertEquals(0, time.pending());
        assertEquals(0, hub.stats().hits(Limit.CLOSE_DEADLINE));
        assertEquals(0, transport.aborts);
        assertEquals(written, transport.written);
    }

    @Test
    void what_waits_for_one_that_is_too_slow_is_dropped_and_what_waits_for_another_goes_out() {
        for (CloseCode code : new CloseCode[] {CloseCode.TOO_SLOW, CloseCode.HEARTBEAT_LOST, CloseCode.NORMAL}) {
            Cut transport = new Cut();
            LiveConnection connection = (LiveConnection) hub.accept(handshake, transport);
            transport.holds = true;
            assertTrue(connection.send("news", 1));
            connection.outbox.offer(new Membership(null, null), new Batches().next("x"));
            connection.close(code, "");
            int before = transport.written;
            transport.complete();
            assertEquals(code == CloseCode.NORMAL ? before + 1 : before, transport.written, code.name());
        }
    }

    /** Whoever left counted twice, and the cap was none in the end. */
    @Test
    void who_has_come_and_gone_makes_no_room_for_more_than_the_cap() {
        Hub guarded = new Hub(Rooms.builder()
                .time(time)
                .limit(Limit.PENDING_CONNECTIONS, 2)
                .authenticator(credentials -> new CompletableFuture<>()));
        for (int i = 0; i < 10; i++) {
            LiveConnection connection = (LiveConnection) guarded.accept(handshake, new NullTransport());
            connection.close(CloseCode.NORMAL, "");
            connection.closed(1000);
        }
        assertFalse(guarded.login.isFull());
        Inbound first = guarded.accept(handshake, new NullTransport());
        Inbound second = guarded.accept(handshake, new NullTransport());
        assertTrue(guarded.login.isFull());
        first.closed(1000);
        assertFalse(guarded.login.isFull());
        second.closed(1000);
        guarded.close();
    }

    /** One transport that threw from {@code abort} kept the hub from closing the others, and its threads. */
    @Test
    void a_transport_that_cannot_even_be_cut_ends_all_the_same() {
        Cut transport = new Cut();
        LiveConnection connection = (LiveConnection) hub.accept(handshake, transport);
        transport.throwsAlways = true;
        connection.cut();
        assertEquals(0, hub.connections.size());
    }

    /** The far ends of time stand for never; they once overflowed, and the user was never let in. */
    @ParameterizedTest
    @ValueSource(strings = {"2320-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+1000000000-12-31T23:59:59.999999999Z"})
    void an_identity_may_hold_as_long_as_one_likes(String expiry) {
        Identity identity = Identity.of("one").until(Instant.parse(expiry));
        try (Rooms rooms = Rooms.builder()
                .time(time)
                .authenticator(credentials -> CompletableFuture.completedFuture(identity))
                .heartbeat(Duration.ofDays(1))
                .build()) {
            FakeClient client = FakeClient.connect(rooms, "whoever", "lobby");
            assertTrue(client.last("welcome").number("expires") > time.millis());
            assertEquals("lobby", client.last("joined").text("room"));
            time.advance(Duration.ofDays(365));
            assertTrue(client.closeCode().isEmpty());
        }
    }

    private Entry enter(LiveConnection connection, Membership membership) {
        return connection.joined.enter(membership, hub.settings.limit(Limit.ROOMS_PER_CONNECTION));
    }

    private Membership membership(LiveConnection connection, String room) {
        return new Membership(connection, new LiveRoom(room, hub));
    }

    /** Never answers a close; can fail, and worse. */
    private static final class Cut implements Transport {

        private int aborts;
        private int written;
        private boolean fails;
        private boolean holds;
        private @Nullable Completion held;
        private boolean throwsAlways;

        @Override
        public void write(FrameBatch frames, Completion completion) {
            written++;
            if (holds) {
                held = completion;
            } else {
                completion.done(fails ? new IllegalStateException("on purpose") : null);
            }
        }

        void complete() {
            holds = false;
            Completion completion = held;
            if (completion != null) {
                completion.done(null);
            }
        }

        @Override
        public void ping(Completion completion) {
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {
            aborts++;
            if (throwsAlways) {
                throw new IllegalStateException("on purpose");
            }
        }
    }
}

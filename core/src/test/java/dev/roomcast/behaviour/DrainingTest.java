package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.MessageHandler;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.StagedBridge;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Refusal;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hub that is going sends its clients away one after the other, and owes them nothing then. */
class DrainingTest {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final StagedBridge bridge = new StagedBridge();
    private final CountDownLatch free = new CountDownLatch(1);
    private Rooms rooms;
    private Thread closing = Thread.currentThread();
    private CompletableFuture<Void> drain = CompletableFuture.completedFuture(null);

    private void open(UnaryOperator<RoomsBuilder> settings) {
        RoomsBuilder builder = Rooms.builder()
                .time(time)
                .bridge(bridge)
                .heartbeat(Duration.ofDays(1))
                .limit(Limit.SHUTDOWN_DEADLINE, 3_000)
                .limit(Limit.GRACE, 60_000);
        rooms = settings.apply(builder).build();
    }

    private void open() {
        open(settings -> settings);
    }

    @AfterEach
    void end() {
        free.countDown();
        rooms.close();
        drain.join();
    }

    @Test
    void every_client_is_told_its_moment_and_closed_at_it_and_the_moments_are_spread_evenly() {
        open();
        List<FakeClient> clients = crowd(20);
        drainOf(clients);
        List<Long> moments = clients.stream()
                .map(client -> client.last("reconnect").number("after"))
                .sorted()
                .toList();
        assertEquals(IntStream.range(0, 20).mapToObj(i -> 250 + 500L * i).toList(), moments);
        for (int second = 1; second <= 10; second++) {
            long gone = 1000L * second;
            time.advance(Duration.ofSeconds(1));
            for (FakeClient client : clients) {
                if (client.last("reconnect").number("after") <= gone) {
                    assertThat(client).wasClosed(CloseCode.GOING_AWAY);
                } else {
                    assertThat(client).isOpen();
                }
            }
            // And have ended, or the clock would be ahead of them and cut them.
            await().until(() ->
                    rooms.stats().connections() == 20 - rooms.stats().closed(CloseCode.GOING_AWAY));
        }
        drain.join();
        assertEquals(20, rooms.stats().closed(CloseCode.GOING_AWAY));
        assertEquals(0, rooms.stats().connections());
        clients.forEach(client -> assertFalse(client.isAborted()));
    }

    @Test
    void newcomers_are_refused_and_one_that_comes_in_all_the_same_is_closed_at_once() {
        open();
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(ann);
        drainOf(List.of(ann));
        Handshake late = Handshake.builder().parameter("user", "late").build();
        assertEquals(503, rooms.refusal(late).map(Refusal::status).orElse(0));
        FakeClient client = FakeClient.connect(rooms, late);
        assertThat(client).wasClosed(CloseCode.GOING_AWAY).receivedNothing();
        assertThat(ann).isOpen();
    }

    @Test
    void what_is_said_meanwhile_reaches_everyone_who_is_still_here() {
        open();
        List<FakeClient> clients = crowd(2);
        drainOf(clients);
        time.advance(Duration.ofMillis(2_500));
        FakeClient first = clients.get(0).last("reconnect").number("after") == 2_500 ? clients.get(0) : clients.get(1);
        FakeClient second = first == clients.get(0) ? clients.get(1) : clients.get(0);
        assertThat(first).wasClosed(CloseCode.GOING_AWAY);
        assertTrue(rooms.room("r").broadcast("chat", "of the host"));
        second.says("of a client");
        assertThat(second).received("of the host", "of a client").isOpen();
        assertThat(first).received();
    }

    @Test
    void who_is_sent_away_is_waited_for_before_the_others_are_told() {
        open();
        List<FakeClient> clients = crowd(2);
        drainOf(clients, Duration.ofMinutes(10));
        time.advance(Duration.ofSeconds(150));
        await().until(() ->
                clients.stream().anyMatch(client -> client.closeCode().isPresent()));
        FakeClient stays = clients.get(0).closeCode().isEmpty() ? clients.get(0) : clients.get(1);
        Clients.settle(stays);
        assertEquals(List.of(), stays.frames("user_left"));
        time.advance(Duration.ofSeconds(61));
        stays.last("user_left");
    }

    @Test
    void an_answer_that_is_late_is_awaited_and_nothing_more_is_taken_meanwhile() {
        open();
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(ann);
        bridge.holdsAnswers("publish");
        ann.sends("{\"content\":1,\"id\":\"one\"}");
        drainOf(List.of(ann));
        time.advance(Duration.ofSeconds(6));
        await().until(() -> {
            ann.sends("{\"content\":2,\"id\":\"two\"}");
            return !ann.frames("error").isEmpty();
        });
        Received refused = ann.frames("error").get(0);
        assertEquals("unavailable", refused.text("code"));
        assertEquals("two", refused.text("id"));
        assertThat(ann).isOpen();
        bridge.letsGo("publish");
        assertThat(ann).wasClosed(CloseCode.GOING_AWAY);
        assertTrue(ann.frames("ack").stream().anyMatch(ack -> ack.text("id").equals("one")));
    }

    @Test
    void what_is_not_answered_in_time_is_refused_once_and_the_connection_closed() {
        open();
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(ann);
        bridge.holdsAnswers("publish");
        ann.sends("{\"content\":1,\"id\":\"one\"}");
        ann.sends("{\"content\":2}");
        drainOf(List.of(ann));
        time.advance(Duration.ofSeconds(5));
        assertThat(ann).isOpen();
        time.advance(Duration.ofSeconds(3));
        assertThat(ann).wasClosed(CloseCode.GOING_AWAY).wasRefused(ErrorCode.UNAVAILABLE);
        bridge.letsGo("publish");
        assertEquals(1, ann.frames("error").size());
        assertEquals("one", ann.last("error").text("id"));
        assertEquals(List.of(), ann.frames("ack"));
        drain.join();
    }

    @Test
    void a_message_that_waits_behind_a_busy_handler_is_answered_before_the_end() {
        CountDownLatch begun = new CountDownLatch(1);
        MessageHandler slow = (sender, room, message, relay) -> {
            begun.countDown();
            awaits(free);
            relay.broadcast(message);
        };
        open(settings -> settings.handler(slow).executor(task -> new Thread(task).start()));
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(ann);
        ann.sends("{\"content\":1,\"id\":\"one\"}");
        ann.sends("{\"content\":2,\"id\":\"two\"}");
        awaits(begun);
        drainOf(List.of(ann));
        time.advance(Duration.ofSeconds(6));
        assertThat(ann).isOpen();
        free.countDown();
        assertThat(ann).wasClosed(CloseCode.GOING_AWAY);
        assertEquals(
                List.of("one", "two"),
                ann.frames("ack").stream().map(ack -> ack.text("id")).toList());
    }

    @Test
    void a_handler_that_never_returns_holds_up_nobody() {
        open(settings -> settings.handler((sender, room, message, relay) -> awaits(free))
                .executor(task -> new Thread(task).start()));
        FakeClient stuck = FakeClient.connect(rooms, "stuck", "r");
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(stuck, ann);
        stuck.sends("{\"content\":1,\"id\":\"one\"}");
        drainOf(List.of(stuck, ann));
        time.advance(Duration.ofSeconds(8));
        assertThat(ann).wasClosed(CloseCode.GOING_AWAY);
        time.advance(Duration.ofSeconds(5));
        assertThat(stuck).wasClosed(CloseCode.GOING_AWAY);
        drain.join();
    }

    @Test
    void who_is_let_in_during_a_drain_is_told_its_moment_behind_its_welcome() {
        CompletableFuture<Identity> answer = new CompletableFuture<>();
        open(settings -> settings.authenticator(Authenticator.token(token -> answer)));
        FakeClient ann = FakeClient.connect(
                rooms, Handshake.builder().parameter("room", "r").build());
        ann.sends("{\"type\":\"auth\",\"token\":\"t\"}");
        FakeClient never = FakeClient.connect(rooms, Handshake.builder().build());
        drain(GRACE);
        awaitStart();
        answer.complete(Identity.of("ann"));
        ann.last("user_joined");
        assertThat(ann).receivedTypes("welcome", "reconnect", "joined", "user_joined");
        time.advance(GRACE);
        assertThat(ann).wasClosed(CloseCode.GOING_AWAY);
        assertThat(never).wasClosed(CloseCode.GOING_AWAY).receivedNothing();
    }

    @Test
    void a_close_ends_the_drain_at_once() {
        open();
        List<FakeClient> clients = crowd(5);
        drainOf(clients);
        rooms.close();
        clients.forEach(client -> assertThat(client).wasClosed(CloseCode.GOING_AWAY));
        assertEquals(0, rooms.stats().connections());
        drain.join();
    }

    @Test
    void a_second_drain_and_one_after_the_end_do_nothing() {
        open();
        FakeClient ann = FakeClient.connect(rooms, "ann", "r");
        allJoined(ann);
        drainOf(List.of(ann));
        rooms.close(Duration.ofHours(1));
        assertEquals(1, ann.frames("reconnect").size());
        assertThat(ann).isOpen();
        rooms.close();
        drain.join();
        rooms.close(GRACE);
        assertThrows(IllegalArgumentException.class, () -> rooms.close(Duration.ofMillis(-1)));
    }

    @Test
    void with_nobody_there_it_is_over_at_once() {
        open();
        rooms.close(GRACE);
    }

    @Test
    void without_time_all_go_at_once_but_not_at_one_go() {
        open();
        List<FakeClient> clients = crowd(100);
        drain(Duration.ZERO);
        clients.forEach(client -> assertEquals(0, client.last("reconnect").number("after")));
        awaitStart();
        await().until(() -> rooms.stats().closed(CloseCode.GOING_AWAY) == 64);
        time.advance(Duration.ZERO);
        clients.forEach(client -> assertThat(client).wasClosed(CloseCode.GOING_AWAY));
    }

    @Test
    void one_that_does_not_answer_the_close_is_cut_and_the_drain_ends() {
        open();
        FakeClient mute = FakeClient.connect(rooms, "mute", "r");
        allJoined(mute);
        mute.ignoresClose();
        drainOf(List.of(mute));
        time.advance(Duration.ofSeconds(5));
        assertThat(mute).wasClosed(CloseCode.GOING_AWAY);
        time.advance(Duration.ofSeconds(5));
        assertThat(mute).wasCut();
        drain.join();
    }

    @Test
    void an_interrupt_ends_the_drain() {
        open();
        List<FakeClient> clients = crowd(3);
        drainOf(clients, Duration.ofHours(1));
        closing.interrupt();
        drain.join();
        clients.forEach(client -> assertThat(client).wasClosed(CloseCode.GOING_AWAY));
    }

    private List<FakeClient> crowd(int size) {
        List<FakeClient> clients = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            clients.add(FakeClient.connect(rooms, "user " + i, "r"));
        }
        allJoined(clients.toArray(FakeClient[]::new));
        return clients;
    }

    private void drainOf(List<FakeClient> clients) {
        drainOf(clients, GRACE);
    }

    private void drainOf(List<FakeClient> clients, Duration grace) {
        drain(grace);
        clients.forEach(client -> client.last("reconnect"));
        awaitStart();
    }

    private void drain(Duration grace) {
        Rooms mine = rooms;
        drain = CompletableFuture.runAsync(() -> mine.close(grace), task -> {
            closing = new Thread(task);
            closing.start();
        });
    }

    /** The clock is not turned before the timer is set that goes along the slots: who drains waits then. */
    private void awaitStart() {
        await().pollInterval(Duration.ofMillis(1)).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

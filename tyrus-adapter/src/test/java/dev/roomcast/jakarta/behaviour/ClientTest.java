package dev.roomcast.jakarta.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.client.ClientState;
import dev.roomcast.client.RoomcastClient;
import dev.roomcast.client.SendException;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Java client before a real server, over a network that can be cut. */
class ClientTest {

    private final ClientEvents events = new ClientEvents();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void talks_in_several_rooms_over_one_connection() {
        Site site = site();
        RoomcastClient client = client(site.port(), "ann");
        ClientRoom red = client.join("red");
        ClientRoom blue = client.join("blue", Map.of("mood", "calm"));
        assertEquals(1, join(red.send("one")).offset());
        assertEquals(1, join(blue.send("move", List.of(1, 2))).offset());
        assertEquals(2, join(red.send("two")).offset());
        events.await("red: two");
        events.await("blue: [1,2]");
        assertEquals(List.of("red: one", "red: two"), events.of("red:"));
        assertEquals(1, site.stats().connections());
        assertEquals("{\"mood\":\"calm\"}", blue.members().get("ann").json());
        assertEquals(ClientState.ONLINE, client.state());
    }

    @Test
    void what_was_missed_comes_after_a_cut_once_and_in_order() {
        Site site = site();
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        join(client.join("lobby").joined());
        site.rooms().room("lobby").broadcast("chat", "before");
        events.await("lobby: before");
        network.refuse(true);
        network.cut();
        await().until(() -> client.state() != ClientState.ONLINE);
        IntStream.range(0, 20).forEach(i -> site.rooms().room("lobby").broadcast("chat", "missed " + i));
        network.refuse(false);
        events.await("recovered lobby");
        site.rooms().room("lobby").broadcast("chat", "after");
        events.await("lobby: after");
        List<String> expected = new ArrayList<>(List.of("lobby: before"));
        IntStream.range(0, 20).forEach(i -> expected.add("lobby: missed " + i));
        expected.add("lobby: after");
        assertEquals(expected, events.of("lobby:"));
        assertEquals(List.of(), events.of("gap"));
    }

    @Test
    void a_history_that_falls_short_is_told_as_a_gap() {
        Site site = site(new HistoryLimits(5, Duration.ofMinutes(5), 1 << 20));
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        join(client.join("lobby").joined());
        site.rooms().room("lobby").broadcast("chat", "before");
        events.await("lobby: before");
        network.refuse(true);
        network.cut();
        await().until(() -> client.state() != ClientState.ONLINE);
        IntStream.range(0, 20).forEach(i -> site.rooms().room("lobby").broadcast("chat", "lost " + i));
        network.refuse(false);
        events.await("gap lobby 1 21");
        site.rooms().room("lobby").broadcast("chat", "after");
        events.await("lobby: after");
        assertEquals(List.of("lobby: before", "lobby: after"), events.of("lobby:"));
    }

    @Test
    void what_is_sent_during_a_cut_is_said_once_when_the_network_is_back() {
        Site site = site();
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.send("first"));
        List<CompletionStage<Position>> sends = new ArrayList<>();
        // Some of them are written, and the cut takes the answer away.
        for (int i = 0; i < 40; i++) {
            sends.add(lobby.send("during " + i));
            if (i == 5) {
                network.cut();
            }
        }
        List<Long> offsets = sends.stream().map(send -> join(send).offset()).toList();
        assertEquals(IntStream.range(2, 42).mapToLong(i -> i).boxed().toList(), offsets);
        events.await("lobby: during 39");
        assertEquals(IntStream.range(0, 40).mapToObj(i -> "lobby: during " + i).toList(), events.of("lobby: during"));
    }

    @Test
    void what_another_process_has_said_under_an_id_is_not_said_again() {
        Site site = site();
        RoomcastClient client = client(site.port(), "ann");
        Position first = join(join(client.join("lobby").joined()).send("order", "a", "order-7"));
        client.close();
        RoomcastClient later = client(site.port(), "ann");
        ClientRoom lobby = join(later.join("lobby").joined());
        assertEquals(List.of(lobby), later.rooms());
        assertEquals(first, join(lobby.send("order", "a", "order-7")));
        assertEquals(
                SendException.ID_CONFLICT,
                refusal(lobby.send("order", "b", "order-7")).code());
        assertEquals(
                first.offset() + 1, join(lobby.send("order", "b", "order-8")).offset());
    }

    @Test
    void members_are_those_who_are_there() {
        Site site = site();
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.joined());
        PlainClient ben = PlainClient.join(site.port(), "lobby", "ben");
        events.await("user_joined lobby ben");
        network.refuse(true);
        network.cut();
        await().until(() -> client.state() != ClientState.ONLINE);
        ben.close();
        PlainClient cat = PlainClient.join(site.port(), "lobby", "cat");
        network.refuse(false);
        await().untilAsserted(
                        () -> assertEquals(Set.of("ann", "cat"), lobby.members().keySet()));
        cat.close();
        events.await("user_left lobby cat");
        assertEquals(1, lobby.memberCount());
    }

    @Test
    void a_token_that_expires_is_replaced_on_the_same_connection() {
        AtomicInteger tokens = new AtomicInteger();
        Site site = authenticated(Duration.ofSeconds(2));
        RoomcastClient client = open(RoomcastClient.connect(uri(site.port()))
                .tokens(() -> CompletableFuture.completedFuture("ann-" + tokens.incrementAndGet()))
                .listener(events)
                .open());
        join(client.join("lobby").joined());
        await().atMost(Duration.ofSeconds(20)).until(() -> tokens.get() >= 4);
        assertEquals(List.of("CONNECTING", "ONLINE"), states());
    }

    @Test
    void a_token_that_has_expired_and_cannot_be_replaced_in_time_brings_the_client_back_with_a_new_one() {
        AtomicInteger tokens = new AtomicInteger();
        Site site = authenticated(Duration.ofMillis(900));
        RoomcastClient client = open(RoomcastClient.connect(uri(site.port()))
                .tokens(() -> CompletableFuture.completedFuture("ann-" + tokens.incrementAndGet()))
                .backoff(Duration.ofMillis(5), Duration.ofMillis(20))
                .listener(events)
                .open());
        ClientRoom lobby = client.join("lobby");
        join(lobby.send("one"));
        events.await("recovered lobby");
        join(lobby.send("two"));
        events.await("lobby: two");
        assertEquals(List.of("lobby: one", "lobby: two"), events.of("lobby:"));
    }

    @Test
    void a_token_that_is_refused_ends_the_client() {
        Site site = authenticated(Duration.ofMinutes(1));
        open(RoomcastClient.connect(uri(site.port()))
                .token("nobody")
                .backoff(Duration.ofMillis(5), Duration.ofMillis(20))
                .listener(events)
                .open());
        events.await("closed 4401");
        events.await("CLOSED");
    }

    @Test
    void close_codes_decide_whether_it_comes_back() {
        Site site = open(Site.open(hub -> hub.handler((sender, room, message, relay) ->
                sender.close(CloseCode.valueOf(message.content().text()), "of the test"))));
        RoomcastClient client = client(site.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.joined());
        lobby.sendVolatile("chat", "TOO_SLOW");
        events.await("recovered lobby");
        lobby.sendVolatile("chat", "FORBIDDEN");
        events.await("closed 4403");
        SendException refused = refusal(client.join("lobby").joined());
        assertEquals(SendException.CLOSED, refused.code());
    }

    @Test
    void a_server_that_restarts_is_come_back_to() {
        Site first = site();
        AtomicInteger port = new AtomicInteger(first.port());
        CuttingProxy network = new CuttingProxy(port::get);
        open.add(network);
        RoomcastClient client = client(network.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.send("one"));
        first.close();
        Site second = site();
        port.set(second.port());
        CompletionStage<Position> later = lobby.send("two");
        // The order of a hub in memory ends with it.
        events.await("gap lobby 1 0");
        assertEquals(1, join(later).offset());
    }

    @Test
    void a_room_that_one_may_not_join_is_told_as_left_and_its_sends_are_refused() {
        Site site = open(Site.open(hub -> hub.access(new Access() {
            @Override
            public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                return CompletableFuture.completedFuture(!room.equals("secret"));
            }
        })));
        RoomcastClient client = client(site.port(), "ann");
        ClientRoom secret = client.join("secret");
        CompletionStage<Position> send = secret.send("psst");
        assertEquals(SendException.NOT_JOINED, refusal(secret.joined()).code());
        assertEquals(SendException.NOT_JOINED, refusal(send).code());
        events.await("left secret forbidden");
        join(client.join("lobby").joined());
    }

    @Test
    void a_rate_that_is_exceeded_slows_the_client_down_and_loses_nothing() {
        Site site = open(Site.open(hub -> hub.rate(new Rate(200, 10))));
        RoomcastClient client = client(site.port(), "ann");
        List<ClientRoom> rooms =
                IntStream.range(0, 30).mapToObj(i -> client.join("room" + i)).toList();
        List<CompletionStage<Position>> sends = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sends.add(rooms.get(i % 30).send(i));
        }
        Set<Long> offsets = sends.stream().map(send -> join(send).offset()).collect(Collectors.toSet());
        assertEquals(Set.of(1L, 2L), offsets);
        assertEquals(List.of("CONNECTING", "ONLINE"), states());
        assertTrue(site.stats().refused(ErrorCode.RATE_LIMITED) > 0, "the rate was not reached");
    }

    /** The application was told of up to 195 errors at each comeback. */
    @Test
    void many_rooms_come_back_at_the_default_rate_without_an_error() {
        Site site = open(Site.open(
                // A quiet room is remembered as long as someone is waited for, and so many joins take three seconds.
                hub -> hub.rate(Rate.DEFAULT)
                        .limit(Limit.GRACE, 10_000)
                        .history(new HistoryLimits(256, Duration.ofMinutes(5), 1 << 20))));
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        List<ClientRoom> rooms =
                IntStream.range(0, 128).mapToObj(i -> client.join("room" + i)).toList();
        rooms.forEach(room -> join(room.joined()));
        network.cut();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> events.of("recovered").size() == 128);
        assertEquals(List.of(), events.of("error"));
        assertTrue(site.stats().refused(ErrorCode.RATE_LIMITED) > 0, "the rate was not reached");
    }

    @Test
    void a_room_that_the_host_joins_a_user_to_is_seen_and_come_back_to() {
        Site site = site();
        CuttingProxy network = network(site);
        RoomcastClient client = client(network.port(), "ann");
        await().until(() -> client.state() == ClientState.ONLINE);
        site.rooms()
                .connections()
                .forEach(connection -> join(site.rooms().room("inbox").join(connection)));
        events.await("joined inbox");
        assertEquals(
                List.of("inbox"), client.rooms().stream().map(ClientRoom::name).toList());
        site.rooms().room("inbox").broadcast("chat", "one");
        events.await("inbox: one");
        network.cut();
        events.await("recovered inbox");
        site.rooms().room("inbox").broadcast("chat", "two");
        events.await("inbox: two");
    }

    @Test
    void a_room_that_was_left_can_be_joined_anew() {
        Site site = site();
        RoomcastClient client = client(site.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.send("one"));
        lobby.leave();
        ClientRoom again = client.join("lobby");
        join(again.joined());
        join(again.send("two"));
        events.await("lobby: two");
        assertEquals(SendException.NOT_JOINED, refusal(lobby.send("three")).code());
        assertEquals(2, again.position().orElseThrow().offset());
    }

    @Test
    void closing_is_seen_by_the_others_at_once_and_leaves_no_thread() {
        Site site = site();
        PlainClient ben = PlainClient.join(site.port(), "lobby", "ben");
        RoomcastClient client = client(site.port(), "ann");
        ClientRoom lobby = client.join("lobby");
        join(lobby.joined());
        client.close();
        assertEquals("ann", ben.next("user_left").get("userId").asText());
        events.await("closed 1000");
        assertEquals(SendException.CLOSED, refusal(lobby.send("late")).code());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("roomcast-client")));
        ben.close();
    }

    @Test
    void a_listener_may_block_and_call_the_client_and_fail() {
        Site site = site();
        List<String> said = new ArrayList<>();
        RoomcastClient[] self = new RoomcastClient[1];
        self[0] = open(RoomcastClient.connect(uri(site.port()))
                .user("echo")
                .listener(new dev.roomcast.client.ClientListener() {
                    @Override
                    public void onMessage(ClientRoom room, Message message) {
                        synchronized (said) {
                            said.add(message.content().text());
                        }
                        if (!"echo".equals(message.userId())) {
                            room.send("heard " + message.content().text());
                        }
                        throw new IllegalStateException("of the test");
                    }
                })
                .open());
        join(self[0].join("lobby").joined());
        PlainClient ben = PlainClient.join(site.port(), "lobby", "ben");
        ben.say("one").say("two");
        await().untilAsserted(() -> {
            synchronized (said) {
                assertEquals(4, said.size());
            }
        });
        ben.close();
    }

    private List<String> states() {
        return events.all().stream().filter(event -> event.matches("[A-Z]+")).toList();
    }

    private Site site() {
        return site(new HistoryLimits(256, Duration.ofMinutes(5), 1 << 20));
    }

    private Site site(HistoryLimits history) {
        return open(Site.open(hub -> hub.history(history)));
    }

    /** Tokens are the user, a dash and anything; each is good for so long from now. */
    private Site authenticated(Duration life) {
        return open(Site.open(hub -> hub.history(new HistoryLimits(256, Duration.ofMinutes(5), 1 << 20))
                .authenticator(Authenticator.token(token -> CompletableFuture.completedFuture(
                        token.contains("-")
                                ? Identity.of(token.substring(0, token.indexOf('-')))
                                        .until(Instant.now().plus(life))
                                : null)))));
    }

    private CuttingProxy network(Site site) {
        return open(new CuttingProxy(site::port));
    }

    private RoomcastClient client(int port, String user) {
        return open(RoomcastClient.connect(uri(port))
                .user(user)
                .backoff(Duration.ofMillis(5), Duration.ofMillis(50))
                .listener(events)
                .open());
    }

    private static URI uri(int port) {
        return URI.create("ws://127.0.0.1:" + port + "/rooms");
    }

    private <T extends AutoCloseable> T open(T opened) {
        open.add(opened);
        return opened;
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture()
                .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    private static SendException refusal(CompletionStage<?> stage) {
        CompletionException failed = assertThrows(CompletionException.class, () -> join(stage));
        return assertInstanceOf(SendException.class, failed.getCause());
    }
}

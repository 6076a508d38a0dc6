package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.Sneaky;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Refusal;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingObserver;
import dev.roomcast.transport.Handshake;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody is in before somebody vouches for it, and nothing of a room shows before. */
class LoginTest {

    private static final String TOKEN = "{\"type\":\"auth\",\"token\":\"do-not-log-%s\"}";

    private static final String GOOD = "do-not-log-good-";

    private final ManualTime time = new ManualTime();
    private final RecordingObserver observer = new RecordingObserver();
    private final List<Rooms> open = new ArrayList<>();
    private final LogLines log = new LogLines();

    @AfterEach
    void no_token_was_logged() {
        open.forEach(Rooms::close);
        log.close();
        log.lines().forEach(line -> assertFalse(line.contains("do-not-log"), line));
    }

    @Test
    void the_token_of_the_first_message_says_who_it_is_and_the_url_is_not_believed() {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "admin", "lobby");
        assertThat(client).receivedNothing();
        client.sends(TOKEN.formatted("good-one"));
        assertThat(client).receivedTypes("welcome", "joined", "user_joined").isOpen();
        assertEquals("one", client.last("welcome").text("userId"));
        assertEquals("one", client.last("user_joined").text("userId"));
        client.says("hello");
        assertEquals("one", client.last("chat").text("userId"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"auth\",\"token\":\"do-not-log-bad\"}",
                "{\"type\":\"auth\",\"token\":\"\"}",
                "{\"type\":\"auth\",\"token\":\"do-not-log-good-with\\u0000control\"}",
                "{\"type\":\"auth\"}",
                "{\"type\":\"auth\",\"token\":7}",
                "{\"content\":\"hello\"}",
                "{\"type\":\"join\",\"room\":\"lobby\"}",
                "{\"type\":\"ping\"}",
                "{",
                ""
            })
    void anything_else_is_refused_at_once_and_not_one_frame_is_sent(String first) {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(first);
        assertThat(client).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
        assertEquals(0, rooms.stats().memberships());
        assertFalse(observer.events().toString().contains("open"));
    }

    /** An outage of what knows the users was told as a no (4401), and sent them all away for good. */
    @ParameterizedTest
    @ValueSource(strings = {"fails", "sneaks", "no-stage"})
    void an_authenticator_that_fails_lets_nobody_in_and_has_them_come_back(String token) {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(TOKEN.formatted("do-not-log-" + token));
        assertThat(client).wasClosed(CloseCode.UNAVAILABLE).receivedNothing();
        assertEquals(0, rooms.stats().memberships());
        assertFalse(observer.events().toString().contains("open"));
    }

    /** Libraries throw for a wrong token, and its client must not come back with it for ever. */
    @Test
    void a_verifier_that_throws_says_no() {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(TOKEN.formatted("do-not-log-throws"));
        assertThat(client).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
    }

    /** Another first message that is no token was a close 4401; this one was an error, and twenty were forgiven. */
    @Test
    void a_binary_message_is_refused_as_any_other_first_message() {
        CompletableFuture<@Nullable Identity> answer = new CompletableFuture<>();
        Rooms rooms = rooms(Authenticator.token(token -> answer));
        FakeClient first = FakeClient.connect(rooms, "one", "lobby");
        first.sendsBinary();
        assertThat(first).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
        FakeClient second = FakeClient.connect(rooms, "one", "lobby");
        second.sends(TOKEN.formatted("slow"));
        second.sendsBinary();
        assertThat(second).isOpen();
        answer.complete(Identity.of("one"));
        assertEquals("bad_request", second.last("error").text("code"));
        assertThat(second)
                .receivedTypes("welcome", "joined", "user_joined", "error")
                .isOpen();
    }

    /** The host could send to a client before its welcome, which is to be the first frame. */
    @Test
    void the_host_sees_who_has_been_welcomed() {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        assertTrue(rooms.connections().isEmpty());
        assertEquals(1, rooms.stats().connections());
        client.sends(TOKEN.formatted("good-one"));
        rooms.connections().forEach(connection -> connection.send("note", 1));
        client.last("note");
        assertEquals("welcome", client.frames().get(0).type());
    }

    @Test
    void silence_ends_at_the_deadline_which_traffic_does_not_move() {
        Rooms rooms = rooms(tokens());
        FakeClient silent = FakeClient.connect(rooms, "one", "lobby");
        time.advance(Duration.ofMillis(9_999));
        assertThat(silent).isOpen();
        time.advance(Duration.ofMillis(1));
        assertThat(silent).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
        assertEquals(1, rooms.stats().hits(Limit.AUTH_DEADLINE));
    }

    @Test
    void an_authenticator_that_never_answers_ends_at_the_deadline_and_what_came_meanwhile_is_forgotten() {
        Rooms rooms = rooms(Authenticator.token(token -> new CompletableFuture<>()));
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(TOKEN.formatted("slow"));
        for (int i = 0; i < 5; i++) {
            time.advance(Duration.ofSeconds(1));
            client.says("still waiting");
        }
        time.advance(Duration.ofSeconds(5));
        assertThat(client).wasClosed(CloseCode.UNAVAILABLE).receivedNothing();
        assertEquals(0, rooms.stats().published());
        assertEquals(1, rooms.stats().hits(Limit.AUTH_DEADLINE));
    }

    @Test
    void what_is_sent_while_the_answer_is_on_its_way_comes_after_it_in_order() {
        CompletableFuture<@Nullable Identity> answer = new CompletableFuture<>();
        Rooms rooms = rooms(Authenticator.token(token -> answer));
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(TOKEN.formatted("slow"));
        client.says("a");
        client.says("b");
        assertThat(client).receivedNothing();
        answer.complete(Identity.of("one"));
        assertThat(client).received("a", "b");
        assertThat(client).receivedTypes("welcome", "joined", "user_joined", "chat", "chat");
    }

    @Test
    void what_waits_before_the_login_is_bounded() {
        Rooms rooms = rooms(Authenticator.token(token -> new CompletableFuture<>()));
        FakeClient many = FakeClient.connect(rooms, "one", "lobby");
        many.sends(TOKEN.formatted("slow"));
        for (int i = 0; i < 33; i++) {
            many.says(i);
        }
        assertThat(many).wasClosed(CloseCode.POLICY);
        FakeClient large = FakeClient.connect(rooms, "one", "lobby");
        large.sends(TOKEN.formatted("slow"));
        large.says("x".repeat(8 * 1024));
        assertThat(large).wasClosed(CloseCode.POLICY);
    }

    /** A large message behind the login, while the URL's room was being joined or a token refreshed, was a close 1008. */
    @Test
    void who_is_in_may_say_as_much_as_anyone_while_its_room_is_joined_and_its_token_refreshed() {
        CompletableFuture<Boolean> join = new CompletableFuture<>();
        AtomicReference<CompletableFuture<@Nullable Identity>> answer =
                new AtomicReference<>(new CompletableFuture<>());
        Rooms rooms = rooms(
                Authenticator.token(token -> answer.get()),
                builder -> builder.access(new Access() {
                    @Override
                    public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                        return join;
                    }
                }));
        FakeClient client = FakeClient.connect(rooms, "one", "lobby");
        client.sends(TOKEN.formatted("first"));
        answer.get().complete(Identity.of("one"));
        client.last("welcome");
        String large = "x".repeat(9 * 1024);
        client.says(large);
        join.complete(true);
        assertThat(client).received(large).isOpen();
        answer.set(new CompletableFuture<>());
        client.sends(TOKEN.formatted("second"));
        client.says(large);
        answer.get().complete(Identity.of("one"));
        assertThat(client).received(large, large).isOpen();
    }

    @Test
    void a_handshake_may_say_enough() {
        Authenticator cookies = credentials -> CompletableFuture.completedFuture(
                credentials.handshake().header("Cookie").map(Identity::of).orElse(null));
        Rooms rooms = rooms(cookies);
        FakeClient known = FakeClient.connect(
                rooms,
                Handshake.builder()
                        .header("cookie", "one")
                        .parameter("room", "lobby")
                        .build());
        assertThat(known).receivedTypes("welcome", "joined", "user_joined");
        FakeClient unknown = FakeClient.connect(rooms, "one", "lobby");
        unknown.sends(TOKEN.formatted("irrelevant"));
        assertThat(unknown).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
    }

    @Test
    void connections_that_are_not_in_yet_are_counted_and_capped() {
        Rooms rooms = rooms(tokens(), builder -> builder.limit(Limit.PENDING_CONNECTIONS, 3));
        List<FakeClient> pending = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pending.add(FakeClient.connect(rooms, "one", "lobby"));
        }
        Handshake next = Handshake.builder().build();
        assertEquals(503, rooms.refusal(next).map(Refusal::status).orElse(0));
        pending.get(0).sends(TOKEN.formatted("good-one"));
        assertTrue(rooms.refusal(next).isEmpty());
        pending.add(FakeClient.connect(rooms, "one", "lobby"));
        assertFalse(rooms.refusal(next).isEmpty());
        pending.get(1).vanishes();
        assertTrue(rooms.refusal(next).isEmpty());
        assertEquals(2, rooms.stats().handshakesRefused());
    }

    @Test
    void an_identity_that_expires_ends_the_connection_unless_it_is_refreshed() {
        Instant soon = Instant.ofEpochMilli(time.millis()).plusSeconds(60);
        Rooms rooms = rooms(Authenticator.token(token -> CompletableFuture.completedFuture(
                Identity.of("one").until(token.endsWith("first") ? soon : soon.plusSeconds(60)))));
        FakeClient idle = FakeClient.connect(rooms, "x", "lobby");
        FakeClient busy = FakeClient.connect(rooms, "x", "lobby");
        idle.sends(TOKEN.formatted("first"));
        busy.sends(TOKEN.formatted("first"));
        assertEquals(60_000, idle.last("welcome").number("expiresIn"));
        time.advance(Duration.ofSeconds(59));
        busy.sends(TOKEN.formatted("second"));
        assertEquals(61_000, busy.last("welcome").number("expiresIn"));
        time.advance(Duration.ofSeconds(1));
        assertThat(idle).wasClosed(CloseCode.UNAUTHENTICATED);
        assertThat(busy).isOpen();
        time.advance(Duration.ofSeconds(60));
        assertThat(busy).wasClosed(CloseCode.UNAUTHENTICATED);
    }

    /** The client took the new token for refused, and did not come back. */
    @Test
    void an_identity_that_expires_while_the_next_token_is_looked_at_is_an_outage() {
        Instant soon = Instant.ofEpochMilli(time.millis()).plusSeconds(60);
        Rooms rooms = rooms(Authenticator.token(token -> token.endsWith("first")
                ? CompletableFuture.completedFuture(Identity.of("one").until(soon))
                : new CompletableFuture<>()));
        FakeClient client = FakeClient.connect(rooms, "x", "lobby");
        client.sends(TOKEN.formatted("first"));
        client.last("joined");
        client.sends(TOKEN.formatted("second"));
        time.advance(Duration.ofSeconds(60));
        assertThat(client).wasClosed(CloseCode.UNAVAILABLE);
    }

    @Test
    void an_identity_that_is_over_does_not_come_in() {
        Instant past = Instant.ofEpochMilli(time.millis());
        Rooms rooms = rooms(Authenticator.token(
                token -> CompletableFuture.completedFuture(Identity.of("one").until(past))));
        FakeClient client = FakeClient.connect(rooms, "x", "lobby");
        client.sends(TOKEN.formatted("old"));
        assertThat(client).wasClosed(CloseCode.UNAUTHENTICATED).receivedNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"good-two", "bad"})
    void a_refresh_by_another_user_or_by_nobody_ends_the_connection(String token) {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "x", "lobby");
        client.sends(TOKEN.formatted("good-one"));
        client.last("joined");
        client.sends(TOKEN.formatted(token));
        assertThat(client).wasClosed(CloseCode.UNAUTHENTICATED);
    }

    @Test
    void a_refresh_that_fails_has_the_client_come_back_and_its_user_is_waited_for() {
        Rooms rooms = rooms(tokens());
        FakeClient client = FakeClient.connect(rooms, "x", "lobby");
        client.sends(TOKEN.formatted("good-one"));
        client.last("joined");
        FakeClient other = FakeClient.connect(rooms, "x", "lobby");
        other.sends(TOKEN.formatted("good-two"));
        other.last("joined");
        client.sends(TOKEN.formatted("fails"));
        assertThat(client).wasClosed(CloseCode.UNAVAILABLE);
        time.advance(Duration.ofMillis(9_999));
        assertEquals(List.of(), other.frames("user_left"));
        time.advance(Duration.ofMillis(1));
        assertEquals("one", other.last("user_left").text("userId"));
    }

    @Test
    void without_an_authenticator_an_auth_is_refused() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient client = FakeClient.connect(rooms, "one", "lobby");
            client.sends(TOKEN.formatted("t"));
            assertThat(client).wasRefused(ErrorCode.BAD_REQUEST).isOpen();
        }
    }

    private Rooms rooms(Authenticator authenticator) {
        return rooms(authenticator, builder -> builder);
    }

    private Rooms rooms(Authenticator authenticator, java.util.function.UnaryOperator<RoomsBuilder> more) {
        Rooms rooms = more.apply(Rooms.builder().time(time).observer(observer).authenticator(authenticator))
                .build();
        open.add(rooms);
        return rooms;
    }

    @SuppressWarnings("NullAway") // A host whose compiler does not look.
    private static CompletionStage<@Nullable Identity> noStage() {
        return null;
    }

    /** {@code good-x} is x. */
    private static Authenticator tokens() {
        return Authenticator.token(LoginTest::verify);
    }

    private static CompletionStage<@Nullable Identity> verify(String token) {
        if (token.endsWith("throws")) {
            throw new IllegalStateException("quotes the token: " + token);
        }
        if (token.endsWith("sneaks")) {
            throw Sneaky.raise(new IOException("quotes the token: " + token));
        }
        if (token.endsWith("no-stage")) {
            return noStage();
        }
        if (token.endsWith("fails")) {
            return CompletableFuture.failedFuture(new IllegalStateException("quotes the token: " + token));
        }
        return CompletableFuture.completedFuture(
                token.startsWith(GOOD) ? Identity.of(token.substring(GOOD.length())) : null);
    }
}

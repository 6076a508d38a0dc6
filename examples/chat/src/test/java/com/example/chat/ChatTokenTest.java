package com.example.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTCreator;
import com.auth0.jwt.algorithms.Algorithm;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Authenticator;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(30)
class ChatTokenTest {

    private static final String SECRET = "a secret of this test, and of no other";
    private static final Algorithm HS256 = Algorithm.HMAC256(SECRET);
    private static final Tokens TOKENS = new Tokens(SECRET);

    /** Named here so that no token becomes the name of a test and with that a line of its report. */
    enum Bad {
        EMPTY(() -> ""),
        NOT_A_TOKEN(() -> "demo"),
        SIGNED_WITH_ANOTHER_SECRET(
                () -> new Tokens("another secret, and just as long as that").issue("demo", Duration.ofHours(1))),
        SIGNATURE_CUT_OFF(() -> good("demo").replaceFirst("[^.]*$", "")),
        SIGNATURE_OF_ANOTHER_PAYLOAD(() -> head(good("demo")) + "." + signature(good("south"))),
        ALGORITHM_NONE(() -> demo().sign(Algorithm.none())),
        ALGORITHM_NONE_WITH_A_GOOD_SIGNATURE(() -> demo().sign(Algorithm.none()) + signature(good("demo"))),
        HS512_WITH_THE_SAME_SECRET(() -> demo().sign(Algorithm.HMAC512(SECRET))),
        EXPIRED(() -> TOKENS.issue("demo", Duration.ofSeconds(-2))),
        NOT_YET_VALID(() -> demo().withNotBefore(Instant.now().plusSeconds(60)).sign(HS256)),
        EXPIRY_IS_NO_NUMBER(() -> demo().withClaim("exp", "tomorrow").sign(HS256)),
        WITHOUT_EXPIRY(() -> JWT.create().withSubject("demo").sign(HS256)),
        EXPIRY_IS_NULL(() -> demo().withNullClaim("exp").sign(HS256)),
        WITHOUT_SUBJECT(() -> JWT.create().withExpiresAt(inAMinute()).sign(HS256)),
        SUBJECT_IS_A_NUMBER(() ->
                JWT.create().withClaim("sub", 7).withExpiresAt(inAMinute()).sign(HS256)),
        SUBJECT_IS_TRUE(() ->
                JWT.create().withClaim("sub", true).withExpiresAt(inAMinute()).sign(HS256)),
        SUBJECT_IS_A_LIST(() -> JWT.create()
                .withClaim("sub", List.of("demo"))
                .withExpiresAt(inAMinute())
                .sign(HS256)),
        CRITICAL_EXTENSION(
                () -> demo().withHeader(Map.of("crit", List.of("exp"))).sign(HS256)),
        CRITICAL_IS_EMPTY(() -> demo().withHeader(Map.of("crit", List.of())).sign(HS256)),
        SUBJECT_EMPTY(() -> good("")),
        SUBJECT_BLANK(() -> good(" \t")),
        SUBJECT_OF_TWO_LINES(() -> good("demo\nsouth"));

        private final Supplier<String> token;

        Bad(Supplier<String> token) {
            this.token = token;
        }

        /** Good but for what a test changes. */
        private static JWTCreator.Builder demo() {
            return JWT.create().withSubject("demo").withExpiresAt(inAMinute());
        }

        private static Instant inAMinute() {
            return Instant.now().plusSeconds(60);
        }

        private static String head(String token) {
            return token.substring(0, token.lastIndexOf('.'));
        }

        private static String signature(String token) {
            return token.substring(token.lastIndexOf('.') + 1);
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ChatServer server;

    @BeforeEach
    void start() {
        CommandLine commandLine = Chat.commandLine();
        commandLine.parseArgs("--port", "0", "--auth-secret", SECRET);
        server = commandLine.<Chat>getCommand().start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void aBadTokenEndsTheConnectionAndShowsNothing(Bad bad) throws Exception {
        TalkClient inside = come("inside");
        inside.next("user_joined", "inside");

        TalkClient outside = TalkClient.connect(http, server.uri(), "lobby", "demo");
        outside.send(auth(bad.token.get()));
        assertTurnedAway(outside);
        assertSawNobody(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"content\":\"hello\"}",
                "{\"type\":\"join\",\"room\":\"lobby\"}",
                "{\"type\":\"members\",\"room\":\"lobby\"}",
                "{\"type\":\"ping\"}",
                "{\"type\":\"auth\"}",
                "{\"type\":\"auth\",\"token\":7}",
                "{\"type\":\"auth\",\"token\":null}",
                "{}",
                "[]",
                "not JSON",
                "",
            })
    void anotherFirstMessageEndsTheConnectionAndShowsNothing(String first) throws Exception {
        TalkClient inside = come("inside");
        inside.next("user_joined", "inside");

        TalkClient outside = TalkClient.connect(http, server.uri(), "lobby", "demo");
        outside.send(first);
        assertTurnedAway(outside);
        assertSawNobody(inside);
    }

    @Test
    void aGoodTokenThatComesSecondIsTooLate() throws Exception {
        TalkClient outside = TalkClient.connect(http, server.uri(), "lobby", "demo");
        outside.send("{\"type\":\"ping\"}");
        assertTurnedAway(outside);
    }

    @Test
    void silenceEndsTheConnectionAtTheDeadline() throws Exception {
        Authenticator authenticator = Authenticator.token(TOKENS::verify);
        try (ChatServer impatient = ChatServer.start(
                Rooms.builder().authenticator(authenticator).limit(Limit.AUTH_DEADLINE, 200), "localhost", 0)) {
            assertTurnedAway(TalkClient.connect(http, impatient.uri(), "lobby", "demo"));
        }
    }

    @Test
    void theTokenSaysWhoOneIsAndNotTheUrl() throws Exception {
        TalkClient north = TalkClient.connect(http, server.uri(), "lobby", "somebody-else");
        north.send(auth(good("north")));
        assertTrue(north.next("welcome", "north").contains("\"userId\":\"north\""));
        north.next("user_joined", "north");
        north.say("Good morning");
        north.next("chat", "north");
        assertTrue(north.seen().stream().noneMatch(frame -> frame.contains("somebody-else")));
    }

    @Test
    void twoWithTokensTalk() throws Exception {
        TalkClient north = come("north");
        north.next("user_joined", "north");
        TalkClient south = come("south");
        north.next("user_joined", "south");
        south.say("Good morning");
        assertTrue(north.next("chat", "south").contains("\"content\":\"Good morning\""));
    }

    @Test
    void theClientIsToldWhenItsTokenExpires() throws Exception {
        Instant expiry = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 600);
        TalkClient north = TalkClient.connect(http, server.uri(), "lobby", "north");
        north.send(auth(JWT.create().withSubject("north").withExpiresAt(expiry).sign(HS256)));
        String welcome = north.next("welcome", "north");
        Matcher lifetime = Pattern.compile("\"expiresIn\":(\\d+)").matcher(welcome);
        assertTrue(lifetime.find(), welcome);
        long left = Long.parseLong(lifetime.group(1));
        assertTrue(left > 0 && left <= 600_000, welcome);
    }

    @Test
    void aNewTokenKeepsTheSameUserAndRefusesAnother() throws Exception {
        TalkClient north = come("north");
        north.next("welcome", "north");
        north.next("user_joined", "north");
        north.send(auth(TOKENS.issue("north", Duration.ofHours(2))));
        north.next("welcome", "north");
        assertFalse(north.closeCode().isDone());
        north.send(auth(good("south")));
        assertEquals(4401, north.closeCode().get(10, TimeUnit.SECONDS));
    }

    private TalkClient come(String user) throws Exception {
        TalkClient client = TalkClient.connect(http, server.uri(), "lobby", "nobody");
        client.send(auth(good(user)));
        return client;
    }

    private static String good(String user) {
        return TOKENS.issue(user, Duration.ofHours(1));
    }

    private static String auth(String token) {
        return "{\"type\":\"auth\",\"token\":\"" + token + "\"}";
    }

    private static void assertTurnedAway(TalkClient client) throws Exception {
        assertEquals(4401, client.closeCode().get(10, TimeUnit.SECONDS));
        assertEquals(List.of(), client.seen());
    }

    /** What it says itself comes after all that could have been told before. */
    private static void assertSawNobody(TalkClient client) throws Exception {
        client.say("still here");
        client.next("chat", "inside");
        assertTrue(client.seen().stream().noneMatch(frame -> frame.contains("demo")));
    }
}

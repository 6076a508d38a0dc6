package dev.roomcast.jakarta.behaviour;

import static dev.roomcast.jakarta.behaviour.RawClient.BINARY;
import static dev.roomcast.jakarta.behaviour.RawClient.CLOSE;
import static dev.roomcast.jakarta.behaviour.RawClient.CONTINUATION;
import static dev.roomcast.jakarta.behaviour.RawClient.FIN;
import static dev.roomcast.jakarta.behaviour.RawClient.PING;
import static dev.roomcast.jakarta.behaviour.RawClient.PONG;
import static dev.roomcast.jakarta.behaviour.RawClient.TEXT;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Stats;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever one client sends, it gets the answer that the protocol names, and nobody else notices: two others talk in the same
 * room throughout, and in the end nothing is left of anyone.
 */
class BadInputTest {

    private static final int MESSAGE_BYTES = 64 * 1024;

    private static final AtomicInteger ROOMS = new AtomicInteger();

    /** One for all tests, each in a room of its own: whatever one of them does, the next finds a hub that works. */
    private static Site site;

    private Conversation others;
    private RawClient client;

    @BeforeAll
    static void open() {
        site = Site.open();
    }

    @AfterAll
    static void nothing_is_left() {
        site.awaitEmpty();
        site.close();
    }

    @BeforeEach
    void enter() {
        String room = "room" + ROOMS.incrementAndGet();
        others = new Conversation(site.port(), room);
        client = RawClient.connect(site.port(), "user=mallory&room=" + room);
        client.nextContaining("\"mallory\"");
        others.goesOn(5);
    }

    @AfterEach
    void the_others_have_noticed_nothing() {
        others.goesOn(20);
        client.close();
        others.close();
        site.awaitNoConnections();
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                text("nothing", ""),
                text("blanks", "   "),
                text("an open brace", "{"),
                text("an array", "[]"),
                text("null", "null"),
                text("a number", "42"),
                text("a string", "\"hello\""),
                text("not a number", "{\"content\":NaN}"),
                text("two values", "{\"content\":1}{\"content\":2}"),
                text("20,000 open brackets", "[".repeat(20_000)),
                text("20,000 nested arrays", "{\"content\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}"),
                text("20,000 nested objects", "{\"a\":".repeat(20_000 / 5) + "1" + "}".repeat(20_000 / 5)),
                text("a type that is a number", "{\"type\":7,\"content\":1}"),
                text("a room that is an object", "{\"room\":{},\"content\":1}"),
                text("an id that is an array", "{\"id\":[1],\"content\":1}"),
                text("a volatile that is a string", "{\"volatile\":\"yes\",\"content\":1}"),
                text("a duplicate key", "{\"content\":1,\"content\":2}"),
                text("a duplicate type", "{\"type\":\"chat\",\"type\":\"leave\",\"room\":\"lobby\"}"),
                text("another's leaving", "{\"type\":\"user_left\",\"userId\":\"ann\"}"),
                text("the server's welcome", "{\"type\":\"welcome\",\"content\":1}"),
                text("a reserved prefix", "{\"type\":\"rc.secret\",\"content\":1}"),
                text("a join of a room without a name", "{\"type\":\"join\",\"room\":\"\"}"),
                text(
                        "a join of a room whose name is too long",
                        "{\"type\":\"join\",\"room\":\"" + "r".repeat(256) + "\"}"),
                sent("binary", c -> c.send(FIN | BINARY, new byte[] {1, 2, 3})),
                sent("empty binary", c -> c.send(FIN | BINARY, new byte[0])),
                sent("binary as large as a message may be", c -> c.send(FIN | BINARY, new byte[MESSAGE_BYTES])),
                sent(
                        "binary in fragments",
                        c -> c.send(BINARY, new byte[100])
                                .send(CONTINUATION, new byte[100])
                                .send(FIN | CONTINUATION, new byte[100])));
    }

    @ParameterizedTest
    @MethodSource
    void malformed(Consumer<RawClient> input) {
        input.accept(client);
        String error = client.nextContaining("\"error\"");
        assertTrue(error.contains("\"code\":\"bad_request\""), error);
        isStillHeard();
    }

    static Stream<Arguments> fatal() {
        return Stream.of(
                closed(1007, "a byte that UTF-8 has not", c -> c.send(FIN | TEXT, new byte[] {(byte) 0xff})),
                closed(1007, "a surrogate in UTF-8", c -> c.send(FIN | TEXT, bytes(0xed, 0xa0, 0x80))),
                closed(1007, "an overlong slash", c -> c.send(FIN | TEXT, bytes(0xc0, 0xaf))),
                closed(1007, "half a character at the end", c -> c.send(FIN | TEXT, bytes('a', 0xc3))),
                closed(
                        1007,
                        "half a character, then the end in another fragment",
                        c -> c.send(TEXT, bytes(0xc3)).send(FIN | CONTINUATION, new byte[0])),
                closed(1009, "one byte too many", c -> c.sendText(chatOf(MESSAGE_BYTES + 1))),
                closed(1009, "one byte too many of other characters", c -> c.sendText(umlauts(MESSAGE_BYTES + 1))),
                closed(1009, "one byte too many in fragments", c -> c.sendInFragments(chatOf(MESSAGE_BYTES + 1), 7)),
                closed(
                        1009,
                        "a message of 8 MiB",
                        c -> c.sendBytes(RawClient.header(FIN | TEXT, 8 << 20)).sendBytes(new byte[4 + (8 << 20)])),
                closed(1009, "a header that claims 4 EiB", c -> c.sendBytes(RawClient.header(FIN | TEXT, 1L << 62))),
                closed(
                        1009,
                        "a binary of 1 MiB",
                        c -> c.sendBytes(RawClient.header(FIN | BINARY, 1 << 20))
                                .sendBytes(new byte[4 + 100_000])),
                closed(1009, "fragments without end", c -> {
                    c.send(TEXT, new byte[30_000]);
                    c.send(CONTINUATION, new byte[30_000]);
                    c.send(CONTINUATION, new byte[30_000]);
                }),
                closed(1002, "a negative length", c -> c.sendBytes(RawClient.header(FIN | TEXT, -1))),
                closed(
                        1002,
                        "a length in two bytes that fits one",
                        c -> c.sendBytes(bytes(0x81, 0xfe, 0, 2, 0, 0, 0, 0, '{', '}'))),
                closed(
                        1002,
                        "a length in eight bytes that fits two",
                        c -> c.sendBytes(bytes(0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, '{', '}'))),
                closed(1002, "a frame without a mask", c -> c.sendBytes(bytes(0x81, 0x01, 'a'))),
                closed(1002, "a reserved bit", c -> c.send(FIN | 0x40 | TEXT, bytes('{', '}'))),
                closed(1002, "an opcode that does not exist", c -> c.send(FIN | 0x3, new byte[0])),
                closed(1002, "a continuation of nothing", c -> c.send(FIN | CONTINUATION, bytes('a'))),
                closed(
                        1002,
                        "a text within a text",
                        c -> c.send(TEXT, bytes('a')).send(FIN | TEXT, bytes('b'))),
                closed(1002, "a ping in fragments", c -> c.send(PING, bytes('a'))),
                closed(1002, "a ping of 126 bytes", c -> c.send(FIN | PING, new byte[126])),
                closed(1002, "a close code that must not be sent", c -> c.send(FIN | CLOSE, bytes(0x03, 0xee))),
                closed(1000, "a close without a code", c -> c.send(FIN | CLOSE, new byte[0])),
                closed(4429, "eleven pings", c -> {
                    for (int i = 0; i < 11; i++) {
                        c.sendBytes(RawClient.frame(FIN | PING, bytes('?')));
                    }
                }),
                closed(4429, "eleven pongs that nobody asked for", c -> {
                    for (int i = 0; i < 12; i++) {
                        c.sendBytes(RawClient.frame(FIN | PONG, new byte[0]));
                    }
                }),
                closed(4429, "a message of fragments that are empty", c -> {
                    c.send(TEXT, new byte[0]);
                    for (int i = 0; i < 10; i++) {
                        c.send(CONTINUATION, new byte[0]);
                    }
                }),
                closed(4400, "twenty malformed messages", c -> {
                    for (int i = 0; i < 20; i++) {
                        c.sendText("{");
                    }
                }));
    }

    @ParameterizedTest
    @MethodSource
    void fatal(int code, Consumer<RawClient> input) {
        input.accept(client);
        assertEquals(code, client.expectClose());
        await().untilAsserted(() -> assertEquals(2, site.stats().connections()));
    }

    @Test
    void a_message_as_large_as_it_may_be_is_heard() {
        client.sendText(chatOf(MESSAGE_BYTES));
        assertEquals(MESSAGE_BYTES, contentOf(client.nextContaining("aaaa")).length() + wrapping());
        isStillHeard();
    }

    @Test
    void a_text_in_a_thousand_fragments_is_heard() {
        client.sendInFragments(umlauts(MESSAGE_BYTES), 1000);
        client.nextContaining("üüüü");
        isStillHeard();
    }

    @Test
    void a_ping_between_fragments_is_answered() {
        byte[] text = "{\"content\":\"split\"}".getBytes(StandardCharsets.UTF_8);
        client.send(TEXT, Arrays.copyOf(text, 10));
        client.send(FIN | PING, bytes('?'));
        client.send(FIN | CONTINUATION, Arrays.copyOfRange(text, 10, text.length));
        RawClient.Frame pong = client.next();
        while (pong.opcode() != RawClient.PONG) {
            pong = client.next();
        }
        assertEquals("?", pong.text());
        client.nextContaining("split");
    }

    @Test
    void an_oversize_message_is_counted_by_the_hub() {
        Stats before = site.stats();
        client.sendText(chatOf(MESSAGE_BYTES + 1));
        assertEquals(CloseCode.TOO_BIG.code(), client.expectClose());
        assertEquals(before.closed(CloseCode.TOO_BIG) + 1, site.stats().closed(CloseCode.TOO_BIG));
        assertEquals(before.hits(Limit.MESSAGE_BYTES) + 1, site.stats().hits(Limit.MESSAGE_BYTES));
    }

    /** The gate before the parser closed by itself, and the hub's counter stood still. */
    @Test
    void a_claim_of_too_much_is_counted_by_the_hub_too() {
        Stats before = site.stats();
        client.sendBytes(RawClient.header(FIN | TEXT, 1L << 40));
        assertEquals(CloseCode.TOO_BIG.code(), client.expectClose());
        assertEquals(before.hits(Limit.MESSAGE_BYTES) + 1, site.stats().hits(Limit.MESSAGE_BYTES));
    }

    @Test
    void one_that_goes_on_and_on_after_its_close_is_cut() {
        client.sendBytes(RawClient.header(FIN | TEXT, 1L << 40));
        byte[] more = new byte[1 << 20];
        int megabytes = 0;
        try {
            for (; megabytes < 1000; megabytes++) {
                client.sendBytes(more);
            }
        } catch (AssertionError cut) {
            // As it should be.
        }
        assertTrue(megabytes < 64, "it got rid of " + megabytes + " MiB");
    }

    @Test
    void one_that_connects_and_says_nothing_costs_nothing() {
        try (RawClient mute = RawClient.dial(site.port())) {
            others.goesOn(20);
            assertEquals(3, site.stats().connections());
            assertFalse(mute.isCut());
        }
    }

    @Test
    void one_that_vanishes_is_forgotten() {
        client.vanish();
        await().untilAsserted(() -> assertEquals(2, site.stats().connections()));
    }

    @Test
    void one_that_vanishes_in_the_middle_of_a_message_is_forgotten() {
        client.sendBytes(RawClient.header(FIN | TEXT, 1000)).sendBytes(new byte[100]);
        client.vanish();
        await().untilAsserted(() -> assertEquals(2, site.stats().connections()));
    }

    @Test
    void one_that_ends_its_side_only_is_forgotten() {
        client.close();
        await().untilAsserted(() -> assertEquals(2, site.stats().connections()));
    }

    @Test
    void one_that_drips_a_message_byte_by_byte_is_heard() {
        for (byte b : RawClient.frame(FIN | TEXT, "{\"content\":\"drip\"}".getBytes(StandardCharsets.UTF_8))) {
            client.sendBytes(new byte[] {b});
        }
        client.nextContaining("drip");
    }

    @Test
    void a_client_that_pings_and_never_reads_does_not_make_the_server_hoard_pongs() {
        try (RawClient flood = RawClient.dialNarrow(site.port()).upgrade("room=elsewhere&user=flood")) {
            ByteArrayOutputStream pings = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                pings.writeBytes(RawClient.frame(FIN | PING, new byte[125]));
            }
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        try {
                            flood.sendBytes(pings.toByteArray());
                            return false;
                        } catch (AssertionError cut) {
                            return true;
                        }
                    });
        }
    }

    private void isStillHeard() {
        client.sendText("{\"content\":\"still here\"}");
        client.nextContaining("still here");
    }

    private static Arguments text(String name, String text) {
        return sent(name, client -> client.sendText(text));
    }

    private static Arguments sent(String name, Consumer<RawClient> input) {
        return arguments(Named.of(name, input));
    }

    private static Arguments closed(int code, String name, Consumer<RawClient> input) {
        return arguments(code, Named.of(name, input));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static int wrapping() {
        return "{\"content\":\"\"}".length();
    }

    private static String chatOf(int bytes) {
        return "{\"content\":\"" + "a".repeat(bytes - wrapping()) + "\"}";
    }

    private static String umlauts(int bytes) {
        int left = bytes - wrapping();
        return "{\"content\":\"" + (left % 2 == 0 ? "" : "a") + "ü".repeat(left / 2) + "\"}";
    }

    private static String contentOf(String frame) {
        int from = frame.indexOf("\"content\":\"") + "\"content\":\"".length();
        return frame.substring(from, frame.indexOf('"', from));
    }
}

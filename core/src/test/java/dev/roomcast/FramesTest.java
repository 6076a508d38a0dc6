package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The wire, byte for byte: clients that are out there read it. */
class FramesTest {

    private static final Position POSITION = new Position("k3x", 7);
    private static final Content META = Content.ofJson("{\"color\":\"red\"}");

    private final Settings settings = new Settings(Rooms.builder());

    @Test
    void message() {
        Message chat =
                Message.chat(Content.ofJson("{ \"n\": 1.10 }")).from("ann").in("r", 5);
        assertFrame(
                "{\"type\":\"chat\",\"userId\":\"ann\",\"content\":{ \"n\": 1.10 },\"timestamp\":5,\"room\":\"r\","
                        + "\"epoch\":\"k3x\",\"offset\":7}",
                Frames.message(chat.at(POSITION)));
    }

    @Test
    void message_of_the_application_has_no_user() {
        assertFrame(
                "{\"type\":\"news\",\"content\":null,\"timestamp\":5,\"room\":\"r\",\"epoch\":\"k3x\",\"offset\":7}",
                Frames.message(Message.of("news", null).in("r", 5).at(POSITION)));
    }

    @Test
    void message_that_is_volatile_has_no_position() {
        assertFrame(
                "{\"type\":\"cursor\",\"userId\":\"ann\",\"content\":1,\"timestamp\":5,\"room\":\"r\"}",
                Frames.message(Message.of("cursor", 1).from("ann").in("r", 5).asVolatile()));
    }

    @Test
    void message_does_not_tell_its_id_nor_who_is_left_out() {
        Message message = Message.chat(1).in("r", 5).id("i").excluding(new Exclusion("c", "u"));
        assertFrame("{\"type\":\"chat\",\"content\":1,\"timestamp\":5,\"room\":\"r\"}", Frames.message(message));
    }

    @Test
    void direct() {
        assertFrame(
                "{\"type\":\"chat\",\"content\":[1 ,2],\"timestamp\":5}",
                Frames.direct("chat", Content.ofJson("[1 ,2]"), 5));
    }

    @Test
    void welcome() {
        assertFrame(
                "{\"type\":\"welcome\",\"connection\":\"c1\",\"userId\":\"ann\",\"heartbeat\":30000}",
                Frames.welcome("c1", "ann", Duration.ofSeconds(30), null));
        assertFrame(
                "{\"type\":\"welcome\",\"connection\":\"c1\",\"userId\":\"ann\",\"heartbeat\":1,\"expiresIn\":1700}",
                Frames.welcome("c1", "ann", Duration.ofNanos(1_999_999), Duration.ofNanos(1_700_999_999)));
        assertFrame(
                "{\"type\":\"welcome\",\"connection\":\"c1\",\"userId\":\"ann\",\"heartbeat\":1,"
                        + "\"expiresIn\":9007199254740991}",
                Frames.welcome("c1", "ann", Duration.ofMillis(1), Duration.between(Instant.MIN, Instant.MAX)));
    }

    @Test
    void joined() {
        RosterView view = view(3, new Member("ann", 2, META), new Member("bob", 1, null));
        assertFrame(
                "{\"type\":\"joined\",\"room\":\"r\",\"epoch\":\"k3x\",\"offset\":7,\"recovering\":false,"
                        + "\"recovered\":false,\"members\":[{\"userId\":\"ann\",\"meta\":{\"color\":\"red\"}},"
                        + "{\"userId\":\"bob\"}],\"count\":2,\"rev\":3}",
                Frames.joined("r", POSITION, false, false, view, settings));
    }

    @Test
    void members() {
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[{\"userId\":\"ann\"}],\"count\":1,\"rev\":3}",
                Frames.members("r", view(3, new Member("ann", 1, null)), settings));
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[],\"count\":0,\"rev\":3}",
                Frames.members("r", view(3), settings));
    }

    @Test
    void members_of_a_big_room_are_a_count_and_a_sample() {
        Settings small =
                new Settings(Rooms.builder().limit(Limit.PRESENCE_MEMBERS, 3).limit(Limit.PRESENCE_SAMPLE, 2));
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[{\"userId\":\"u0\"},{\"userId\":\"u1\"},"
                        + "{\"userId\":\"u2\"}],\"count\":3,\"rev\":9}",
                Frames.members("r", crowd(3), small));
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[{\"userId\":\"u0\"},{\"userId\":\"u1\"}],"
                        + "\"count\":4,\"rev\":9}",
                Frames.members("r", crowd(4), small));
        Settings none =
                new Settings(Rooms.builder().limit(Limit.PRESENCE_MEMBERS, 0).limit(Limit.PRESENCE_SAMPLE, 0));
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[],\"count\":1,\"rev\":9}",
                Frames.members("r", crowd(1), none));
    }

    @Test
    void user_joined_to_the_joiner_itself() {
        assertFrame(
                "{\"type\":\"user_joined\",\"userId\":\"ann\",\"timestamp\":5,\"room\":\"r\",\"rev\":3}",
                Frames.userJoined("r", "ann", 5, view(3)));
    }

    @Test
    void user_joined_and_user_updated_to_others_carry_the_metadata() {
        assertFrame(
                "{\"type\":\"user_joined\",\"userId\":\"ann\",\"timestamp\":5,\"room\":\"r\",\"rev\":4,"
                        + "\"meta\":{\"color\":\"red\"}}",
                Frames.change(change(Kind.JOINED, Cause.NONE, META)));
        assertFrame(
                "{\"type\":\"user_joined\",\"userId\":\"ann\",\"timestamp\":5,\"room\":\"r\",\"rev\":4}",
                Frames.change(change(Kind.JOINED, Cause.NONE, null)));
        assertFrame(
                "{\"type\":\"user_updated\",\"userId\":\"ann\",\"timestamp\":5,\"room\":\"r\",\"rev\":4,"
                        + "\"meta\":{\"color\":\"red\"}}",
                Frames.change(change(Kind.UPDATED, Cause.NONE, META)));
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void user_left_does_not_tell_why(Cause cause) {
        assertFrame(
                "{\"type\":\"user_left\",\"userId\":\"ann\",\"timestamp\":5,\"room\":\"r\",\"rev\":4}",
                Frames.change(change(Kind.LEFT, cause, META)));
    }

    @Test
    void left_ack_and_pong() {
        assertFrame("{\"type\":\"left\",\"room\":\"r\"}", Frames.left("r"));
        assertFrame(
                "{\"type\":\"ack\",\"id\":\"i\",\"room\":\"r\",\"epoch\":\"k3x\",\"offset\":7}",
                Frames.ack("i", "r", POSITION));
        assertFrame("{\"type\":\"pong\"}", Frames.PONG);
    }

    @Test
    void error() {
        assertFrame(
                "{\"type\":\"error\",\"code\":\"not_joined\",\"message\":\"join first\",\"re\":\"chat\","
                        + "\"room\":\"r\",\"id\":\"i\"}",
                Frames.error(ErrorCode.NOT_JOINED, "join first", new Frames.Cause("chat", "r", "i"), Duration.ZERO));
        assertFrame(
                "{\"type\":\"error\",\"code\":\"bad_request\",\"message\":\"no\"}",
                Frames.error(ErrorCode.BAD_REQUEST, "no", Frames.Cause.UNKNOWN, Duration.ZERO));
    }

    /** A client that is told 0 ms would come back at once. */
    @Test
    void error_says_when_to_go_on_and_never_zero() {
        for (long[] nanosAndMillis : new long[][] {{1, 1}, {999_999, 1}, {1_000_000, 1}, {250_000_000, 250}}) {
            assertFrame(
                    "{\"type\":\"error\",\"code\":\"rate_limited\",\"message\":\"slow\",\"retryAfter\":"
                            + nanosAndMillis[1] + "}",
                    Frames.error(
                            ErrorCode.RATE_LIMITED, "slow", Frames.Cause.UNKNOWN, Duration.ofNanos(nanosAndMillis[0])));
        }
    }

    @Test
    void names_are_quoted_and_cannot_break_out() {
        String hostile = "\",\"x\":\"\\\n\u0001\u2028ü\uD83D\uDE00</script>";
        String quoted = "\"\\\",\\\"x\\\":\\\"\\\\\\n\\u0001\u2028ü\uD83D\uDE00</script>\"";
        assertFrame("{\"type\":\"left\",\"room\":" + quoted + "}", Frames.left(hostile));
        assertFrame(
                "{\"type\":" + quoted + ",\"userId\":" + quoted + ",\"content\":1,\"timestamp\":5,\"room\":" + quoted
                        + "}",
                Frames.message(Message.of(hostile, 1).from(hostile).in(hostile, 5)));
        assertFrame(
                "{\"type\":\"members\",\"room\":\"r\",\"members\":[{\"userId\":" + quoted + "}],\"count\":1,\"rev\":3}",
                Frames.members("r", view(3, new Member(hostile, 1, null)), settings));
    }

    private static RosterChange change(Kind kind, Cause cause, Content meta) {
        return new RosterChange("r", 4, kind, new Member("ann", 1, meta), cause, 5);
    }

    private static RosterView view(long rev, Member... members) {
        RosterView view = new RosterView();
        view.replace(new RosterSnapshot(rev, List.of(members)), "r", 0);
        return view;
    }

    private static RosterView crowd(int size) {
        return view(
                9,
                IntStream.range(0, size)
                        .mapToObj(i -> new Member("u" + i, 1, null))
                        .toArray(Member[]::new));
    }

    private static void assertFrame(String json, TextFrame frame) {
        assertEquals(json, frame.text());
        assertEquals(json, StandardCharsets.UTF_8.decode(frame.bytes()).toString());
    }
}

package dev.roomcast.client;

import static dev.roomcast.client.RecordingOutlet.chat;
import static dev.roomcast.client.RecordingOutlet.joined;
import static dev.roomcast.client.RecordingOutlet.joinedAt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server should not say: a line that cannot be read may have been a message, so the client recovers. */
class MalformedFramesTest {

    private final RecordingOutlet server = RecordingOutlet.online();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "null",
                "[]",
                "7",
                "{}",
                "{'type':1}",
                "{'type':''}",
                "{'type':'pong'} {'type':'pong'}",
                "{'type':'pong'",
                "{'type':'joined'}",
                "{'type':'joined','room':'s','epoch':'e','offset':0,'members':{},'count':1,'rev':1}",
                "{'type':'joined','room':'s','epoch':'e','offset':0,'members':[null],'count':1,'rev':1}",
                "{'type':'joined','room':'s','epoch':'e','offset':0,'members':[{'userId':1}],'count':1,'rev':1}",
                "{'type':'joined','room':'s','epoch':'e','offset':0,'recovered':1,'members':[],'count':1,'rev':1}",
                "{'type':'joined','room':'','epoch':'e','offset':0,'members':[],'count':1,'rev':1}",
                "{'type':'members','room':'r','count':1,'rev':1}",
                "{'type':'members','room':'r','members':[{'userId':'ann','meta':[]}],'count':1,'rev':1}",
                "{'type':'user_joined','room':'r','rev':2}",
                "{'type':'user_left','room':'r','userId':'ann','rev':-2}",
                "{'type':'ack','id':'id1'}",
                "{'type':'ack','id':1,'epoch':'e','offset':6}",
                "{'type':'gap','room':'r','epoch':'e','offset':6}",
                "{'type':'gap','room':'r','epoch':'e','offset':6,'lost':{'epoch':'e'}}",
                "{'type':'left'}",
                "{'type':'error'}",
                "{'type':'status'}",
                "{'type':'chat','room':'r','content':1,'epoch':'e','offset':'6'}",
                "{'type':'chat','room':'r','content':1,'epoch':'e','offset':6.5}",
                "{'type':'chat','room':'r','content':1,'epoch':'','offset':6}",
                "{'type':'chat','room':'r','content':1,'offset':6}",
                "{'type':'chat','room':'r','content':1,'epoch':'e'}",
                "{'type':'chat','room':'r','epoch':'e','offset':6}",
                "{'type':'chat','content':1,'epoch':'e','offset':6}",
                "{'type':'chat','room':['r'],'content':1}",
                "{'type':'chat','room':'r','userId':7,'content':1}",
                "{'type':'chat','room':'r','content':1,'key':null}",
            })
    void a_line_that_cannot_be_read_gives_the_connection_up_and_nothing_behind_it_counts(String line) {
        ClientRoom room = server.inRoom();
        server.says(chat("six", 6), line, chat("eight", 8));
        assertEquals(List.of("r chat ben \"six\"", "WAITING"), server.nextTold());
        assertEquals(new Position("e", 6), room.position().orElseThrow());
        assertEquals(List.of("abort"), server.next());
        server.turn(Duration.ofSeconds(1));
        server.comesOnline();
        assertEquals(
                "{'type':'join','room':'r','epoch':'e','offset':6}",
                server.next().get(1));
        server.says(joinedAt("e", 8, true), chat("seven", 7), chat("eight", 8));
        assertEquals(
                2,
                server.nextTold().stream().filter(told -> told.contains("chat")).count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'rc.news','room':'r'}",
                "{'type':'news','more':{'of':[{'this':null}]}}",
                "{'type':'pong','offsets':-1,'members2':{}}",
                "{'type':'welcome','heartbeat':'x','expiresIn':[]}",
                "{'type':'reconnect','after':-1}",
                "{'type':'error','code':'rate_limited','retryAfter':'soon'}",
                "{'type':'error','code':'rate_limited','retryAfter':999999999999999999}",
            })
    void what_is_only_new_or_a_time_is_no_reason(String line) {
        server.inRoom();
        server.says(line, chat("six", 6));
        assertTrue(server.nextTold().contains("r chat ben \"six\""));
    }

    /** The reader recursed: the client read no further, and did not notice. */
    @Test
    void nesting_costs_no_stack() {
        server.inRoom();
        String deep = "[{'x':".repeat(200_000) + "1" + "}]".repeat(200_000);
        server.says("{'type':'pong','x':" + deep + "}", "{'type':'note','room':'r','content':" + deep + "}");
        server.nextTold();
        server.says(chat("six", 6));
        assertEquals(List.of("r chat ben \"six\""), server.nextTold());
    }

    @Test
    void a_server_that_says_nothing_else_is_not_hammered() {
        server.next();
        for (int i = 0; i < 600; i++) {
            if (server.session.state() == ClientState.ONLINE) {
                server.says("null");
            } else if (server.next().contains("dial")) {
                server.comesOnline();
            }
            server.turn(Duration.ofMillis(100));
        }
        assertTrue(server.link < 20, server.link + " connections in a minute");
    }

    /**
     * A server whose frames are damaged on their way, in one of twenty lines: dropped or changed fields, cut and glued lines,
     * other kinds of value. Whatever comes, the application is told every message once and in order.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void whatever_is_damaged_nothing_is_lost_silently(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        ClientRoom room = server.inRoom();
        List<String> expected = new ArrayList<>();
        long said = 5;
        List<String> heard = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            List<String> lines = new ArrayList<>();
            int many = random.nextInt(6);
            for (int i = 0; i < many; i++) {
                said++;
                expected.add("r chat ben \"m" + said + "\"");
                lines.add(damaged(chat("m" + said, said), random));
            }
            lines.add(damaged(harmless(random), random));
            server.says(lines.toArray(String[]::new));
            heard.addAll(messages());
            if (server.session.state() == ClientState.WAITING) {
                comesBackTo(room, said);
                heard.addAll(messages());
            }
        }
        assertEquals(expected, heard);
    }

    private void comesBackTo(ClientRoom room, long said) {
        server.turn(Duration.ofSeconds(20));
        server.comesOnline();
        Position from = room.position().orElseThrow();
        List<String> replay = new ArrayList<>(List.of(joinedAt("e", said, true)));
        for (long offset = from.offset() + 1; offset <= said; offset++) {
            replay.add(chat("m" + offset, offset));
        }
        server.says(replay.toArray(String[]::new));
        assertEquals(ClientState.ONLINE, server.session.state());
    }

    private List<String> messages() {
        return server.nextTold().stream()
                .filter(told -> told.startsWith("r chat"))
                .toList();
    }

    private static String harmless(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> "{'type':'members','room':'r','members':[{'userId':'ann'}],'count':1,'rev':1}";
            case 1 -> "{'type':'user_joined','room':'r','userId':'ben','timestamp':1,'rev':2}";
            case 2 -> "{'type':'pong'}";
            default -> "{'type':'status','state':'connected'}";
        };
    }

    /** In a way that shows: a change of one number into another does not. */
    private static String damaged(String line, RandomGenerator random) {
        if (random.nextInt(20) != 0) {
            return line;
        }
        String body = line.substring(1, line.length() - 1);
        String[] fields = body.split(",(?=')", -1);
        int which = random.nextInt(fields.length);
        String name = fields[which].substring(0, fields[which].indexOf(':'));
        return switch (random.nextInt(6)) {
            case 0 -> line.substring(0, random.nextInt(line.length()));
            case 1 -> line + line;
            case 2 -> List.of("null", "[]", "1", "'x'", "true", "{}").get(random.nextInt(6));
            case 3 -> body;
            case 4 ->
                line.replace(
                        fields[0], "'type':" + List.of("1", "null", "[]", "{}").get(random.nextInt(4)));
            default ->
                line.contains("chat")
                                && List.of("'epoch'", "'offset'", "'room'", "'userId'")
                                        .contains(name)
                        ? line.replace(
                                fields[which],
                                name + ":"
                                        + List.of("null", "[]", "{}", "-1", "true")
                                                .get(random.nextInt(5)))
                        : "{";
        };
    }

    /** Anything at all, in any order: the client stays what it is, and comes online when the server behaves. */
    @ParameterizedTest
    @ValueSource(longs = {101, 102, 103, 104, 105, 106, 107, 108})
    void no_frame_breaks_it(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        server.inRoom();
        server.session.join("s", null, null);
        for (int round = 0; round < 500; round++) {
            server.says(anything(random), anything(random));
            if (random.nextInt(4) == 0) {
                server.turn(Duration.ofMillis(random.nextInt(3000)));
            }
            if (server.session.state() == ClientState.CONNECTING) {
                server.comesOnline();
            }
            server.nextTold();
            assertTrue(server.next().size() < 100);
            assertTrue(server.time.pending() < 200, server.time.pending() + " timers");
        }
        server.session.in(() -> server.session.comeBack(1006, ""));
        server.turn(Duration.ofSeconds(20));
        server.comesOnline();
        server.nextTold();
        server.session.join("new", null, null);
        server.says(joined("r"), joined("s"), joined("new"));
        assertTrue(server.nextTold().contains("joined new"));
    }

    private static String anything(RandomGenerator random) {
        StringBuilder line =
                new StringBuilder("{'type':'").append(any(random, TYPES)).append('\'');
        for (int i = random.nextInt(9); i > 0; i--) {
            line.append(",'").append(any(random, FIELDS)).append("':").append(any(random, VALUES));
        }
        return line.append('}').toString();
    }

    private static String any(RandomGenerator random, List<String> among) {
        return among.get(random.nextInt(among.size()));
    }

    private static final List<String> TYPES = List.of(
            "welcome",
            "joined",
            "left",
            "user_joined",
            "user_left",
            "user_updated",
            "members",
            "chat",
            "ack",
            "error",
            "gap",
            "pong",
            "reconnect",
            "status",
            "*",
            "constructor",
            "__proto__");

    private static final List<String> FIELDS = List.of(
            "room",
            "epoch",
            "offset",
            "recovered",
            "members",
            "count",
            "rev",
            "userId",
            "timestamp",
            "meta",
            "content",
            "key",
            "id",
            "code",
            "message",
            "re",
            "retryAfter",
            "lost",
            "after",
            "state",
            "heartbeat",
            "expiresIn");

    private static final List<String> VALUES = List.of(
            "'r'",
            "'r'",
            "'s'",
            "'e'",
            "'e'",
            "'new'",
            "'join'",
            "'rate_limited'",
            "'bad_request'",
            "0",
            "1",
            "7",
            "-1",
            "1e300",
            "999999999999999999",
            "null",
            "true",
            "false",
            "[]",
            "{}",
            "[{'userId':'ann'}]",
            "[null]",
            "{'epoch':'e','after':3}",
            "'__proto__'");
}

package dev.roomcast.browser;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import dev.roomcast.message.Message;
import dev.roomcast.redis.RedisBridge;
import dev.roomcast.testkit.RedisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code roomcast.js} before two instances with one Redis: the connection of a client in Node is cut again and again, and
 * each comeback lands on the other instance. {@code ROOMCAST_CUTS} sets how often.
 */
@Timeout(600)
class TwoInstancesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ADAPTER = Path.of("..", "..", "tyrus-adapter").toAbsolutePath();

    private static final String NODE = Objects.requireNonNullElse(System.getenv("ROOMCAST_NODE"), "node");

    /** Where the adapter's own tests, which run before, have put the package {@code ws} for a Node older than 22. */
    private static final Path WS = ADAPTER.resolve("target/node");

    private static final int ALL = 1_000_000;

    /** What was started, to be closed from the last to the first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private Rooms one;
    private Rooms two;
    private String ports;

    @BeforeEach
    void start() throws Exception {
        needsNode();
        RedisServer.assumeAvailable();
        RedisServer redis = closedAfter(RedisServer.start());
        one = closedAfter(hub(redis));
        two = closedAfter(hub(redis));
        ports = server(one).port() + "," + server(two).port();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : started) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T closedAfter(T each) {
        started.push(each);
        return each;
    }

    @Test
    void everythingIsSeenAndSaidOnceWhereverOneLands() throws Exception {
        try (ServerSocket orders = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread clerk = new Thread(() -> answer(orders), "orders");
            clerk.setDaemon(true);
            clerk.start();
            Path log = Path.of("target", "two-instances.txt");
            ProcessBuilder node = new ProcessBuilder(
                    NODE,
                    "--test",
                    "--test-reporter=spec",
                    ADAPTER.resolve("src/test/resources/client/instances.mjs").toString());
            node.environment()
                    .putAll(Map.of(
                            "ROOMCAST_WS",
                            hasWebSocket() ? "" : WS.toString(),
                            "ROOMCAST_PORT",
                            ports,
                            "ROOMCAST_ORDERS",
                            String.valueOf(orders.getLocalPort())));
            Process process =
                    node.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                boolean ended = process.waitFor(580, SECONDS);
                String said = Files.readString(log);
                System.out.println(said);
                assertTrue(ended, said);
                assertEquals(0, process.exitValue(), said);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    /** Tells the test in Node what is in a room, and who. */
    private void answer(ServerSocket orders) {
        try (Socket socket = orders.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                PrintStream out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                out.println(
                        JSON.writeValueAsString(words[0].equals("history") ? history(words[1]) : members(words[1])));
            }
        } catch (Exception ended) {
            // With the test.
        }
    }

    private List<Map<String, Object>> history(String room) throws Exception {
        return one.room(room).history(null, ALL).toCompletableFuture().get(20, SECONDS).messages().stream()
                .map(TwoInstancesTest::told)
                .toList();
    }

    private List<String> members(String room) throws Exception {
        return two.room(room).members().toCompletableFuture().get(20, SECONDS).stream()
                .map(Member::userId)
                .toList();
    }

    private static Map<String, Object> told(Message message) {
        return Map.of(
                "userId", String.valueOf(message.userId()),
                "content", message.content().text(),
                "epoch", message.position().epoch(),
                "offset", message.position().offset());
    }

    private static Rooms hub(RedisServer redis) {
        return Rooms.builder()
                .bridge(RedisBridge.connect(redis.uri()))
                .rate(new Rate(10_000, 10_000))
                .userRate(new Rate(10_000, 10_000))
                .handshakes(new Rate(10_000, 10_000))
                .history(new HistoryLimits(ALL, Duration.ofMinutes(30), 256L << 20))
                .build();
    }

    private RoomServer server(Rooms rooms) throws IOException {
        return closedAfter(RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .start());
    }

    private static boolean hasWebSocket() throws InterruptedException {
        try {
            Process node = new ProcessBuilder(NODE, "-e", "process.exit(globalThis.WebSocket ? 0 : 1)")
                    .redirectErrorStream(true)
                    .start();
            return node.waitFor() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private static void needsNode() throws InterruptedException {
        if (hasWebSocket() || Files.exists(WS.resolve("node_modules/ws/package.json"))) {
            return;
        }
        String missing = "no Node, or not its ws: a client before two instances is not tested";
        if (Boolean.parseBoolean(System.getenv("ROOMCAST_REQUIRE_NODE"))) {
            fail(missing);
        }
        System.err.println("SKIPPED: " + missing);
        abort(missing);
    }
}

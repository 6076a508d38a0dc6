package dev.roomcast.instances;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.roomcast.Rooms;
import dev.roomcast.bridge.Member;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
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
 * each comeback lands on the other instance; now and then an instance is killed, or Redis. {@code ROOMCAST_CUTS} sets how
 * often.
 */
@Timeout(600)
class TwoInstancesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ADAPTER = Path.of("..", "..", "tyrus-adapter").toAbsolutePath();

    private static final String NODE = Objects.requireNonNullElse(System.getenv("ROOMCAST_NODE"), "node");

    /** Where the adapter's own tests, which run before, have put the package {@code ws} for a Node older than 22. */
    private static final Path WS = ADAPTER.resolve("target/node");

    /** The room of {@code instances.mjs}. */
    private static final String ROOM = "instances";

    /** What was started, to be closed from the last to the first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private Faults faults;
    private Rooms outside;
    private FakeClient witness;

    @BeforeEach
    void start() throws InterruptedException {
        needsNode();
        RedisServer.assumeAvailable();
        faults = closedAfter(new Faults());
        outside = closedAfter(Instance.hub(faults.redis()));
        witness = FakeClient.connect(outside, "witness", ROOM);
        witness.last("joined");
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
    void everything_is_seen_and_said_once_wherever_one_lands() throws Exception {
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
                            String.valueOf(faults.calmWay().network().port()),
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

    /** Tells the test in Node what is in the room, and who, and does what is worse than a cut. */
    private void answer(ServerSocket orders) {
        try (Socket socket = orders.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                PrintStream out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(JSON.writeValueAsString(answerOrFailure(line.split(" ", -1))));
            }
        } catch (IOException ended) {
            // With the test.
        }
    }

    private Object answerOrFailure(String... order) {
        try {
            return answer(order);
        } catch (Exception | AssertionError failed) {
            return Map.of("failed", failed.toString());
        }
    }

    private Object answer(String... order) throws Exception {
        switch (order[0]) {
            case "history" -> {
                return history();
            }
            case "members" -> {
                return members();
            }
            case "kill-instance" -> {
                faults.awaitEnd();
                faults.killInstance(Boolean.parseBoolean(order[1]));
            }
            case "kill-redis" -> {
                faults.awaitEnd();
                faults.killRedis();
            }
            default -> faults.awaitEnd();
        }
        return true;
    }

    /** Everything that was said, under whatever epoch: the witness was there all the time. */
    private List<Map<String, Object>> history() throws Exception {
        Position end = outside.room(ROOM)
                .publish(Message.of("end", true))
                .toCompletableFuture()
                .get(20, SECONDS);
        witness.await("the end", now -> now.last("end").number("offset") == end.offset());
        return witness.frames("chat").stream().map(TwoInstancesTest::told).toList();
    }

    private List<String> members() throws Exception {
        return outside.room(ROOM).members().toCompletableFuture().get(20, SECONDS).stream()
                .map(Member::userId)
                .toList();
    }

    private static Map<String, Object> told(Received frame) {
        return Map.of(
                "userId", frame.text("userId"),
                "content", frame.text("content"),
                "epoch", frame.text("epoch"),
                "offset", frame.number("offset"));
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

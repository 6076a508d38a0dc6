package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The browser client, {@code roomcast.js}: its own tests are written in JavaScript, below {@code src/test/resources/client},
 * and run here by Node's test runner, against a {@link ClientSite}. Node is {@code node} on the path, or what
 * {@code ROOMCAST_NODE} names. From version 22 on it has a WebSocket of its own, which is what the client is for; an older one
 * takes that of the package {@code ws} and says so. Without Node the tests are skipped. {@code ROOMCAST_REQUIRE_NODE=true}
 * makes both a failure. {@code ROOMCAST_CUTS} sets how often the connection is cut.
 */
@Timeout(600)
class BrowserClientTest {

    private static final Path CLIENT = Path.of("src", "main", "resources", "META-INF", "resources", "roomcast");
    private static final Path TESTS = Path.of("src", "test", "resources", "client");
    private static final int MOST_BYTES = 8704;

    @Test
    void it_has_at_most_8_and_a_half_KB_on_the_wire() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(Files.readAllBytes(CLIENT.resolve("roomcast.js")));
        }
        // Found by CI, which shows it.
        System.out.println("roomcast.js: " + zipped.size() + " bytes gzipped");
        assertTrue(zipped.size() <= MOST_BYTES, zipped.size() + " bytes gzipped");
    }

    @Test
    void its_tests_pass() throws Exception {
        // The long run of cuts takes the machine for itself; what else there is runs in every other.
        String which = System.getenv("ROOMCAST_CUTS") == null ? ".test.mjs" : "cuts.test.mjs";
        run(which, !Node.hasWebSocket(), Path.of("target", "roomcast-js.txt"));
    }

    /** What {@code roomcast.d.ts} says of Nodes before 22. */
    @Test
    @EnabledIfEnvironmentVariable(named = "ROOMCAST_THOROUGH", matches = "true")
    void its_tests_pass_with_the_package_ws() throws Exception {
        run("server.test.mjs", true, Path.of("target", "roomcast-js-ws.txt"));
    }

    private static void run(String which, boolean withPackage, Path log) throws Exception {
        String home = withPackage ? NodeWitness.install().toString() : "";
        try (ClientSite site = new ClientSite()) {
            ProcessBuilder node = new ProcessBuilder(command(which)).redirectErrorStream(true);
            node.environment().put("ROOMCAST_WS", home);
            node.environment().put("ROOMCAST_PORT", String.valueOf(site.port()));
            node.environment().put("ROOMCAST_ORDERS", String.valueOf(site.orders()));
            Process process = node.redirectOutput(log.toFile()).start();
            try {
                boolean ended = process.waitFor(limit().toSeconds(), TimeUnit.SECONDS);
                String said = Files.readString(log, StandardCharsets.UTF_8);
                System.out.println(said);
                assertTrue(ended, "Node did not end\n" + said);
                assertEquals(0, process.exitValue(), said);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    private static List<String> command(String which) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Node.command(), "--test", "--test-concurrency=3", "--test-reporter=spec"));
        try (Stream<Path> files = Files.list(TESTS)) {
            files.filter(file -> file.toString().endsWith(which))
                    .map(Path::toString)
                    .sorted()
                    .forEach(command::add);
        }
        return command;
    }

    /** Far beyond what it takes, since other things may run beside it. */
    private static Duration limit() {
        return Duration.ofSeconds(System.getenv("ROOMCAST_CUTS") == null ? 120 : 580);
    }
}

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

/**
 * The browser client, {@code roomcast.js}: its own tests are written in JavaScript, below {@code src/test/resources/client},
 * and run here by Node's test runner, against a {@link ClientSite}. Without Node they are skipped, unless
 * {@code ROOMCAST_REQUIRE_NODE} is {@code true}. {@code ROOMCAST_CUTS} sets how often the connection is cut.
 */
@Timeout(600)
class BrowserClientTest {

    private static final Path CLIENT = Path.of("src", "main", "resources", "META-INF", "resources", "roomcast");
    private static final Path TESTS = Path.of("src", "test", "resources", "client");
    private static final int MOST_BYTES = 8 * 1024;

    @Test
    void it_is_smaller_than_8_KB_on_the_wire() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(Files.readAllBytes(CLIENT.resolve("roomcast.js")));
        }
        // Found by CI, which shows it.
        System.out.println("roomcast.js: " + zipped.size() + " bytes gzipped");
        assertTrue(zipped.size() < MOST_BYTES, zipped.size() + " bytes gzipped");
    }

    @Test
    void its_tests_pass() throws Exception {
        Path home = NodeWitness.install();
        try (ClientSite site = new ClientSite()) {
            ProcessBuilder node = new ProcessBuilder(command()).redirectErrorStream(true);
            node.environment().put("ROOMCAST_WS", home.toString());
            node.environment().put("ROOMCAST_PORT", String.valueOf(site.port()));
            node.environment().put("ROOMCAST_ORDERS", String.valueOf(site.orders()));
            Path log = Path.of("target", "roomcast-js.txt");
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

    private static List<String> command() throws IOException {
        List<String> command =
                new ArrayList<>(List.of("node", "--test", "--test-concurrency=3", "--test-reporter=spec"));
        try (Stream<Path> files = Files.list(TESTS)) {
            // The long run of cuts takes the machine for itself; what else there is runs in every other.
            String which = System.getenv("ROOMCAST_CUTS") == null ? ".test.mjs" : "cuts.test.mjs";
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

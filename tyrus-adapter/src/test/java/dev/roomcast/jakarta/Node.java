package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The Node that the browser client is tested with. */
final class Node {

    private Node() {}

    static String command() {
        return Objects.requireNonNullElse(System.getenv("ROOMCAST_NODE"), "node");
    }

    /** Whether it has a WebSocket of its own, as it does from version 22 on. Skips the test where there is no Node at all. */
    static boolean hasWebSocket() throws InterruptedException {
        String said = ask("process.version + ' ' + typeof WebSocket");
        System.out.println("roomcast.js: Node " + said);
        boolean has = said.endsWith("function");
        if (!has) {
            String missing = "Node is older than 22, and none with a WebSocket of its own is tested: " + said;
            demand(missing);
            System.err.println("SKIPPED: " + missing);
        }
        return has;
    }

    private static String ask(String script) throws InterruptedException {
        try {
            Process node = new ProcessBuilder(command(), "-p", script)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return node.waitFor() == 0 ? said : absent(said);
        } catch (IOException absent) {
            return absent(String.valueOf(absent.getMessage()));
        }
    }

    private static String absent(String why) {
        demand("Node cannot be had: " + why);
        return abort("Node cannot be had: " + why);
    }

    private static void demand(String missing) {
        if (Boolean.parseBoolean(System.getenv("ROOMCAST_REQUIRE_NODE"))) {
            fail(missing);
        }
    }
}

package dev.roomcast.browser;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A headless Firefox with a fresh profile, told what to do by WebDriver BiDi, which it speaks by itself: no driver is needed.
 * Found on the PATH, or named by the environment variable FIREFOX. Where there is none the tests are skipped, unless
 * ROOMCAST_REQUIRE_BROWSER=true.
 */
final class Firefox implements WebSocket.Listener, AutoCloseable {

    private static final int PATIENCE_SECONDS = 60;
    private static final String LISTENING = "WebDriver BiDi listening on ";

    /** The tests have all they need on this machine, by its address. */
    private static final String PREFERENCES = """
            user_pref("network.dns.disabled", true);
            user_pref("app.update.disabledForTesting", true);
            user_pref("browser.shell.checkDefaultBrowser", false);
            user_pref("datareporting.policy.dataSubmissionEnabled", false);
            user_pref("toolkit.telemetry.enabled", false);
            user_pref("extensions.update.enabled", false);
            """;

    private final Path profile;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger commands = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> unanswered = new ConcurrentHashMap<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();

    /** Of a message that comes in parts; by the thread that listens. */
    private final StringBuilder text = new StringBuilder();

    private Firefox(Path profile, Process process) throws Exception {
        this.profile = profile;
        this.process = process;
        CompletableFuture<String> address = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, address), "firefox-output");
        reader.setDaemon(true);
        reader.start();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address.get(PATIENCE_SECONDS, SECONDS) + "/session"), this)
                .get(PATIENCE_SECONDS, SECONDS);
        call("session.new", Map.of("capabilities", Map.of()));
        call("session.subscribe", Map.of("events", List.of("log.entryAdded")));
    }

    static Firefox start() throws Exception {
        Optional<Path> firefox = Browser.find("FIREFOX", "firefox-esr", "firefox");
        if (firefox.isEmpty()) {
            String missing = "no Firefox on the PATH or in FIREFOX: the page is not tested in it";
            if ("true".equals(System.getenv("ROOMCAST_REQUIRE_BROWSER"))) {
                fail(missing);
            }
            System.err.println("SKIPPED: " + missing);
            abort(missing);
        }
        Path profile = Files.createTempDirectory("roomcast-firefox");
        Files.writeString(profile.resolve("user.js"), PREFERENCES);
        Process process = new ProcessBuilder(
                        firefox.orElseThrow().toString(),
                        "--headless",
                        "--no-remote",
                        "--profile",
                        profile.toString(),
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        try {
            return new Firefox(profile, process);
        } catch (Exception failed) {
            end(process, profile);
            throw failed;
        }
    }

    /** Says where it can be told what to do; what else it says is of no interest. */
    private static void read(Process process, CompletableFuture<String> address) {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(LISTENING)) {
                    address.complete(line.substring(LISTENING.length()).strip());
                }
            }
        } catch (IOException ended) {
            // As below.
        }
        address.completeExceptionally(new IllegalStateException("Firefox has ended"));
    }

    /** Opens a page in a window of its own; returns a name for it. */
    String open(URI page) {
        String window = call("browsingContext.create", Map.of("type", "window"))
                .path("context")
                .asText();
        call("browsingContext.navigate", Map.of("context", window, "url", page.toString(), "wait", "complete"));
        return window;
    }

    /** The value of an expression, in JSON. */
    String evaluate(String window, String expression) {
        JsonNode said = call(
                "script.evaluate",
                Map.of(
                        "expression",
                        "JSON.stringify(" + expression + ")",
                        "target",
                        Map.of("context", window),
                        "awaitPromise",
                        true));
        if (!said.path("type").asText().equals("success")) {
            throw new AssertionError(expression + ": " + said);
        }
        return said.path("result").path("value").asText();
    }

    void screenshot(String window, String name) throws IOException {
        Path folder = Path.of(System.getProperty("roomcast.screenshots", "target/screenshots"));
        Files.createDirectories(folder);
        JsonNode shot = call("browsingContext.captureScreenshot", Map.of("context", window));
        Files.write(
                folder.resolve(name + ".png"),
                Base64.getDecoder().decode(shot.path("data").asText()));
    }

    /** Exceptions that no script has caught, and what scripts have called an error. */
    List<String> errors() {
        return errors;
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        int id = commands.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        unanswered.put(id, answer);
        socket.sendText(Texts.json(Map.of("id", id, "method", method, "params", parameters)), true)
                .join();
        JsonNode said = answer.orTimeout(PATIENCE_SECONDS, SECONDS).join();
        if (!said.path("type").asText().equals("success")) {
            throw new AssertionError(method + ": " + said);
        }
        return said.path("result");
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            JsonNode said = Texts.read(text.toString(), JsonNode.class);
            text.setLength(0);
            CompletableFuture<JsonNode> answer =
                    unanswered.remove(said.path("id").asInt(-1));
            if (answer != null) {
                answer.complete(said);
            } else if (said.path("params").path("level").asText().equals("error")) {
                errors.add(said.path("params").path("text").asText());
            }
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        end(process, profile);
    }

    private static void end(Process process, Path profile) throws IOException {
        List<ProcessHandle> parts = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        parts.forEach(ProcessHandle::destroyForcibly);
        parts.forEach(part -> part.onExit().join());
        Browser.delete(profile);
    }
}

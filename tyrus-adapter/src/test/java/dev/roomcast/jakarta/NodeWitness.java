package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Node's {@code ws}, in a process of its own. Needs {@code node} and {@code npm} on the path and installs the package below
 * {@code target}; where that fails the test is skipped, or fails if {@code ROOMCAST_REQUIRE_NODE} is {@code true}.
 */
final class NodeWitness implements FrameConformance.Witness {

    private static final String PACKAGE = "ws@8.18.3";
    private static final Path HOME = Path.of("target", "node").toAbsolutePath();

    /** Why it cannot be had, once that is known: it is not tried for each test again. */
    private static @Nullable String fault;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
    private final Process process;
    private final PrintStream orders;
    private final Thread reader;

    NodeWitness(int port) throws IOException, InterruptedException {
        install();
        process = new ProcessBuilder(
                        "node",
                        Path.of("src/test/resources/node/listen.mjs")
                                .toAbsolutePath()
                                .toString(),
                        HOME.toString(),
                        "ws://127.0.0.1:" + port + "/frames")
                .redirectErrorStream(true)
                .start();
        orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        reader = new Thread(this::read, "node-output");
        reader.start();
        expect("open -", lines);
    }

    /** Where {@code node_modules} with the package is. */
    static synchronized Path install() throws InterruptedException {
        if (fault != null) {
            absent(fault);
        }
        if (Files.exists(HOME.resolve("node_modules/ws/package.json"))) {
            return HOME;
        }
        try {
            Files.createDirectories(HOME);
            List<String> command = new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund", "--prefix"));
            command.addAll(List.of(HOME.toString(), PACKAGE));
            Process npm = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(HOME.resolve("npm.txt").toFile())
                    .start();
            if (!npm.waitFor(50, TimeUnit.SECONDS)) {
                npm.destroyForcibly();
                absent("npm took too long");
            }
            if (npm.exitValue() != 0) {
                absent(Files.readString(HOME.resolve("npm.txt")));
            }
        } catch (IOException absent) {
            absent(absent.getMessage());
        }
        return HOME;
    }

    private static void absent(String why) {
        fault = why;
        if (Boolean.parseBoolean(System.getenv("ROOMCAST_REQUIRE_NODE"))) {
            fail("Node's ws is demanded and cannot be had: " + why);
        }
        abort("Node's ws cannot be had: " + why);
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                (line.startsWith("pong") ? pongs : lines).add(line);
            }
        } catch (IOException ended) {
            lines.add("end " + ended);
        }
    }

    private static void expect(String what, BlockingQueue<String> in) throws InterruptedException {
        assertEquals(what, in.poll(20, TimeUnit.SECONDS));
    }

    @Override
    public void expectText(String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        expect("text " + bytes.length + " " + HexFormat.of().formatHex(hash), lines);
    }

    @Override
    public void expectPing() throws InterruptedException {
        expect("ping 0", lines);
    }

    @Override
    public void expectPong() throws InterruptedException {
        expect("pong 1", pongs);
    }

    @Override
    public void expectClose(int code, String reason) throws InterruptedException {
        expect("close " + code + " " + reason, lines);
    }

    @Override
    public void sendPing() {
        orders.println("ping");
    }

    @Override
    public void pause() {
        orders.println("pause");
    }

    @Override
    public void resume() {
        orders.println("resume");
    }

    @Override
    public void close() {
        // It ends with its standard input.
        orders.close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            reader.join(5000);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

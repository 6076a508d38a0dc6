package dev.roomcast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Three sentinels on free ports of 127.0.0.1 that watch one server, known as {@code main}; two of them agree. */
public final class RedisSentinels implements AutoCloseable {

    private static final int COUNT = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Process> processes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final Path folder;
    private final Thread hook = new Thread(this::end, "roomcast-sentinels-cleanup");

    /** Starts them, and waits until they know each other and the server's replicas. */
    public RedisSentinels(RedisServer server, String password) {
        try {
            folder = Files.createTempDirectory("roomcast-sentinels");
            Runtime.getRuntime().addShutdownHook(hook);
            for (int i = 0; i < COUNT; i++) {
                start(RedisProcess.freePort(), server.port(), password);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        RedisProcess.await(
                "the sentinels to know each other",
                PATIENCE,
                () -> ports.stream().allMatch(port -> knowsOthers(port)));
    }

    private void start(int port, int server, String password) throws IOException {
        Path settings = folder.resolve(port + ".conf");
        String auth = password.isEmpty() ? "" : "sentinel auth-pass main " + password + "\n";
        Files.writeString(
                settings,
                "port " + port + "\nbind 127.0.0.1\ndir " + folder + "\nsentinel monitor main 127.0.0.1 " + server
                        + " 2\n" + "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n"
                        + auth);
        Process started = new ProcessBuilder(
                        RedisBinary.find().orElseThrow().toString(), settings.toString(), "--sentinel")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(port + ".log").toFile())
                .start();
        processes.add(started);
        ports.add(port);
    }

    private static boolean knowsOthers(int port) {
        try {
            String said = RedisCommand.run(port, "", "SENTINEL", "MASTER", "main");
            return said.contains("num-other-sentinels\n" + (COUNT - 1))
                    && !said.contains("num-slaves\n0")
                    && said.contains("flags\nmaster\n");
        } catch (IOException | IllegalStateException notYet) {
            return false;
        }
    }

    /** Their addresses as a URI names them. */
    public String hosts() {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    public int port(int sentinel) {
        return ports.get(sentinel);
    }

    /** The port of the server that they take for the master. */
    public int master() {
        try {
            return Integer.parseInt(
                    RedisCommand.run(ports.get(COUNT - 1), "", "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
                            .lines()
                            .toList()
                            .get(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends one as {@code kill -9} does. */
    public void kill(int sentinel) {
        Process process = processes.get(sentinel);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private void end() {
        for (int i = 0; i < processes.size(); i++) {
            kill(i);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException alreadyGone) {
            // Nothing is left to delete.
        }
    }
}

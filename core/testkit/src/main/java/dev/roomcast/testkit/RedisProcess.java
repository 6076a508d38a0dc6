package dev.roomcast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The operating system's side of a {@link RedisServer}. Every process that lives is known, and ends with the JVM. */
final class RedisProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TRIES = 5;

    private static final Set<RedisProcess> LIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> LIVE.forEach(RedisProcess::close), "roomcast-redis-cleanup"));
    }

    private final Path folder;
    private final List<String> options;
    private final String password;
    private int port = -1;
    private volatile @Nullable Process process;

    RedisProcess(Path folder, List<String> options, String password) {
        this.folder = folder;
        this.options = List.copyOf(options);
        this.password = password;
        LIVE.add(this);
    }

    int port() {
        return port;
    }

    /** Starts on a free port; tries others if someone takes it in between. */
    void start() {
        for (int i = 1; ; i++) {
            port = freePort();
            try {
                startAgain();
                return;
            } catch (IllegalStateException e) {
                if (i == TRIES) {
                    close();
                    throw e;
                }
            }
        }
    }

    /** Starts on the port it had. */
    void startAgain() {
        List<String> command = new ArrayList<>();
        command.add(RedisBinary.find()
                .orElseThrow(() -> new IllegalStateException("this machine has no Redis to run"))
                .toString());
        command.addAll(List.of("--port", Integer.toString(port)));
        command.addAll(options);
        Path log = folder.resolve("log");
        try {
            Process started = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            process = started;
            await("Redis to start", PATIENCE, () -> !started.isAlive() || answers());
            if (!started.isAlive()) {
                throw new IllegalStateException("Redis ended at once: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            waitFor(running);
        }
    }

    void signal(String name) {
        Process running = process;
        if (running == null || !running.isAlive()) {
            throw new IllegalStateException("Redis does not run");
        }
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start();
            waitFor(kill);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        delete(folder);
        LIVE.remove(this);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException alreadyGone) {
            // Nothing is left to delete.
        }
    }

    /** Looks every few milliseconds, since another process tells nobody when it is ready. */
    static void await(String what, Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + what, e);
            }
        }
    }

    private boolean answers() {
        try {
            return RedisCommand.run(port, password, "PING").equals("PONG");
        } catch (IOException | IllegalStateException notYet) {
            return false;
        }
    }

    private static void waitFor(Process process) {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("a process did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a process ended", e);
        }
    }
}

package dev.roomcast.instances;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An {@link Instance} in a JVM of its own, which can be killed as {@code kill -9} does and started again. */
final class InstanceProcess implements AutoCloseable {

    private static final String PORT = "port ";

    private final String redis;
    private volatile Process process;

    /** 0 while it does not run; another one after each start, since somebody may have taken the last. */
    private volatile int port;

    InstanceProcess(String redis) {
        this.redis = redis;
    }

    int port() {
        return port;
    }

    /** Returns when it listens. */
    InstanceProcess start() {
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Instance.class.getName(),
                            redis,
                            "0")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
            String line = said.readLine();
            if (line == null || !line.startsWith(PORT)) {
                throw new IllegalStateException("an instance did not start: " + line);
            }
            port = Integer.parseInt(line.substring(PORT.length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    void kill() {
        port = 0;
        close();
    }

    @Override
    public void close() {
        Process last = process;
        if (last != null) {
            last.destroyForcibly();
            try {
                last.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

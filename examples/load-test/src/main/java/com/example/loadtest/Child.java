package com.example.loadtest;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server that was started as a process of its own. It tells its port on its first line, and ends when its standard input
 * does: so it ends also when this process is killed without warning.
 */
final class Child implements AutoCloseable {

    private static final long START_SECONDS = 30;
    private static final long END_SECONDS = 5;

    private final Process process;
    private int port;

    private Child(Process process) {
        this.process = process;
    }

    /**
     * Starts it and waits for its port.
     *
     * @param log what it writes to standard error
     * @throws IOException if it cannot be started, or says no port
     */
    static Child start(List<String> command, File log) throws IOException, InterruptedException {
        Child child = new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.to(log))
                .start());
        Thread killer = new Thread(child.process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        child.process.onExit().thenRun(() -> forget(killer));
        try {
            child.port = child.readPort();
            return child;
        } catch (IOException | InterruptedException failed) {
            child.close();
            throw failed;
        }
    }

    private static void forget(Thread killer) {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException shuttingDown) {
            // It runs by now, and finds nobody.
        }
    }

    private int readPort() throws IOException, InterruptedException {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                line.complete(out.readLine());
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        try {
            String first = line.get(START_SECONDS, TimeUnit.SECONDS);
            if (first == null || !first.matches("port \\d+")) {
                throw new IOException("it said no port but " + first);
            }
            return Integer.parseInt(first.substring("port ".length()));
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("it said no port", e);
        }
    }

    URI url() {
        return URI.create("ws://127.0.0.1:" + port + "/rooms");
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // It has ended by itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}

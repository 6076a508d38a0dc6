package com.example.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An {@link Instance}, which can be killed as {@code kill -9} does, and started again. */
final class InstanceProcess implements Part {

    private final String name;
    private final String redis;
    private final String origin;

    // Guarded by this.
    private Process process;
    private int port;

    InstanceProcess(String name, String redis, String origin) {
        this.name = name;
        this.redis = redis;
        this.origin = origin;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Where it listens on 127.0.0.1; 0 while it does not run. */
    synchronized int port() {
        return isRunning() ? port : 0;
    }

    @Override
    public synchronized void start() {
        if (isRunning()) {
            return;
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        try {
            process = new ProcessBuilder(java, "-cp", classes, Instance.class.getName(), name, redis, origin)
                    .redirectError(Redirect.INHERIT)
                    .start();
            // No try: the stream stays, since the process ends when we close our end of its input.
            String first = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (first == null || !first.startsWith("port ")) {
                throw new IllegalStateException("instance " + name + " did not start");
            }
            port = Integer.parseInt(first.substring("port ".length()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public synchronized void kill() {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

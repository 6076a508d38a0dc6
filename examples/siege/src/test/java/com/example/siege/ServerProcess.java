package com.example.siege;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link SiegeServer} in a JVM of its own with a heap of 256 MB. Closing kills it; so does the end of this JVM. */
final class ServerProcess implements AutoCloseable {

    static final long MAX_HEAP = 256L << 20;

    private static final long START_SECONDS = 60;
    private static final long ANSWER_SECONDS = 20;
    private static final long END_SECONDS = 20;
    private static final int LARGEST_LOG = 32 << 20;

    private final Process process;
    private final Path log;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Thread killer;
    private final InetSocketAddress address;

    ServerProcess(Path log) throws IOException, InterruptedException {
        this.log = log;
        Files.createDirectories(log.getParent());
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SiegeServer.class.getName())
                .redirectError(log.toFile())
                .start();
        killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        Thread reader = new Thread(this::read, "siege-server-output");
        reader.setDaemon(true);
        reader.start();
        long port = number("port", START_SECONDS);
        if (port < 0) {
            close();
            throw new IOException("the server did not start; see " + log);
        }
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), (int) port);
    }

    private void read() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                answers.add(line);
            }
        } catch (IOException ended) {
            // The process is gone, and the next question finds out.
        }
    }

    InetSocketAddress address() {
        return address;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Bytes of the heap in use after a full collection; -1 if the server does not answer. */
    long usedHeap() {
        return ask("heap");
    }

    /** How many threads select sockets; -1 if the server does not answer. */
    long selectorThreads() {
        return ask("selectors");
    }

    /** How many threads there are; -1 if the server does not answer. */
    long threads() {
        return ask("threads");
    }

    /** Sends SIGTERM. Returns null if the process has ended with 0 in time; otherwise what it did. */
    @Nullable
    String faultOfTermination() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            return "the server did not end within " + END_SECONDS + " s of SIGTERM";
        }
        return process.exitValue() == 0 ? null : "after SIGTERM the server ended with " + process.exitValue();
    }

    private long ask(String command) {
        try {
            process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            return number(command, ANSWER_SECONDS);
        } catch (IOException ended) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private long number(String command, long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            String answer = answers.poll(left, TimeUnit.NANOSECONDS);
            if (answer != null && answer.startsWith(command + " ")) {
                return Long.parseLong(answer.substring(command.length() + 1));
            }
        }
        return -1;
    }

    long logLength() {
        try {
            return Files.size(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that were logged after a position, up to 32 MiB of them. */
    List<String> logFrom(long position) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(LARGEST_LOG, file.length() - position)];
            file.seek(position);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs already.
        }
    }
}

package dev.roomcast.browser;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code chat.jar} as a process of its own, started and stopped as a person would. */
final class ChatProcess implements AutoCloseable {

    private static final String LISTENING = "Listening on ";

    private final Process process;
    private final BufferedReader out;
    private final URI uri;

    private ChatProcess(Process process) throws Exception {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.uri = URI.create(lineAfter(LISTENING));
    }

    /** Starts the chat and waits until it says where it listens. */
    static ChatProcess start(int port, String... flags) throws Exception {
        List<String> command = command("--port", String.valueOf(port));
        command.addAll(List.of(flags));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new ChatProcess(process);
        } catch (Exception failed) {
            process.destroyForcibly().waitFor();
            throw failed;
        }
    }

    /** Runs the chat to its end; returns what it printed. */
    static String output(String... flags) throws Exception {
        Process process = new ProcessBuilder(command(flags))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String printed = CompletableFuture.supplyAsync(() -> readLine(out)).get(20, SECONDS);
            if (!process.waitFor(20, SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("the chat did not end well");
            }
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command(String... flags) {
        Path jar = Path.of(System.getProperty("roomcast.chat.jar", "../chat/target/chat.jar"));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException("the chat is not built: " + jar.toAbsolutePath());
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(), "-jar", jar.toString()));
        command.addAll(List.of(flags));
        return command;
    }

    /** The rest of the next line that it prints. */
    String lineAfter(String beginning) throws Exception {
        String line = CompletableFuture.supplyAsync(() -> readLine(out)).get(20, SECONDS);
        if (line == null || !line.startsWith(beginning)) {
            throw new IllegalStateException("the chat did not say: " + beginning);
        }
        return line.substring(beginning.length());
    }

    private static String readLine(BufferedReader reader) {
        try {
            return reader.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return uri;
    }

    /** Sends SIGTERM and waits for the end; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, SECONDS)) {
            throw new AssertionError("the chat did not end within 20 s of SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

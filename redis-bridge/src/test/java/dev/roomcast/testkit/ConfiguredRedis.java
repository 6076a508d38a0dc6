package dev.roomcast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real Redis with options that {@link RedisServer} does not offer. */
public final class ConfiguredRedis implements AutoCloseable {

    private final Path folder;
    private final RedisProcess process;

    public ConfiguredRedis(String... options) {
        try {
            folder = Files.createTempDirectory("roomcast-redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> all = new ArrayList<>(List.of("--bind", "127.0.0.1", "--dir", folder.toString(), "--save", ""));
        all.addAll(List.of(options));
        process = new RedisProcess(folder, all, "");
        process.start();
    }

    public int port() {
        return process.port();
    }

    /** A file in the server's own folder. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    public String command(String... words) {
        try {
            return RedisCommand.run(port(), "", words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}

package dev.roomcast.testkit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a Redis to run comes from. In this order: the file that {@code $REDIS_SERVER} names; a {@code redis-server} or
 * {@code valkey-server} on the path, if it is newer than the packaged one; the one packaged in the jar
 * {@code org.signal:embedded-redis}, if that is on the class path; one on the path, however old.
 */
final class RedisBinary {

    private static final String PACKAGED_VERSION = "7.0.15";
    private static final Pattern VERSION = Pattern.compile("v=(\\d+)\\.(\\d+)\\.(\\d+)");

    private static boolean searched;
    private static @Nullable Path found;

    private RedisBinary() {}

    /** The program to run; empty if this machine has none. Looks once. */
    static synchronized Optional<Path> find() {
        if (!searched) {
            found = search().orElse(null);
            searched = true;
        }
        return Optional.ofNullable(found);
    }

    private static Optional<Path> search() {
        String named = System.getenv("REDIS_SERVER");
        if (named != null && !named.isBlank()) {
            Path program = Path.of(named);
            if (!Files.isExecutable(program)) {
                throw new IllegalStateException("$REDIS_SERVER names no program that can be run: " + named);
            }
            return Optional.of(program);
        }
        List<Path> onPath = List.of("redis-server", "valkey-server").stream()
                .flatMap(name -> onPath(name).stream())
                .toList();
        return onPath.stream()
                .filter(program -> version(program) > number(PACKAGED_VERSION))
                .findFirst()
                .or(RedisBinary::packaged)
                .or(() -> onPath.stream().findFirst());
    }

    private static Optional<Path> onPath(String name) {
        String path = System.getenv("PATH");
        return path == null
                ? Optional.empty()
                : List.of(path.split(File.pathSeparator)).stream()
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, name))
                        .filter(Files::isExecutable)
                        .findFirst();
    }

    private static Optional<Path> packaged() {
        String name = "redis-server-" + PACKAGED_VERSION + "-" + platform();
        ClassLoader loader = RedisBinary.class.getClassLoader();
        try (InputStream in = loader == null ? null : loader.getResourceAsStream(name)) {
            if (in == null) {
                return Optional.empty();
            }
            Path folder = Files.createTempDirectory("roomcast-redis-server");
            Path program = folder.resolve("redis-server");
            folder.toFile().deleteOnExit();
            program.toFile().deleteOnExit();
            Files.copy(in, program, StandardCopyOption.REPLACE_EXISTING);
            return program.toFile().setExecutable(true) && version(program) > 0
                    ? Optional.of(program)
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the packaged Redis cannot be unpacked", e);
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return (system.contains("mac") ? "darwin" : system)
                + (machine.equals("aarch64") || machine.equals("arm64") ? "-arm64" : "-amd64");
    }

    /** The version as a number; 0 if the program does not run here. */
    private static int version(Path program) {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor(5, TimeUnit.SECONDS);
            return number(said);
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String said) {
        Matcher matcher = VERSION.matcher(said.contains("v=") ? said : "v=" + said);
        return matcher.find()
                ? (Integer.parseInt(matcher.group(1)) * 1000 + Integer.parseInt(matcher.group(2))) * 1000
                        + Integer.parseInt(matcher.group(3))
                : 0;
    }
}

package dev.roomcast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Redis for tests, on a free port of 127.0.0.1, that can be killed, frozen, and started again with or without its
 * data. Needs no set-up where the jar {@code org.signal:embedded-redis} is on the class path; otherwise it runs the program
 * that {@code $REDIS_SERVER} names, or a {@code redis-server} or {@code valkey-server} on the path.
 *
 * <p>The process ends with {@link #close()}, and with the JVM. Methods block until the server has done what they say, for at
 * most ten seconds. Not for use by several threads at once.
 */
public final class RedisServer implements AutoCloseable {

    /** When what was written reaches the disk. */
    public enum Persistence {
        /** Never: a server that was killed has forgotten everything. */
        NONE,
        /** Once a second ({@code appendfsync everysec}). */
        EVERY_SECOND,
        /** Before each answer ({@code appendfsync always}). */
        ALWAYS
    }

    private final Path folder;
    private final String password;
    private final RedisProcess process;
    private final int tlsPort;

    private RedisServer(Builder builder) {
        try {
            password = builder.password;
            folder = Files.createTempDirectory("roomcast-redis");
            List<String> options = builder.options(folder);
            if (builder.tls) {
                RedisCertificate.writeTo(folder);
                tlsPort = RedisProcess.freePort();
                options.addAll(List.of("--tls-port", Integer.toString(tlsPort), "--tls-auth-clients", "no"));
                options.addAll(List.of("--tls-cert-file", "redis.crt", "--tls-key-file", "redis.key"));
                options.addAll(List.of("--tls-ca-cert-file", "redis.crt"));
            } else {
                tlsPort = -1;
            }
            process = new RedisProcess(folder, options, password);
            process.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Redis started", e);
        }
    }

    /**
     * Ends the running JUnit test as skipped if this machine has no Redis to run; fails it instead if the environment says
     * {@code ROOMCAST_REQUIRE_REDIS=true}.
     */
    public static void assumeAvailable() {
        if (isAvailable()) {
            return;
        }
        String why = "no Redis: set $REDIS_SERVER, install redis-server, or add org.signal:embedded-redis to the tests";
        if (Boolean.parseBoolean(System.getenv("ROOMCAST_REQUIRE_REDIS"))) {
            Assertions.fail(why);
        }
        Assumptions.abort(why);
    }

    /**
     * Whether this machine has a Redis to run.
     *
     * @return false if {@link Builder#start()} would fail
     */
    public static boolean isAvailable() {
        return RedisBinary.find().isPresent();
    }

    /**
     * A server without password, TLS and persistence, unless told otherwise.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a server without password, TLS and persistence.
     *
     * @return the server, ready
     */
    public static RedisServer start() {
        return builder().start();
    }

    /**
     * Where it listens.
     *
     * @return a port of 127.0.0.1, the same after a restart
     */
    public int port() {
        return process.port();
    }

    /**
     * How to reach it, the password included; over TLS if it has that.
     *
     * @return {@code redis://…} or {@code rediss://…}
     */
    public String uri() {
        String who = password.isEmpty() ? "" : ":" + password + "@";
        return tlsPort < 0 ? "redis://" + who + "127.0.0.1:" + port() : "rediss://" + who + "127.0.0.1:" + tlsPort;
    }

    /**
     * The certificate of a server with TLS, self-signed.
     *
     * @return a file in PEM form; it exists if the server was built with {@link Builder#tls()}
     */
    public Path certificate() {
        return folder.resolve("redis.crt");
    }

    /**
     * Runs a command, such as {@code FLUSHALL} or {@code CLIENT KILL TYPE pubsub}.
     *
     * @param words the command and its arguments
     * @return the answer as text; a list has a line for each part
     * @throws IllegalStateException if Redis refuses it
     */
    public String command(String... words) {
        try {
            return RedisCommand.run(port(), password, words);
        } catch (IOException e) {
            throw new UncheckedIOException("Redis did not answer", e);
        }
    }

    /** Kills the process as {@code kill -9} does. Without effect when it does not run. */
    public void kill() {
        process.kill();
    }

    /** Freezes the process ({@code SIGSTOP}): connections stay open, and nothing is answered. */
    public void freeze() {
        process.signal("STOP");
    }

    /** Lets a frozen process go on ({@code SIGCONT}). */
    public void thaw() {
        process.signal("CONT");
    }

    /** Starts it again, with what it had on disk; kills it first if it runs. */
    public void restart() {
        kill();
        process.startAgain();
    }

    /** Starts it again with nothing on disk; kills it first if it runs. */
    public void restartEmpty() {
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                String name = folder.relativize(file).toString();
                if (name.startsWith("appendonly") || name.endsWith(".rdb")) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.startAgain();
    }

    /**
     * Starts a replica of this server and waits until it has caught up.
     *
     * @return another server, with the same password, to be closed by itself
     */
    public RedisServer startReplica() {
        Builder builder = builder().password(password);
        builder.replicaOf = port();
        RedisServer replica = builder.start();
        RedisProcess.await(
                "the replica to catch up",
                Duration.ofSeconds(10),
                () -> replica.command("INFO", "replication").contains("master_link_status:up"));
        return replica;
    }

    /** Makes a replica a server of its own, as a failover does. */
    public void promote() {
        command("REPLICAOF", "NO", "ONE");
    }

    /** Ends the process and removes its files. Idempotent. */
    @Override
    public void close() {
        process.close();
    }

    /** How a server is to be. */
    public static final class Builder {

        private Persistence persistence = Persistence.NONE;
        private String password = "";
        private boolean tls;
        private int replicaOf = -1;

        private Builder() {}

        /**
         * When what was written reaches the disk; never by default.
         *
         * @param persistence when
         * @return this
         */
        public Builder persistence(Persistence persistence) {
            this.persistence = persistence;
            return this;
        }

        /**
         * Asks clients for a password; none by default.
         *
         * @param password not to be found in any log; empty for none
         * @return this
         */
        public Builder password(String password) {
            this.password = password;
            return this;
        }

        /**
         * Listens for TLS too, with a self-signed certificate.
         *
         * @return this
         */
        public Builder tls() {
            this.tls = true;
            return this;
        }

        /**
         * Starts the server.
         *
         * @return the server, ready
         * @throws IllegalStateException if this machine has no Redis to run, or it does not start
         */
        public RedisServer start() {
            return new RedisServer(this);
        }

        private List<String> options(Path folder) {
            List<String> options = new ArrayList<>(List.of("--bind", "127.0.0.1", "--dir", folder.toString()));
            // No snapshots: what survives is what the test asks for.
            options.addAll(List.of("--save", ""));
            options.addAll(List.of("--enable-debug-command", "yes"));
            // A replica is served at once; by default others are waited for, five seconds long.
            options.addAll(List.of("--repl-diskless-sync-delay", "0"));
            if (persistence != Persistence.NONE) {
                options.addAll(List.of("--appendonly", "yes", "--appendfsync"));
                options.add(persistence == Persistence.ALWAYS ? "always" : "everysec");
            }
            if (!password.isEmpty()) {
                options.addAll(List.of("--requirepass", password, "--masterauth", password));
            }
            if (replicaOf > 0) {
                options.addAll(List.of("--replicaof", "127.0.0.1 " + replicaOf));
            }
            return options;
        }
    }
}

package com.example.chat;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Names;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.redis.RedisBridge;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code java -jar chat.jar --help}. */
@Command(
        name = "chat",
        customSynopsis = "java -jar chat.jar [flags]",
        description = "A chat in rooms: a page at /, a WebSocket endpoint at /rooms.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class Chat implements Callable<Integer> {

    private static final Duration TOKEN_LIFETIME = Duration.ofHours(1);

    /** Over how long the clients are sent away when the process is told to stop. */
    private static final Duration FAREWELL = Duration.ofSeconds(3);

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port to listen on; 0 for any that is free. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "localhost",
            description = "Address to listen on; 0.0.0.0 lets other machines in. Default: ${DEFAULT-VALUE}")
    private String host;

    @Option(
            names = "--heartbeat",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Flags.ToDuration.class,
            description = "How often each connection is pinged, such as 500ms, 30s or 2m. Default: ${DEFAULT-VALUE}")
    private Duration heartbeat;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "50/s",
            converter = Flags.ToRate.class,
            description = "Messages a connection may send, such as 50/s, 600/m or 1000/h. Default: ${DEFAULT-VALUE}")
    private Rate rate;

    @Option(
            names = "--origin",
            paramLabel = "URL",
            description = "Whose pages may connect, https://app.example.com for one. Can be given several times."
                    + " Default: the page of this server and no other")
    private String[] origins = {};

    @Option(
            names = "--history",
            paramLabel = "COUNT",
            defaultValue = "256",
            description = "Messages kept in each room. Default: ${DEFAULT-VALUE}")
    private int history;

    @Option(
            names = "--max-message",
            paramLabel = "BYTES",
            defaultValue = "65536",
            description = "Largest message. Default: ${DEFAULT-VALUE}")
    private int maxMessage;

    @Option(
            names = "--sanitize",
            paramLabel = "HOW",
            defaultValue = "text",
            converter = Flags.ToSanitizer.class,
            description =
                    "What is done to what clients write: text, escape, html or none. escape and html are for pages that"
                            + " use innerHTML; this page does not, and shows their entities as they are. Default: ${DEFAULT-VALUE}")
    private Sanitizer sanitizer;

    @Option(
            names = "--auth-secret",
            paramLabel = "SECRET",
            defaultValue = "${env:CHAT_AUTH_SECRET}",
            description =
                    "Lets in only who has a token signed with it (a JWT, HS256). At least 32 bytes. Can also be the"
                            + " environment variable CHAT_AUTH_SECRET, which no list of processes shows")
    private String secret;

    @Option(
            names = "--token",
            paramLabel = "USER",
            description = "Prints a token for a user, good for an hour, and ends. Needs the secret")
    private String tokenFor;

    @Option(
            names = "--invite",
            paramLabel = "USER",
            description =
                    "Prints a link that lets a user in, good for an hour, when the chat listens. Needs the secret")
    private String invited;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "Redis that joins several instances, such as redis://localhost:6379. Default: one instance,"
                    + " in memory")
    private String redis;

    @Option(names = "--help", usageHelp = true, description = "Shows this")
    private boolean help;

    @Spec
    private CommandSpec spec;

    public static void main(String... args) {
        quieten();
        int code = commandLine().execute(args);
        // With 0 the server runs, and its threads keep the process alive.
        if (code != CommandLine.ExitCode.OK) {
            System.exit(code);
        }
    }

    static CommandLine commandLine() {
        return new CommandLine(new Chat()).setParameterExceptionHandler((wrong, args) -> {
            wrong.getCommandLine()
                    .getErr()
                    .println("chat: " + wrong.getMessage().replaceAll("\\s+", " "));
            return CommandLine.ExitCode.USAGE;
        });
    }

    @Override
    public Integer call() {
        Optional<Tokens> tokens = tokens();
        if (tokenFor != null) {
            print(token("--token", tokenFor, tokens));
            return CommandLine.ExitCode.OK;
        }
        Optional<String> invitation = Optional.ofNullable(invited).map(user -> token("--invite", user, tokens));
        ChatServer server = start(tokens);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.drain(FAREWELL);
            server.close();
            endWell();
        }));
        var unused = server.closed().whenComplete((ended, failure) -> {
            if (failure != null) {
                // The log says why. Not by exit: the hook above ends with success.
                Runtime.getRuntime().halt(CommandLine.ExitCode.SOFTWARE);
            }
        });
        print("Listening on " + server.uri());
        // Behind the #: browsers send that part to no server, so to no log.
        invitation.ifPresent(token -> print("Come in as " + invited + ": " + server.uri() + "#token=" + token));
        tokens.ifPresent(some -> print("For a token: java -jar chat.jar --auth-secret SECRET --token USER"));
        return CommandLine.ExitCode.OK;
    }

    /** A token for the user that a flag names. */
    private String token(String flag, String user, Optional<Tokens> tokens) {
        Tokens some = tokens.orElseThrow(() -> wrong(flag + " needs --auth-secret"));
        Names.fault(user, (int) Limit.NAME_LENGTH.defaultValue()).ifPresent(fault -> {
            throw wrong(flag + ": the user's name " + fault);
        });
        return some.issue(user, TOKEN_LIFETIME);
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    /**
     * The last step of the shutdown hook. A JVM that is ended by a signal exits with 128 and the signal's number, even if
     * all went well; but to stop when told to is success.
     */
    private static void endWell() {
        Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
    }

    /** Starts the server as the flags say. */
    ChatServer start() {
        return start(tokens());
    }

    private ChatServer start(Optional<Tokens> tokens) {
        RoomsBuilder settings = settings();
        tokens.ifPresent(some -> settings.authenticator(Authenticator.token(some::verify)));
        try {
            return ChatServer.start(settings, host, port);
        } catch (BindException | IllegalArgumentException | IllegalStateException refused) {
            throw wrong(refused.getMessage());
        } catch (IOException failed) {
            throw wrong("cannot listen on " + host + ": " + failed.getMessage());
        }
    }

    private RoomsBuilder settings() {
        RoomsBuilder settings = Rooms.builder().rate(rate).sanitizer(sanitizer);
        set("--heartbeat", () -> settings.heartbeat(heartbeat));
        set("--history", () -> settings.history(historyOf(history)));
        set("--max-message", () -> settings.limit(Limit.MESSAGE_BYTES, maxMessage));
        if (redis != null) {
            set("--redis", () -> settings.bridge(RedisBridge.connect(redis)));
        }
        if (origins.length > 0) {
            set("--origin", () -> settings.allowedOrigins(origins));
        }
        return settings;
    }

    private Optional<Tokens> tokens() {
        try {
            return Optional.ofNullable(secret).map(Tokens::new);
        } catch (IllegalArgumentException e) {
            throw wrong("--auth-secret: " + e.getMessage());
        }
    }

    private static HistoryLimits historyOf(int messages) {
        return new HistoryLimits(messages, HistoryLimits.DEFAULT.age(), HistoryLimits.DEFAULT.bytes());
    }

    private void set(String flag, Runnable setting) {
        try {
            setting.run();
        } catch (IllegalArgumentException e) {
            throw wrong(flag + ": " + e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Reads {@code logging.properties} of this example, unless the process was started with others. */
    private static void quieten() {
        if (System.getProperty("java.util.logging.config.file") == null) {
            try (InputStream properties = Chat.class.getResourceAsStream("/logging.properties")) {
                LogManager.getLogManager().readConfiguration(properties);
            } catch (IOException e) {
                throw new IllegalStateException("logging.properties cannot be read", e);
            }
        }
    }
}

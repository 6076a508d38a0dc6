package com.example.loadtest;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code java -jar load-test.jar --help}. */
@Command(
        name = "load-test",
        customSynopsis = {
            "java -jar load-test.jar --url URL [flags]",
            "java -jar load-test.jar --url URL --hold MINUTES [flags]",
            "java -jar load-test.jar --compare [flags]"
        },
        description =
                "Puts a server of rooms under load, and checks that every member gets every message once and in order.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class LoadTest implements Callable<Integer> {

    static final int FAILED = 1;

    private static final double MOST_MINUTES = 7 * 24 * 60;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the rooms are, such as ws://127.0.0.1:8080/rooms; ?room=…&user=… is added")
    private URI url;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Connections, dealt out over the rooms. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(names = "--rooms", paramLabel = "M", defaultValue = "1", description = "Rooms. Default: ${DEFAULT-VALUE}")
    private int rooms;

    @Option(
            names = "--publishers",
            paramLabel = "P",
            defaultValue = "1",
            description = "Members of each room who publish. Default: ${DEFAULT-VALUE}")
    private int publishers;

    @Option(
            names = "--rate",
            paramLabel = "R/s",
            converter = Flags.ToRate.class,
            description = "Messages per second that all publishers send together, whether the server keeps up or not;"
                    + " latency counts from when each should have been sent")
    private Double rate;

    @Option(
            names = "--in-flight",
            paramLabel = "W",
            description =
                    "Or: messages of each publisher on the way; the next is sent when one has come back. Default: 1")
    private Integer inFlight;

    @Option(
            names = "--bytes",
            paramLabel = "B",
            defaultValue = "150",
            description = "Size of a message as it is delivered, about. Default: ${DEFAULT-VALUE}")
    private int bytes;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "plain",
            converter = Flags.ToFormat.class,
            description = "plain, or v1 to offer the subprotocol roomcast.v1. Default: ${DEFAULT-VALUE}")
    private Flags.Format format;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Flags.ToDuration.class,
            description = "Load before anything is measured. Default: ${DEFAULT-VALUE}")
    private Duration warmup;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Flags.ToDuration.class,
            description = "Load that is measured, such as 500ms, 30s or 2m. Default: ${DEFAULT-VALUE}")
    private Duration duration;

    @Option(
            names = "--threads",
            paramLabel = "T",
            defaultValue = "1",
            description = "Threads of the generator. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(
            names = "--awake",
            description = "Threads of the generator never sleep, so a server on this machine is not charged for waking"
                    + " them; each needs a core of its own. --compare does so if it can pin")
    private boolean awake;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description = "The server's process on this machine (Linux): its CPU for each delivery, and its memory")
    private Long pid;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes the result as a page with a chart, too")
    private Path html;

    @Option(
            names = "--hold",
            paramLabel = "MINUTES",
            description = "Holds the connections so long and tells what they cost; --rate is then 10/s unless given")
    private Double hold;

    @Option(
            names = "--churn",
            paramLabel = "C/s",
            converter = Flags.ToRate.class,
            description = "With --hold: so many joins and as many leaves per second, by message on open connections")
    private Double churn;

    @Option(
            names = "--compare",
            description = "Starts Roomcast and its peers itself, one after another on one core, and prints ratios;"
                    + " connections, bytes, warm-up and duration can be given")
    private boolean compare;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "With --compare: how often all are measured. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(names = "--help", usageHelp = true, description = "Shows this")
    private boolean help;

    @Spec
    private CommandSpec spec;

    public static void main(String... args) {
        Locale.setDefault(Locale.ROOT);
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new LoadTest())
                .setParameterExceptionHandler((wrong, args) -> {
                    complain(wrong.getCommandLine(), wrong);
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failed, commandLine, parsed) -> {
                    complain(commandLine, failed);
                    return FAILED;
                });
    }

    private static void complain(CommandLine commandLine, Exception why) {
        String message = why.getMessage() == null ? why.toString() : why.getMessage();
        commandLine.getErr().println("load-test: " + message.replaceAll("\\s+", " "));
        commandLine.getErr().flush();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        Progress progress = new Progress(System.err, System.console() != null);
        if (compare) {
            return new Comparison(plan(URI.create("ws://127.0.0.1/rooms")), rounds, html, this::print, progress).run()
                    ? CommandLine.ExitCode.OK
                    : FAILED;
        }
        if (hold != null) {
            Duration length = Duration.ofMillis((long) (hold * 60_000));
            return new Hold(plan(url).rate(rate == null ? 10 : rate), length, churn == null ? 0 : churn, this::print)
                            .run()
                    ? CommandLine.ExitCode.OK
                    : FAILED;
        }
        Result result = LoadRun.run(plan(url), progress);
        print(result.text());
        if (html != null) {
            ResultPage.write(html, result);
        }
        return result.failed() ? FAILED : CommandLine.ExitCode.OK;
    }

    private void check() {
        if (compare == (url != null)) {
            throw wrong(
                    compare ? "--compare starts its own servers: leave out --url" : "--url is missing, or --compare");
        }
        if (url != null && (!"ws".equals(url.getScheme()) || url.getHost() == null)) {
            throw wrong("--url: '" + url + "' is not an address such as ws://127.0.0.1:8080/rooms");
        }
        if (compare) {
            apart("--compare", "--awake", "--rate", "--in-flight", "--rooms", "--format", "--pid", "--hold", "--churn");
        }
        if (hold != null) {
            apart("--hold", "--awake", "--in-flight", "--html", "--warmup", "--duration");
        }
        if (rate != null && inFlight != null) {
            throw wrong("--rate and --in-flight do not go together: the one is an open loop, the other a closed one");
        }
        if (hold == null && churn != null) {
            throw wrong("--churn needs --hold");
        }
        if (hold != null && !(hold > 0 && hold < MOST_MINUTES)) {
            throw wrong("--hold is more than 0 minutes, and less than a week");
        }
        range("--connections", connections, 1, 1_000_000);
        range("--rooms", rooms, 1, connections);
        range("--publishers", publishers, 1, connections / rooms);
        range("--in-flight", inFlight == null ? 1 : inFlight, 1, 100_000);
        range("--bytes", bytes, 1, 1_000_000);
        range("--threads", threads, 1, 64);
        range("--rounds", rounds, 1, 1000);
        if (duration.isZero()) {
            throw wrong("--duration is more than 0");
        }
        if (pid != null && !new ServerProcess(pid).exists()) {
            throw wrong("--pid: there is no process " + pid + " that can be looked at");
        }
        if (url != null && plan(url).server().isUnresolved()) {
            throw wrong("--url: the host '" + url.getHost() + "' is not known");
        }
    }

    private void apart(String flag, String... others) {
        for (String other : others) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw wrong(flag + " and " + other + " do not go together");
            }
        }
    }

    private void range(String flag, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong(flag + " is from " + least + " to " + most + " here, and not " + value);
        }
    }

    private Plan plan(URI server) {
        return new Plan(
                server,
                connections,
                rooms,
                publishers,
                rate == null ? 0 : rate,
                inFlight == null ? 1 : inFlight,
                bytes,
                format == Flags.Format.V1,
                warmup,
                duration,
                threads,
                pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
                awake);
    }

    private void print(String text) {
        spec.commandLine().getOut().println(text.stripTrailing());
        spec.commandLine().getOut().flush();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

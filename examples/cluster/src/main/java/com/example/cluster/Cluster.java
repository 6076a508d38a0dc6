package com.example.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A cluster on one machine: a Redis, some instances of the application as processes of their own, a balancer in front of
 * them, and a page on which one can talk while killing any of them.
 */
@Command(
        name = "cluster",
        customSynopsis = "java -jar cluster.jar [flags]",
        description = "A chat on several instances with one Redis, and buttons to kill them.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class Cluster implements Runnable, AutoCloseable {

    private static final int MOST_INSTANCES = 9;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port of the page; 0 for any that is free. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--instances",
            paramLabel = "COUNT",
            defaultValue = "3",
            description = "How many instances, 1 to " + MOST_INSTANCES + ". Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(names = "--help", usageHelp = true, description = "Shows this")
    private boolean help;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Control control;
    private Balancer balancer;

    public static void main(String... args) {
        Cluster cluster = new Cluster();
        CommandLine line = new CommandLine(cluster);
        line.setExecutionExceptionHandler((failed, command, parsed) -> {
            System.err.println("cluster: " + failed.getMessage());
            return 2;
        });
        int code = line.execute(args);
        if (code != 0 || line.isUsageHelpRequested()) {
            System.exit(code);
        }
    }

    @Override
    public void run() {
        if (count < 1 || count > MOST_INSTANCES) {
            throw new IllegalArgumentException("--instances: " + count + " is not from 1 to " + MOST_INSTANCES);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        try {
            start(port, count);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        System.out.println("Open in two windows: " + control.origin());
        System.out.println("Ctrl-C ends everything.");
    }

    /** Starts everything; {@link #close} ends it. */
    void start(int pagePort, int instances) throws IOException {
        control = opened(new Control(pagePort));
        RedisPart redis = opened(new RedisPart());
        List<InstanceProcess> all = IntStream.range(0, instances)
                .mapToObj(i -> new InstanceProcess(Character.toString('A' + i), redis.uri(), control.origin()))
                .toList();
        all.forEach(this::opened);
        all.parallelStream().forEach(InstanceProcess::start);
        balancer = opened(new Balancer(0, all));
        List<Part> parts = new ArrayList<>(all);
        parts.add(redis);
        control.open(parts, balancer.port());
    }

    String origin() {
        return control.origin();
    }

    int sockets() {
        return balancer.port();
    }

    private synchronized <T extends AutoCloseable> T opened(T part) {
        opened.add(part);
        return part;
    }

    @Override
    public synchronized void close() {
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception failed) {
                System.err.println("cluster: " + failed.getMessage());
            }
        }
        opened.clear();
    }
}

package com.example.loadtest;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * Holds a crowd for minutes: its members answer pings, a trickle of messages is checked as in any run, and some come and go
 * in other rooms. Tells every few seconds what that costs the server.
 */
final class Hold {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long POLL_MILLIS = 20;
    private static final int LINES = 60;
    private static final long END_NANOS = 50_000_000;
    private static final Duration SHORTEST_LINE = Duration.ofSeconds(1);

    private final Plan plan;
    private final Duration length;
    private final double churn;
    private final Consumer<String> print;
    private final ServerProcess server;
    private final Map<Loop, Churn> churns = new HashMap<>();
    private final Histogram latency = Loop.newHistogram();
    private long deliveries;
    private long highestRss;

    /**
     * Describes it.
     *
     * @param churn joins, and as many leaves, per second; 0 for none
     */
    Hold(Plan plan, Duration length, double churn, Consumer<String> print) {
        this.plan = plan;
        this.length = length;
        this.churn = churn;
        this.print = print;
        this.server = plan.pid().isEmpty() ? null : new ServerProcess(plan.pid().getAsLong());
    }

    /** Whether nothing was lost: no connection, no message, no answer. */
    boolean run() throws IOException, InterruptedException {
        Progress progress = new Progress(System.err, System.console() != null);
        try (Crowd crowd = Crowd.open(plan, progress::say)) {
            progress.clear();
            long joinsOfUrls = crowd.sum(Loop::roomsJoined);
            print.accept("%,d connections are in; holding them for %s".formatted(crowd.opened(), words(length)));
            print.accept(
                    "   time  open     lost  deliveries/s  p99       joins/s  leaves/s  RSS MiB  CPU of one connection");
            crowd.startPublishing();
            startChurn(crowd);
            OptionalLong cpu = cpu();
            long begin = System.nanoTime();
            watch(crowd, begin);
            double seconds = (System.nanoTime() - begin) / 1e9;
            OptionalDouble share = share(cpu, cpu(), seconds);
            crowd.stopPublishing();
            crowd.checkEnd();
            checkChurn(crowd, joinsOfUrls);
            tell(crowd, crowd.sum(Loop::roomsJoined) - joinsOfUrls, share);
            return crowd.faults().count() == 0;
        } finally {
            progress.clear();
        }
    }

    private void startChurn(Crowd crowd) {
        for (Loop loop : crowd.loops()) {
            loop.tell(() -> {
                if (churn > 0 && !loop.clients().isEmpty()) {
                    double share = churn * loop.clients().size() / plan.connections();
                    loop.tick();
                    Churn ofLoop = new Churn(loop.clients(), loop.now(), share);
                    loop.schedule(ofLoop);
                    churns.put(loop, ofLoop);
                }
            });
        }
    }

    private void watch(Crowd crowd, long begin) throws InterruptedException {
        long step = Math.max(SHORTEST_LINE.toMillis(), length.toMillis() / LINES);
        OptionalLong cpu = cpu();
        long joined = crowd.sum(Loop::roomsJoined);
        long left = crowd.sum(Loop::roomsLeft);
        for (long at = begin; at - begin < length.toNanos() - END_NANOS; ) {
            Thread.sleep(Math.max(1, Math.min(step, (length.toNanos() - (at - begin)) / 1_000_000)));
            long now = System.nanoTime();
            double seconds = (now - at) / 1e9;
            Loop.Sample sample = crowd.sample();
            deliveries += sample.deliveries();
            latency.add(sample.latency());
            OptionalLong cpuNow = cpu();
            long joinedNow = crowd.sum(Loop::roomsJoined);
            long leftNow = crowd.sum(Loop::roomsLeft);
            long rss = rssMib();
            highestRss = Math.max(highestRss, rss);
            OptionalDouble share = share(cpu, cpuNow, seconds);
            print.accept("%6d s  %,-7d  %,-4d  %,-12.0f  %-8s  %,-7.0f  %,-8.0f  %-7s  %s"
                    .formatted(
                            Math.round((now - begin) / 1e9),
                            crowd.opened() - crowd.lost(),
                            crowd.lost(),
                            sample.deliveries() / seconds,
                            Result.duration(sample.latency().getValueAtPercentile(99)),
                            (joinedNow - joined) / seconds,
                            (leftNow - left) / seconds,
                            server == null ? "-" : "%,d".formatted(rss),
                            words(share)));
            at = now;
            cpu = cpuNow;
            joined = joinedNow;
            left = leftNow;
        }
    }

    /** Every join and every leave was answered; those of connections that were lost are faults already. */
    private void checkChurn(Crowd crowd, long joinsOfUrls) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long joins = sent(Churn::joins);
        long leaves = sent(Churn::leaves);
        while (crowd.sum(Loop::roomsJoined) - joinsOfUrls + crowd.sum(Loop::roomsLeft) < joins + leaves
                && System.nanoTime() < deadline) {
            Thread.sleep(POLL_MILLIS);
        }
        long joined = crowd.sum(Loop::roomsJoined) - joinsOfUrls;
        long left = crowd.sum(Loop::roomsLeft);
        if (crowd.lost() == 0 && (joined != joins || left != leaves)) {
            crowd.faults()
                    .add("%,d of %,d joins and %,d of %,d leaves were answered".formatted(joined, joins, left, leaves));
        }
    }

    private long sent(ToLongFunction<Churn> which) {
        return churns.entrySet().stream()
                .mapToLong(each -> each.getKey().ask(() -> which.applyAsLong(each.getValue())))
                .sum();
    }

    private void tell(Crowd crowd, long joins, OptionalDouble share) {
        print.accept("lost        %,d of %,d connections".formatted(crowd.lost(), plan.connections()));
        print.accept("deliveries  %,d, p50 %s  p99 %s  max %s"
                .formatted(
                        deliveries,
                        Result.duration(latency.getValueAtPercentile(50)),
                        Result.duration(latency.getValueAtPercentile(99)),
                        Result.duration(latency.getMaxValue())));
        print.accept("by message  %,d joins, %,d leaves".formatted(joins, crowd.sum(Loop::roomsLeft)));
        print.accept("server      "
                + (server == null
                        ? "not measured (--pid)"
                        : "at most %,d MiB, %s for each connection".formatted(highestRss, words(share))));
        long faults = crowd.faults().count();
        print.accept("checks      "
                + (faults == 0
                        ? "nobody was lost, and everyone got every message once and in order"
                        : "FAILED: %,d faults".formatted(faults)));
        crowd.faults().first().forEach(fault -> print.accept("            " + fault));
    }

    private OptionalLong cpu() {
        return server == null ? OptionalLong.empty() : server.cpuMicros();
    }

    private long rssMib() {
        return server == null ? 0 : server.rssKib().orElse(0) / 1024;
    }

    /** Microseconds of CPU in a second, for one connection. */
    private OptionalDouble share(OptionalLong before, OptionalLong after, double seconds) {
        return before.isEmpty() || after.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of((after.getAsLong() - before.getAsLong()) / seconds / plan.connections());
    }

    private static String words(OptionalDouble share) {
        return share.isEmpty() ? "-" : "%.2f µs/s".formatted(share.getAsDouble());
    }

    private static String words(Duration length) {
        return length.toSeconds() < 120 ? length.toSeconds() + " s" : length.toMinutes() + " min";
    }
}

package com.example.loadtest;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** One run: everyone comes in, the load warms up, is measured, and is held against what was sent. */
final class LoadRun {

    private static final ServerProcess OWN =
            new ServerProcess(ProcessHandle.current().pid());
    private static final long STEP_NANOS = 1_000_000_000;

    private final Plan plan;
    private final Progress progress;
    private final Histogram latency = Loop.newHistogram();
    private long deliveries;
    private long bytes;
    private long idleNanos;

    private LoadRun(Plan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * Runs it.
     *
     * @throws IOException if the server cannot be reached, or does not let everyone in
     */
    static Result run(Plan plan, Progress progress) throws IOException, InterruptedException {
        return new LoadRun(plan, progress).run();
    }

    private Result run() throws IOException, InterruptedException {
        try (Crowd crowd = Crowd.open(plan, progress::say)) {
            boolean agreedV1 = crowd.agreedV1();
            crowd.startPublishing();
            each(crowd, "warm-up", plan.warmup(), false);
            OptionalLong cpuBefore = cpu();
            OptionalLong ownBefore = OWN.cpuMicros();
            long begin = System.nanoTime();
            each(crowd, "load", plan.duration(), true);
            double seconds = (System.nanoTime() - begin) / 1e9;
            OptionalLong cpuAfter = cpu();
            OptionalLong ownAfter = OWN.cpuMicros();
            crowd.stopPublishing();
            crowd.checkEnd();
            if (deliveries == 0) {
                crowd.faults().add("nothing was delivered");
            }
            return new Result(
                    plan,
                    seconds,
                    deliveries,
                    bytes,
                    latency,
                    share(cpuBefore, cpuAfter, deliveries),
                    busy(share(ownBefore, ownAfter, seconds * 1e6), idleNanos / 1e9 / seconds),
                    agreedV1,
                    crowd.faults().count(),
                    crowd.faults().first());
        } finally {
            progress.clear();
        }
    }

    private void each(Crowd crowd, String phase, Duration length, boolean measured) throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        for (long now = begin; now < end; now = System.nanoTime()) {
            long step = Math.min(STEP_NANOS, end - now);
            Thread.sleep(Duration.ofNanos(step).toMillis() + 1);
            Loop.Sample sample = crowd.sample();
            progress.say("%s %d s: %,.0f deliveries/s, p99 %s%s"
                    .formatted(
                            phase,
                            (System.nanoTime() - begin) / STEP_NANOS,
                            sample.deliveries() * 1e9 / (System.nanoTime() - now),
                            Result.duration(sample.latency().getValueAtPercentile(99)),
                            crowd.faults().count() == 0
                                    ? ""
                                    : ", " + crowd.faults().count() + " FAULTS"));
            if (measured) {
                deliveries += sample.deliveries();
                bytes += sample.bytes();
                idleNanos += sample.idleNanos();
                latency.add(sample.latency());
            }
        }
    }

    /** A thread that never sleeps takes a whole core, and yet may have little to do. */
    private static OptionalDouble busy(OptionalDouble cores, double idle) {
        return cores.isEmpty() ? cores : OptionalDouble.of(Math.max(0, cores.getAsDouble() - idle));
    }

    private OptionalLong cpu() {
        return plan.pid().isEmpty()
                ? OptionalLong.empty()
                : new ServerProcess(plan.pid().getAsLong()).cpuMicros();
    }

    private static OptionalDouble share(OptionalLong before, OptionalLong after, double of) {
        return before.isEmpty() || after.isEmpty() || of == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((after.getAsLong() - before.getAsLong()) / of);
    }
}

package com.example.loadtest;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What a run has shown.
 *
 * @param latency in nanoseconds, one value for each delivery, from when the message should have been sent
 * @param cpuMicros of the server, for one delivery; empty without a process to look at
 * @param generatorCores how much of how many cores this process itself took; empty where that cannot be seen
 * @param agreedV1 whether the server agreed to {@code roomcast.v1}
 * @param faults how many; a run with any has failed
 * @param firstFaults the first few of them
 */
record Result(
        Plan plan,
        double seconds,
        long deliveries,
        long bytes,
        Histogram latency,
        OptionalDouble cpuMicros,
        OptionalDouble generatorCores,
        boolean agreedV1,
        long faults,
        List<String> firstFaults) {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    boolean failed() {
        return faults > 0;
    }

    double perSecond() {
        return deliveries / seconds;
    }

    double p99Millis() {
        return millis(latency.getValueAtPercentile(99));
    }

    double bytesEach() {
        return deliveries == 0 ? 0 : (double) bytes / deliveries;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "load", plan.text());
        if (plan.v1() && !agreedV1) {
            line(text, "", "the server did not agree to roomcast.v1: one message in a frame");
        }
        line(
                text,
                "deliveries",
                "%,.0f/s (%,d in %.1f s, %.0f bytes each)".formatted(perSecond(), deliveries, seconds, bytesEach()));
        line(text, "latency", latencyText());
        line(text, "server CPU", serverText());
        line(text, "generator", generatorText());
        line(
                text,
                "checks",
                failed() ? "FAILED: %,d faults".formatted(faults) : "every member got every message once and in order");
        firstFaults.forEach(fault -> line(text, "", fault));
        return text.toString();
    }

    /** Where the server is at a whole core and the generator is not, it is the server that was measured. */
    String serverText() {
        if (cpuMicros.isEmpty()) {
            return "not measured (--pid)";
        }
        double micros = cpuMicros.getAsDouble();
        return "%.2f µs a delivery, %.0f%% of a core".formatted(micros, micros * perSecond() / 1e4);
    }

    String generatorText() {
        return generatorCores.isEmpty()
                ? "not measured"
                : "%.0f%% of a core%s"
                        .formatted(
                                100 * generatorCores.getAsDouble(),
                                plan.rate() > 0 ? ", waiting for the next message's time included" : "");
    }

    String latencyText() {
        StringBuilder text = new StringBuilder();
        for (double percentile : PERCENTILES) {
            text.append("p")
                    .append(Double.toString(percentile).replace(".0", ""))
                    .append(' ');
            text.append(duration(latency.getValueAtPercentile(percentile))).append("  ");
        }
        return text.append("max ").append(duration(latency.getMaxValue())).toString();
    }

    static double millis(long nanos) {
        return nanos / 1e6;
    }

    /** Three digits that count, as people read them. */
    static String duration(double nanos) {
        if (nanos < 1e6) {
            return String.format(Locale.ROOT, "%.0f µs", nanos / 1e3);
        }
        return nanos < 1e9
                ? String.format(Locale.ROOT, nanos < 1e7 ? "%.2f ms" : "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-11s %s%n".formatted(name, value));
    }
}

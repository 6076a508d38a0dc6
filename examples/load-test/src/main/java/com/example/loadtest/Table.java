package com.example.loadtest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** What a comparison has shown: ratios first, and what they are made of. */
final class Table {

    /** A line of cells, the first of which says what it is about. */
    record Row(List<String> cells) {}

    private static final ToDoubleFunction<Result> SPEED = Result::perSecond;
    private static final ToDoubleFunction<Result> P99 = Result::p99Millis;
    private static final ToDoubleFunction<Result> CPU =
            result -> result.cpuMicros().orElse(Double.NaN);

    private static final ToDoubleFunction<Result> SERVER_CORES =
            result -> CPU.applyAsDouble(result) * result.perSecond() / 1e6;
    private static final ToDoubleFunction<Result> GENERATOR_CORES =
            result -> result.generatorCores().orElse(Double.NaN);

    private final Plan plan;
    private final List<Round> rounds;
    private final Collection<Contender> contenders;
    private final String machine;

    Table(Plan plan, List<Round> rounds, Collection<Contender> contenders, String machine) {
        this.plan = plan;
        this.rounds = rounds;
        this.contenders = contenders;
        this.machine = machine;
    }

    String heading() {
        return "%,d connections, %d bytes, %d round(s) of %d s after %d s of warm-up; medians of the rounds' ratios"
                .formatted(
                        plan.connections(),
                        plan.bytes(),
                        rounds.size(),
                        plan.duration().toSeconds(),
                        plan.warmup().toSeconds());
    }

    String machine() {
        return machine;
    }

    List<Row> ratios() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(List.of("", "ratio", "lowest to highest", "by CPU a delivery")));
        int n = plan.connections();
        for (Load load : List.of(Load.ONE, Load.MANY)) {
            for (Contender contender : contenders) {
                if (contender != Contender.WS_LOOP) {
                    rows.add(row(
                            load.title() + ", plain: " + contender.shortName() + " against ws-loop",
                            round -> round.ratio(SPEED, load, contender, load, Contender.WS_LOOP),
                            round -> round.ratio(CPU, load, contender, load, Contender.WS_LOOP)));
                }
            }
        }
        rows.add(row(
                "32 in flight: roomcast with roomcast.v1 against nio coalesced",
                round -> round.ratio(SPEED, Load.MANY_V1, Contender.ROOMCAST, Load.MANY, Contender.NIO),
                round -> round.ratio(CPU, Load.MANY_V1, Contender.ROOMCAST, Load.MANY, Contender.NIO)));
        rows.add(row(
                "p99 at half of roomcast's top rate: roomcast against nio",
                round -> round.ratio(P99, Load.HALF, Contender.ROOMCAST, Load.HALF, Contender.NIO)));
        rows.add(row(
                "%,d rooms of 10 against one of %,d, 1 in flight: roomcast, CPU per delivery".formatted(n, n),
                round -> round.ratio(CPU, Load.ROOMS, Contender.ROOMCAST, Load.ONE, Contender.ROOMCAST)));
        return rows;
    }

    private Row row(String title, Function<Round, OptionalDouble> ratio) {
        return row(title, ratio, round -> OptionalDouble.empty());
    }

    private Row row(String title, Function<Round, OptionalDouble> ratio, Function<Round, OptionalDouble> inverseByCpu) {
        double[] all = sorted(ratio);
        double[] byCpu = sorted(inverseByCpu);
        return new Row(List.of(
                title,
                all.length == 0 ? "-" : number(median(all)),
                all.length == 0 ? "" : "%s to %s".formatted(number(all[0]), number(all[all.length - 1])),
                byCpu.length == 0 ? "" : number(1 / median(byCpu))));
    }

    private double[] sorted(Function<Round, OptionalDouble> ratio) {
        return rounds.stream()
                .map(ratio)
                .flatMapToDouble(OptionalDouble::stream)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
    }

    /** Medians over the rounds of what was measured. */
    List<Row> measured() {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(List.of(
                "load", "server", "deliveries/s", "p50", "p99", "CPU a delivery", "server busy", "generator busy")));
        for (Load load : Load.values()) {
            for (Contender contender : load.contenders()) {
                List<Result> results = rounds.stream()
                        .flatMap(round -> round.get(load, contender).stream())
                        .toList();
                if (!results.isEmpty()) {
                    rows.add(new Row(List.of(
                            load.title(),
                            contender.shortName(),
                            "%,.0f".formatted(median(results, SPEED)),
                            Result.duration(median(results, one -> one.latency().getValueAtPercentile(50))),
                            Result.duration(median(results, one -> one.latency().getValueAtPercentile(99))),
                            "%.2f µs".formatted(median(results, CPU)),
                            "%.0f%%".formatted(100 * median(results, SERVER_CORES)),
                            "%.0f%%".formatted(100 * median(results, GENERATOR_CORES)))));
                }
            }
        }
        return rows;
    }

    String text() {
        StringBuilder text = new StringBuilder("\n" + heading() + "\n" + machine + "\n\n");
        for (Row row : ratios()) {
            text.append("%-78s %6s  %-18s %s%n".formatted(row.cells().toArray()));
        }
        text.append('\n');
        for (Row row : measured()) {
            text.append("%-30s %-14s %12s %10s %10s %15s %12s %15s%n"
                    .formatted(row.cells().toArray()));
        }
        return text.toString();
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> of) {
        return median(results.stream().mapToDouble(of).sorted().toArray());
    }

    static double median(double... sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[half]
                : DoubleStream.of(sorted[half - 1], sorted[half]).sum() / 2;
    }

    private static String number(double ratio) {
        return (ratio < 10 ? "%.2f" : "%.1f").formatted(ratio);
    }
}

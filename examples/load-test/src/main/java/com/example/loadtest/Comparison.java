package com.example.loadtest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Measures Roomcast and its peers on the machine at hand. In each round all servers are started afresh; each load is then put
 * on one server after another, so what slows the machine down for a while slows all of them down. Only ratios within a round
 * are told, and the median over the rounds: absolute numbers belong to the machine.
 */
final class Comparison {

    private final Plan plan;
    private final int rounds;
    private final Path html;
    private final Consumer<String> print;
    private final Progress progress;
    private final Map<Contender, List<String>> commands = new EnumMap<>(Contender.class);
    private final List<Round> done = new ArrayList<>();
    private Optional<Cores> cores = Optional.empty();
    private boolean failed;

    Comparison(Plan plan, int rounds, Path html, Consumer<String> print, Progress progress) {
        this.plan = plan;
        this.rounds = rounds;
        this.html = html;
        this.print = print;
        this.progress = progress;
    }

    /** Whether every server started and gave every member every message; one that lacks Node is named and left out. */
    boolean run() throws IOException, InterruptedException {
        prepare();
        for (int i = 0; i < rounds; i++) {
            round(i);
        }
        Table table = new Table(plan, done, commands.keySet(), machine());
        print.accept(table.text());
        if (html != null) {
            ComparisonPage.write(html, table);
        }
        if (failed) {
            print.accept("FAILED: see the faults above; what failed is not in the table");
        }
        return !failed;
    }

    private void prepare() throws InterruptedException {
        for (Contender contender : Contender.values()) {
            try {
                commands.put(contender, contender.prepare());
            } catch (IOException e) {
                print.accept("Left out: " + contender.shortName() + ": " + e.getMessage());
            }
        }
        cores = Cores.split();
    }

    private void round(int number) throws IOException, InterruptedException {
        Map<Contender, Child> children = new EnumMap<>(Contender.class);
        try {
            for (Map.Entry<Contender, List<String>> each : commands.entrySet()) {
                start(each.getKey(), each.getValue()).ifPresent(child -> children.put(each.getKey(), child));
            }
            Round round = new Round();
            for (Load load : Load.values()) {
                List<Contender> order = new ArrayList<>(load.contenders());
                if (number % 2 == 1) {
                    Collections.reverse(order);
                }
                for (Contender contender : order) {
                    Child child = children.get(contender);
                    Optional<Plan> what = child == null ? Optional.empty() : load.plan(plan, round);
                    if (what.isPresent()) {
                        progress.about("round %d of %d, %s, %s"
                                .formatted(number + 1, rounds, load.title(), contender.shortName()));
                        measure(round, load, contender, onItsCore(what.get()).server(child.url(), child.pid()));
                    }
                }
            }
            done.add(round);
        } finally {
            children.values().forEach(Child::close);
        }
    }

    private Optional<Child> start(Contender contender, List<String> command) throws IOException, InterruptedException {
        Path log = Contender.workDirectory().resolve(contender.shortName() + ".log");
        try {
            List<String> pinned = cores.map(some -> some.onServer(command)).orElse(command);
            return Optional.of(Child.start(pinned, log.toFile()));
        } catch (IOException e) {
            failed = true;
            print.accept("%s did not start: %s; see %s".formatted(contender.shortName(), e.getMessage(), log));
            return Optional.empty();
        }
    }

    private void measure(Round round, Load load, Contender contender, Plan what) throws InterruptedException {
        try {
            Result result = LoadRun.run(what, progress);
            if (result.failed()) {
                failed = true;
                print.accept("%s, %s: FAILED%n%s".formatted(contender.shortName(), load.title(), result.text()));
            } else {
                round.put(load, contender, result);
                print.accept("%-12s %-34s %,11.0f/s  p99 %-8s %s%s"
                        .formatted(
                                contender.shortName(),
                                load.title(),
                                result.perSecond(),
                                Result.duration(result.latency().getValueAtPercentile(99)),
                                result.cpuMicros().isEmpty()
                                        ? ""
                                        : "%.2f µs".formatted(result.cpuMicros().getAsDouble()),
                                what.v1() && !result.agreedV1() ? "  (did not agree to roomcast.v1)" : ""));
            }
        } catch (IOException e) {
            failed = true;
            print.accept("%s, %s: FAILED: %s".formatted(contender.shortName(), load.title(), e.getMessage()));
        }
    }

    /** With a core of its own the generator need not sleep, and no server pays for waking it. */
    private Plan onItsCore(Plan what) {
        return cores.isPresent() ? what.staysAwake() : what;
    }

    private String machine() throws InterruptedException {
        return Machine.text()
                + (commands.containsKey(Contender.WS_LOOP) ? ", Node " + Machine.nodeVersion() : ", no Node")
                + cores.map(some ->
                                "; servers on core %d, generator on core %d".formatted(some.server(), some.generator()))
                        .orElse("; NOT pinned to cores: taskset and two cores are needed for that");
    }
}

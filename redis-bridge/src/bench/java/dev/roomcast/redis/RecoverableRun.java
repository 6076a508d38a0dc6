package dev.roomcast.redis;

import dev.roomcast.message.Message;
import dev.roomcast.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Recoverable messages through two instances, both of which publish and listen in all rooms. */
final class RecoverableRun {

    private RecoverableRun() {}

    static void measure(BridgeBenchmark.Plan plan, boolean ids, Table table) throws Exception {
        String name = "recoverable, " + (ids ? "with ids" : "without ids");
        Arrivals[] arrivals = {new Arrivals(plan.rooms(), 2), new Arrivals(plan.rooms(), 2)};
        Arrivals idle = new Arrivals(0, 0);
        LongAdder[] answered = {new LongAdder(), new LongAdder()};
        Publishers publishers = new Publishers(2, plan.rooms());
        List<Double> rates = new ArrayList<>();
        List<Double> redisCosts = new ArrayList<>();
        List<Double> ourCosts = new ArrayList<>();
        List<Double> batches = new ArrayList<>();
        try (RedisServer redis = RedisServer.start();
                Instance first = new Instance(redis, arrivals[0]);
                Instance second = new Instance(redis, arrivals[1]);
                Instance third = new Instance(redis, idle)) {
            Instance[] instances = {first, second};
            first.enter(plan.rooms());
            second.enter(plan.rooms());
            Publishers.Sender sender = (publisher, room, n) -> {
                Message message = Publishers.message(publisher, room, n);
                if (ids) {
                    message = message.from("user-" + publisher + "-" + n % plan.users())
                            .id(publisher + "-" + n);
                }
                instances[publisher].engine.broadcaster.publish(message).whenComplete((position, failure) -> {
                    answered[publisher].increment();
                    if (failure != null) {
                        publishers.refused.increment();
                    }
                });
            };
            publishers.start(plan.inFlight(), List.of(answered[0]::sum, answered[1]::sum), sender);
            // Until everything is compiled, and history is full.
            Thread.sleep(1000L * Math.max(plan.seconds(), 8));
            for (int round = 0; round < plan.rounds(); round++) {
                long messages = -Math.min(arrivals[0].total(), arrivals[1].total());
                long began = System.nanoTime();
                Cost before = Cost.now(redis);
                Thread.sleep(1000L * plan.seconds());
                Cost cost = Cost.now(redis).minus(before);
                messages += Math.min(arrivals[0].total(), arrivals[1].total());
                rates.add(messages / BridgeBenchmark.seconds(began));
                redisCosts.add(cost.redisMicros() / messages);
                ourCosts.add(cost.ourMicros() / messages);
                batches.add((double) messages / cost.scripts());
                System.out.printf(
                        Locale.ROOT,
                        "%s, round %d: %.0f/s; CPU per message: Redis %.2f µs, both instances %.2f µs; %.1f in a batch%n",
                        name,
                        round + 1,
                        rates.get(round),
                        redisCosts.get(round),
                        ourCosts.get(round),
                        batches.get(round));
            }
            List<LongSupplier> totals = List.of(arrivals[0]::total, arrivals[1]::total);
            if (!publishers.stop(totals)) {
                table.fault(name + ": messages are missing");
            }
            arrivals[0].check(arrivals[1], publishers.sent).forEach(table::fault);
            arrivals[1].check(arrivals[0], publishers.sent).forEach(table::fault);
            if (publishers.refused.sum() > 0) {
                table.fault(name + ": " + publishers.refused + " were refused");
            }
            if (Boolean.getBoolean("commandstats")) {
                System.out.println(redis.command("INFO", "commandstats"));
            }
            table.add(
                    name + ", messages/s",
                    String.format(Locale.ROOT, "%,.0f", BridgeBenchmark.median(rates)),
                    ids ? "50,000" : "100,000",
                    ids ? "120,000" : "250,000");
            table.add(
                    "  Redis CPU per message, µs",
                    String.format(
                            Locale.ROOT,
                            "%.2f (%.1f in a batch)",
                            BridgeBenchmark.median(redisCosts),
                            BridgeBenchmark.median(batches)),
                    ids ? "" : "8",
                    ids ? "" : "3.8");
            table.add(
                    "  CPU of both instances per message, µs",
                    String.format(Locale.ROOT, "%.2f", BridgeBenchmark.median(ourCosts)),
                    "",
                    "");
            if (!ids) {
                table.add(
                        "messages received by an instance with no member in the room",
                        Long.toString(idle.strays.sum() + third.engine.feeds.size()),
                        "0",
                        "0");
            }
        }
    }
}

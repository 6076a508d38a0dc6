package dev.roomcast.redis;

import dev.roomcast.message.Message;
import dev.roomcast.testkit.RedisServer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Volatile messages through two instances, in turns with a bare Lettuce that publishes and listens on as many channels. */
final class VolatileRun {

    private static final int BARE_BYTES = Envelope.passing(Publishers.message(0, 0, 0)).length;

    private VolatileRun() {}

    /** What one round gave. */
    private record Round(double rate, double redisMicros, double ourMicros) {}

    /** What a bare listener receives: counts and checks as {@link Arrivals} does. */
    private static final class BareArrivals {
        final LongAdder[] received = {new LongAdder(), new LongAdder()};
        final LongAdder faults = new LongAdder();
        private final long[][] next;

        BareArrivals(int rooms) {
            next = new long[2][rooms];
        }

        void accept(byte[] channel, byte[] message) {
            ByteBuffer in = ByteBuffer.wrap(message);
            int publisher = in.getInt();
            if (next[publisher][BareLettuce.index(channel)]++ != in.getLong()) {
                faults.increment();
            }
            received[publisher].increment();
        }

        long total() {
            return received[0].sum() + received[1].sum();
        }
    }

    static void measure(BridgeBenchmark.Plan plan, Table table) throws Exception {
        List<Double> ratios = new ArrayList<>();
        List<Round> ours = new ArrayList<>();
        List<Round> bares = new ArrayList<>();
        try (RedisServer redis = RedisServer.start()) {
            ours(redis, plan, plan.seconds(), table);
            bare(redis, plan, plan.seconds(), table);
            for (int round = 0; round < plan.rounds(); round++) {
                Round bare = bare(redis, plan, plan.seconds(), table);
                Round our = ours(redis, plan, plan.seconds(), table);
                ours.add(our);
                bares.add(bare);
                ratios.add(our.rate / bare.rate);
                System.out.printf(
                        Locale.ROOT,
                        "volatile, round %d: %.0f/s, bare Lettuce %.0f/s; CPU per message: Redis %.2f and %.2f µs, both instances"
                                + " %.2f and %.2f µs%n",
                        round + 1,
                        our.rate,
                        bare.rate,
                        our.redisMicros,
                        bare.redisMicros,
                        our.ourMicros,
                        bare.ourMicros);
            }
        }
        table.add(
                "volatile, of a bare Lettuce PUBLISH and listen loop",
                String.format(
                        Locale.ROOT,
                        "%.2f (%,.0f/s and %,.0f/s)",
                        BridgeBenchmark.median(ratios),
                        BridgeBenchmark.median(ours.stream().map(Round::rate).toList()),
                        BridgeBenchmark.median(bares.stream().map(Round::rate).toList())),
                "0.8",
                "0.95");
        table.add(
                "  CPU of both instances per message, µs",
                String.format(
                        Locale.ROOT,
                        "%.2f (bare %.2f)",
                        BridgeBenchmark.median(
                                ours.stream().map(Round::ourMicros).toList()),
                        BridgeBenchmark.median(
                                bares.stream().map(Round::ourMicros).toList())),
                "",
                "");
    }

    private static Round ours(RedisServer redis, BridgeBenchmark.Plan plan, int seconds, Table table) throws Exception {
        Arrivals[] arrivals = {new Arrivals(plan.rooms(), 2), new Arrivals(plan.rooms(), 2)};
        try (Instance first = new Instance(redis, arrivals[0]);
                Instance second = new Instance(redis, arrivals[1])) {
            Instance[] instances = {first, second};
            first.enter(plan.rooms());
            second.enter(plan.rooms());
            Publishers publishers = new Publishers(2, plan.rooms());
            publishers.start(
                    plan.inFlight(),
                    List.of(arrivals[0].received[0]::sum, arrivals[1].received[1]::sum),
                    (publisher, room, n) -> {
                        Message message = Publishers.message(publisher, room, n).asVolatile();
                        instances[publisher].awaitSpace();
                        instances[publisher].engine.broadcaster.publish(message);
                    });
            List<LongSupplier> totals = List.of(arrivals[0]::total, arrivals[1]::total);
            Round round = round(redis, seconds, totals);
            if (!publishers.stop(totals)) {
                // A link that was cut on a busy machine, for one: volatile messages are not found again.
                table.fault("volatile: messages are missing");
            }
            arrivals[0].check(arrivals[1], publishers.sent).forEach(table::fault);
            arrivals[1].check(arrivals[0], publishers.sent).forEach(table::fault);
            return round;
        }
    }

    private static Round bare(RedisServer redis, BridgeBenchmark.Plan plan, int seconds, Table table) throws Exception {
        BareArrivals[] arrivals = {new BareArrivals(plan.rooms()), new BareArrivals(plan.rooms())};
        byte[][] channels = new byte[plan.rooms()][];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = BareLettuce.channel(i);
        }
        try (BareLettuce first = new BareLettuce(redis.uri(), arrivals[0]::accept);
                BareLettuce second = new BareLettuce(redis.uri(), arrivals[1]::accept)) {
            BareLettuce[] instances = {first, second};
            first.enter(plan.rooms());
            second.enter(plan.rooms());
            Publishers publishers = new Publishers(2, plan.rooms());
            publishers.start(
                    plan.inFlight(),
                    List.of(arrivals[0].received[0]::sum, arrivals[1].received[1]::sum),
                    (publisher, room, n) -> {
                        ByteBuffer message = ByteBuffer.allocate(BARE_BYTES)
                                .putInt(publisher)
                                .putLong(n);
                        instances[publisher].publish(channels[room], message.array());
                    });
            List<LongSupplier> totals = List.of(arrivals[0]::total, arrivals[1]::total);
            Round round = round(redis, seconds, totals);
            if (!publishers.stop(totals) || arrivals[0].faults.sum() + arrivals[1].faults.sum() > 0) {
                table.fault("the bare loop lost or mixed up messages");
            }
            return round;
        }
    }

    private static Round round(RedisServer redis, int seconds, List<LongSupplier> totals) throws InterruptedException {
        // A little way in, when the rooms are subscribed and the publishers at their bound.
        Thread.sleep(500);
        long messages = -least(totals);
        long began = System.nanoTime();
        Cost before = Cost.now(redis);
        Thread.sleep(1000L * seconds);
        Cost cost = Cost.now(redis).minus(before);
        messages += least(totals);
        return new Round(
                messages / BridgeBenchmark.seconds(began), cost.redisMicros() / messages, cost.ourMicros() / messages);
    }

    private static long least(List<LongSupplier> totals) {
        return totals.stream().mapToLong(LongSupplier::getAsLong).min().orElseThrow();
    }
}

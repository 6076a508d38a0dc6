package dev.roomcast.redis;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.RedisServer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a message takes from one instance to the other, alone in its room, with nothing else under way: through the bridge
 * and through a bare PUBLISH, message by message in turns, so that whatever disturbs one disturbs the other.
 */
final class LatencyRun {

    private static final long PAUSE_NANOS = 200_000;

    /** One way from the first instance to the second. */
    private interface Way {
        void send(long n);
    }

    private LatencyRun() {}

    static void measure(BridgeBenchmark.Plan plan, Table table) throws Exception {
        BlockingQueue<Long> arrived = new LinkedBlockingQueue<>();
        Delivery here = new Stamping(arrived);
        try (RedisServer redis = RedisServer.start();
                Instance first = new Instance(redis, new Stamping(new LinkedBlockingQueue<>()));
                Instance second = new Instance(redis, here);
                BareLettuce bareFirst = new BareLettuce(redis.uri(), (channel, message) -> {});
                BareLettuce bareSecond =
                        new BareLettuce(redis.uri(), (channel, message) -> arrived.offer(System.nanoTime()))) {
            second.enter(1);
            bareSecond.enter(1);
            byte[] channel = BareLettuce.channel(0);
            byte[] bytes = Envelope.passing(Publishers.message(0, 0, 0));
            List<Way> ways = List.of(
                    n -> bareFirst.publish(channel, bytes),
                    n -> first.engine.broadcaster.publish(Publishers.message(0, 0, n % 1_000_000_000)),
                    n -> first.engine.broadcaster.publish(Publishers.message(0, 0, n % 1_000_000_000)
                            .from("user-" + n % 100)
                            .id("id-" + n)),
                    n -> first.engine.broadcaster.publish(
                            Publishers.message(0, 0, n % 1_000_000_000).asVolatile()));
            run(ways, arrived, plan.seconds() * 2, table);
            double[] p50 = run(ways, arrived, plan.seconds() * 4, table);
            if (Boolean.getBoolean("commandstats")) {
                System.out.println(redis.command("INFO", "commandstats"));
            }
            table.add(
                    "latency p50 of a recoverable message to the other instance, of a bare PUBLISH",
                    String.format(Locale.ROOT, "%.2fx (%.0f and %.0f µs)", p50[1] / p50[0], p50[1], p50[0]),
                    "1.5x",
                    "1.1x");
            table.add("  with an id", String.format(Locale.ROOT, "%.2fx", p50[2] / p50[0]), "", "");
            table.add("  volatile", String.format(Locale.ROOT, "%.2fx", p50[3] / p50[0]), "", "");
        }
    }

    /** The median of each way, in µs. */
    private static double[] run(List<Way> ways, BlockingQueue<Long> arrived, int seconds, Table table)
            throws InterruptedException {
        // An id of the run before would be recognised.
        long base = System.nanoTime();
        int most = seconds * 20_000;
        long[][] taken = new long[ways.size()][most];
        int count = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (; count < most && System.nanoTime() < end; count++) {
            for (int w = 0; w < ways.size(); w++) {
                long began = System.nanoTime();
                ways.get(w).send(base + count);
                Long at = arrived.poll(5, TimeUnit.SECONDS);
                if (at == null) {
                    table.fault("latency: a message of way " + w + " did not arrive");
                    return new double[ways.size()];
                }
                taken[w][count] = at - began;
                // So that each message finds everyone asleep, as in a quiet room.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        double[] p50 = new double[ways.size()];
        for (int w = 0; w < p50.length; w++) {
            long[] sorted = Arrays.copyOf(taken[w], count);
            Arrays.sort(sorted);
            p50[w] = sorted[count / 2] / 1e3;
            System.out.printf(
                    Locale.ROOT,
                    "latency, way %d: p50 %.1f µs, p90 %.1f µs, p99 %.1f µs of %d%n",
                    w,
                    p50[w],
                    sorted[count * 9 / 10] / 1e3,
                    sorted[count * 99 / 100] / 1e3,
                    count);
        }
        return p50;
    }

    /** Notes when each message came. */
    private record Stamping(BlockingQueue<Long> arrived) implements Delivery {

        @Override
        public void append(Message message) {
            arrived.offer(System.nanoTime());
        }

        @Override
        public boolean hasSpace(String room) {
            return true;
        }

        @Override
        public void append(RosterChange change) {}

        @Override
        public void lost(String room, Position after, Position upTo) {}

        @Override
        public void rosterMoved(String room, long rev) {}

        @Override
        public void isolated(boolean now) {}

        @Override
        public void signal(Signal signal) {}

        @Override
        public void release(String room) {}

        @Override
        public void releaseElsewhere(String room) {}
    }
}

package dev.roomcast.redis;

import dev.roomcast.testkit.RedisServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Both connections of an instance with a member in each of many rooms are cut, and a tenth of the rooms miss a message
 * meanwhile. It is healed when all rooms are subscribed and compared with Redis, what they missed has arrived, and Redis has
 * answered all that was asked about rosters.
 */
final class HealingRun {

    private static final int AT_ONCE = 5000;

    private final int rooms;
    private final Table table;
    private final Arrivals arrivals;

    private HealingRun(int rooms, Table table) {
        this.rooms = rooms;
        this.table = table;
        this.arrivals = new Arrivals(rooms, 1);
    }

    static void measure(BridgeBenchmark.Plan plan, Table table) throws Exception {
        List<Double> taken = new HealingRun(10_000, table).run(plan.rounds() + 1);
        // The first one finds nothing compiled.
        taken.remove(0);
        table.add(
                "10,000 rooms subscribed again and healed after a cut, s",
                String.format(Locale.ROOT, "%.2f", BridgeBenchmark.median(taken)),
                "2",
                "");
        if (plan.healedRooms() > 0) {
            taken = new HealingRun(plan.healedRooms(), table).run(1);
            table.add(
                    String.format(Locale.ROOT, "%,d rooms, s", plan.healedRooms()),
                    String.format(Locale.ROOT, "%.2f", taken.get(0)),
                    "",
                    "");
        }
    }

    private List<Double> run(int cuts) throws Exception {
        int missing = rooms / 10;
        List<Double> taken = new ArrayList<>();
        try (RedisServer redis = RedisServer.start();
                Instance instance = new Instance(redis, arrivals)) {
            instance.enter(rooms);
            all(rooms, i -> instance.engine.roster.join(Arrivals.room(i), "user-" + i, "connection-" + i, null));
            Set<String> before = clients(redis);
            try (Instance other = new Instance(redis, new Arrivals(0, 0))) {
                Set<String> spared = clients(redis);
                spared.removeAll(before);
                // One that everybody hears, so that each room has something to compare.
                publish(other, rooms, 0);
                await(redis, instance, null, rooms);
                for (int cut = 1; cut <= cuts; cut++) {
                    taken.add(cut(redis, instance, other, spared, missing, cut));
                }
            }
        }
        long[][] sent = new long[1][rooms];
        for (int i = 0; i < rooms; i++) {
            sent[0][i] = i < missing ? 1 + cuts : 1;
        }
        arrivals.check(arrivals, sent).forEach(table::fault);
        return taken;
    }

    private double cut(RedisServer redis, Instance instance, Instance other, Set<String> spared, int missing, int n)
            throws Exception {
        Session lost = instance.engine.publisher.session();
        long heard = arrivals.total();
        Set<String> ours = clients(redis);
        ours.removeAll(spared);
        Cost before = Cost.now(redis);
        long began = System.nanoTime();
        for (String client : ours) {
            redis.command("CLIENT", "KILL", "ID", client);
        }
        publish(other, missing, n);
        await(redis, instance, lost, heard + missing);
        double taken = BridgeBenchmark.seconds(began);
        Cost cost = Cost.now(redis).minus(before);
        System.out.printf(
                Locale.ROOT,
                "healing, %d rooms, cut %d: %.2f s; CPU: Redis %.2f s, both instances %.2f s%n",
                rooms,
                n,
                taken,
                cost.redisMicros() / 1e6,
                cost.ourMicros() / 1e6);
        return taken;
    }

    private void await(RedisServer redis, Instance instance, Session lost, long messages) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            Session session = instance.engine.publisher.session();
            if (session != null
                    && !session.equals(lost)
                    && instance.engine.feeds.isSettled()
                    && arrivals.total() >= messages) {
                // Answered behind all that was asked before.
                session.connection().async().ping().get(60, TimeUnit.SECONDS);
                return;
            }
            if (System.nanoTime() > deadline) {
                table.fault("healing: not within a minute; " + (messages - arrivals.total()) + " messages are missing");
                return;
            }
            Thread.sleep(2);
        }
    }

    /** Who is connected, except whoever asks. */
    private static Set<String> clients(RedisServer redis) {
        Set<String> ids = new HashSet<>();
        for (String line : redis.command("CLIENT", "LIST").split("\n")) {
            if (!line.contains("cmd=client|list") && line.startsWith("id=")) {
                ids.add(line.substring("id=".length(), line.indexOf(' ')));
            }
        }
        return ids;
    }

    private static void publish(Instance other, int rooms, long n) throws Exception {
        all(rooms, i -> other.engine.broadcaster.publish(Publishers.message(0, i, n)));
    }

    private interface Call {
        CompletionStage<?> make(int room);
    }

    /** Makes a call for each room, some at a time. */
    private static void all(int rooms, Call call) throws Exception {
        for (int from = 0; from < rooms; from += AT_ONCE) {
            List<CompletableFuture<?>> made = new ArrayList<>();
            for (int i = from; i < Math.min(rooms, from + AT_ONCE); i++) {
                made.add(call.make(i).toCompletableFuture());
            }
            CompletableFuture.allOf(made.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
        }
    }
}

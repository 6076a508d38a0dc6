package dev.roomcast.redis;

import dev.roomcast.testkit.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The numbers of the bridge, as one table: {@code mvn -q -Pbench-redis -pl redis-bridge -am verify -DskipTests}.
 *
 * <p>Two instances in this process, each with its own client of Lettuce, and one Redis beside it; all of them share the
 * machine's cores. What stands behind the bridge here only checks: that each message arrives once and in order on both
 * instances, and that both see one order. Peers run in turns with it, in the same process.
 */
final class BridgeBenchmark {

    /** What is measured, and how long. */
    record Plan(int seconds, int rounds, int rooms, int users, int inFlight, int healedRooms, Set<String> steps) {

        boolean has(String step) {
            return steps.isEmpty() || steps.contains(step);
        }
    }

    private static final String USAGE = """
            seconds=5     of each round (of latency: of each way)
            rounds=3      of each step
            rooms=1000    busy rooms
            users=4       who publish with ids in each room, on each instance
            in-flight=9500  messages that each instance has not been answered yet, at most 10000
            healed=100000 rooms of the second cut; 0 for none
            steps=recoverable,ids,volatile,latency,healing
            """;

    /** Says only what is wrong. A field, since the logging of the JDK forgets what nobody holds. */
    private static final Logger LOG = Logger.getLogger("dev.roomcast");

    private BridgeBenchmark() {}

    public static void main(String... args) throws Exception {
        Plan plan = plan(args);
        if (plan == null) {
            System.out.print(USAGE);
            System.exit(2);
            return;
        }
        if (!RedisServer.isAvailable()) {
            System.err.println("No Redis to run: set $REDIS_SERVER");
            System.exit(2);
        }
        LOG.setLevel(Boolean.getBoolean("verbose") ? Level.INFO : Level.SEVERE);
        System.out.println(machine());
        long began = System.nanoTime();
        Table table = new Table();
        step(plan, "recoverable", table, () -> RecoverableRun.measure(plan, false, table));
        step(plan, "ids", table, () -> RecoverableRun.measure(plan, true, table));
        step(plan, "volatile", table, () -> VolatileRun.measure(plan, table));
        step(plan, "latency", table, () -> LatencyRun.measure(plan, table));
        step(plan, "healing", table, () -> HealingRun.measure(plan, table));
        System.out.println();
        System.out.println(machine());
        System.out.println(table);
        System.out.printf(Locale.ROOT, "%.0f s; load of the machine at the end: %s%n", seconds(began), load());
        System.exit(table.isSound() ? 0 : 1);
    }

    private interface Step {
        void run() throws Exception;
    }

    /** One that fails keeps no other from being measured. */
    private static void step(Plan plan, String name, Table table, Step step) throws InterruptedException {
        if (!plan.has(name)) {
            return;
        }
        try {
            step.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            table.fault(name + ": " + e);
        }
    }

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    static double median(List<Double> numbers) {
        return numbers.stream().sorted().toList().get(numbers.size() / 2);
    }

    private static Plan plan(String... args) {
        Map<String, String> given = new TreeMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 0) {
                return null;
            }
            given.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        Map<String, Integer> numbers = new TreeMap<>(
                Map.of("seconds", 5, "rounds", 3, "rooms", 1000, "users", 4, "in-flight", 9500, "healed", 100_000));
        String steps = given.remove("steps");
        given.forEach((name, value) -> numbers.put(name, Integer.valueOf(value)));
        if (numbers.size() != 6) {
            return null;
        }
        return new Plan(
                numbers.get("seconds"),
                numbers.get("rounds"),
                numbers.get("rooms"),
                numbers.get("users"),
                numbers.get("in-flight"),
                numbers.get("healed"),
                steps == null ? Set.of() : Set.of(steps.split(",")));
    }

    private static String machine() {
        List<String> parts = new ArrayList<>();
        parts.add(
                Runtime.getRuntime().availableProcessors() + " cores shared by two instances (this process) and Redis");
        parts.add("Java " + System.getProperty("java.version"));
        parts.add(System.getProperty("os.name") + " "
                + System.getProperty("os.version").replaceAll("-.*", ""));
        parts.add("load before " + load());
        return String.join(", ", parts);
    }

    private static String load() {
        try {
            String text = Files.readString(Path.of("/proc/loadavg"));
            return text.substring(0, text.indexOf(' '));
        } catch (IOException elsewhere) {
            return "unknown";
        }
    }
}

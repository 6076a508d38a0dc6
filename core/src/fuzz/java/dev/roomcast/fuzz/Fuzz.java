package dev.roomcast.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Holds a reader of input from outside against many inputs: each file of a corpus first, then inputs that a generator makes up
 * and mutations of both. The corpus of a test stands in {@code src/test/resources/<package of the test>/corpus/<name>}. An input
 * that breaks the check is written to {@code target/fuzz/<name>}; once the fault is mended it belongs into the corpus.
 *
 * <p>By default the inputs are few and always the same. With {@code ROOMCAST_FUZZ_SECONDS} each check runs for so long, from a
 * seed that is new each time, unless {@code ROOMCAST_FUZZ_SEED} names one.
 */
public final class Fuzz {

    /** What must hold of an input: it throws nothing. */
    public interface Check {
        /**
         * Checks one input.
         *
         * @param input never changed afterwards
         * @throws Exception or an {@code Error} if the input breaks what is checked
         */
        void holds(byte[] input) throws Exception;
    }

    /** Makes up inputs that are nearly valid. */
    public interface Generator {
        /**
         * Makes up one input.
         *
         * @param random the only source of chance
         * @return the input
         */
        byte[] next(Random random);
    }

    private static final long SECONDS = Long.parseLong(System.getenv().getOrDefault("ROOMCAST_FUZZ_SECONDS", "0"));
    private static final long SEED = seed();

    /** So many broken checks are told of; one more ends the test at once. */
    private static final int MOST_BROKEN = 20;

    private final Path corpus;
    private final Path found;
    private final String name;
    private final Map<Path, String> broken = new LinkedHashMap<>();

    /**
     * Fuzzing by one test.
     *
     * @param test whose package holds the corpus
     * @param name of the corpus
     */
    public Fuzz(Class<?> test, String name) {
        this.name = name;
        this.corpus = Path.of("src/test/resources", test.getPackageName().replace('.', '/'), "corpus", name);
        this.found = Path.of("target", "fuzz", name);
    }

    private static long seed() {
        String named = System.getenv("ROOMCAST_FUZZ_SEED");
        if (named != null) {
            return Long.parseLong(named);
        }
        return SECONDS > 0 ? System.nanoTime() : 1;
    }

    /**
     * Checks each file of the corpus, then generated and mutated inputs.
     *
     * @param cases how many are made up if the environment names no time
     * @param generator makes them up
     * @param check must hold of all
     */
    public void run(int cases, Generator generator, Check check) {
        List<byte[]> kept = corpus();
        kept.forEach(input -> check(input, check));
        Random random = new Random(SEED);
        Mutator mutator = new Mutator(random);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long count = 0;
        while (broken.size() < MOST_BROKEN && (SECONDS > 0 ? System.nanoTime() - end < 0 : count < cases)) {
            byte[] input = random.nextInt(4) == 0 ? kept.get(random.nextInt(kept.size())) : generator.next(random);
            int mutations = random.nextBoolean() ? 0 : 1 + random.nextInt(4);
            for (int i = 0; i < mutations; i++) {
                input = mutator.mutate(input, kept.get(random.nextInt(kept.size())));
            }
            check(input, check);
            count++;
        }
        System.out.printf("fuzz %s: %d kept and %d new inputs, seed %d%n", name, kept.size(), count, SEED);
        if (!broken.isEmpty()) {
            StringBuilder text = new StringBuilder("broken with seed " + SEED + " by");
            broken.forEach(
                    (file, why) -> text.append('\n').append(file).append(": ").append(why));
            throw new AssertionError(text.toString());
        }
    }

    private List<byte[]> corpus() {
        try (Stream<Path> files = Files.list(corpus)) {
            List<byte[]> inputs = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
            if (inputs.isEmpty()) {
                throw new AssertionError("the corpus is empty: " + corpus);
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(byte[] input, Check check) {
        try {
            check.holds(input);
        } catch (Throwable failed) {
            StringWriter trace = new StringWriter();
            failed.printStackTrace(new PrintWriter(trace, true));
            broken.put(keep(input), trace.toString());
        }
    }

    private Path keep(byte[] input) {
        CRC32 sum = new CRC32();
        sum.update(input);
        try {
            Files.createDirectories(found);
            Path file = found.resolve(HexFormat.of().toHexDigits((int) sum.getValue()));
            return Files.write(file, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

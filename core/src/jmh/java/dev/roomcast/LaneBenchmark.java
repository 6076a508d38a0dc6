package dev.roomcast;

import dev.roomcast.time.Time;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a room's queue adds to a message: alone in an idle lane, and as one of a full pass. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class LaneBenchmark {

    private static final Integer ENTRY = 1;

    private Time time;
    private Lane<Integer> lane;
    private int consumed;

    @Setup
    public void make() {
        time = Time.system("lane-benchmark");
        lane = new Lane<>(
                batch -> {
                    consumed += batch.size();
                    return true;
                },
                Runnable::run,
                time);
    }

    @TearDown
    public void close() {
        time.close();
    }

    @Benchmark
    public int idle() {
        lane.append(ENTRY);
        lane.drain();
        return consumed;
    }

    @Benchmark
    @OperationsPerInvocation(Lane.PASS_ENTRIES)
    public int batches() {
        for (int i = 0; i < Lane.PASS_ENTRIES; i++) {
            lane.append(ENTRY);
        }
        lane.drain();
        return consumed;
    }
}

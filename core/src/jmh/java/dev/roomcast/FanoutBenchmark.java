package dev.roomcast;

import dev.roomcast.message.Message;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of one delivery in a room of 10,000 whose transports do nothing, with one message on its way at a time: by the
 * publisher alone, and with the help of a worker. The two share nothing but the stripes they take, so on two free cores
 * half the time is the best to be had.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class FanoutBenchmark {

    private static final int MEMBERS = 10_000;

    /** What the lane takes to stop when all is delivered; sooner, the next message would go to yet another thread. */
    private static final int SETTLE_SPINS = 50;

    @Param({"1", "2"})
    public int threads;

    private final Message message = Message.chat("x".repeat(30));
    private Crowd crowd;

    @Setup
    public void fill() {
        crowd = new Crowd(MEMBERS, threads);
    }

    @TearDown
    public void close() {
        crowd.close();
    }

    @Benchmark
    @OperationsPerInvocation(MEMBERS)
    public long delivery() {
        long delivered = crowd.hub.counters.delivered.sum() + MEMBERS;
        if (!crowd.room.broadcast(message)) {
            throw new AssertionError("refused");
        }
        // Not a bare spin: where lanes are drained by workers, this thread would keep a core from them.
        while (crowd.hub.counters.delivered.sum() < delivered) {
            Thread.yield();
        }
        for (int i = 0; i < SETTLE_SPINS; i++) {
            Thread.onSpinWait();
        }
        return delivered;
    }
}

package dev.roomcast;

import dev.roomcast.time.Time;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One delivery to a client that keeps up: a batch that all members share, an idle outbox, a transport that does nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class OutboxBenchmark {

    private final Membership member = new Membership(null, null);
    private final RoomBatch batch = new Batches().next("x".repeat(150));
    private Time time;
    private Outbox outbox;

    @Setup
    public void make() {
        time = Time.system("outbox-benchmark");
        Settings settings = new Settings(Rooms.builder());
        WriteDeadlines deadlines = new WriteDeadlines(time, settings.duration(Limit.WRITE_DEADLINE));
        outbox = new Outbox(
                new NullTransport(),
                new NoOwner(),
                WireFormat.PLAIN,
                settings,
                deadlines,
                new MemoryBudget(1L << 40, () -> {}));
    }

    @TearDown
    public void close() {
        time.close();
    }

    @Benchmark
    public boolean idle() {
        return outbox.offer(member, batch);
    }

    private static final class NoOwner implements Outbox.Owner {

        @Override
        public void overflowed(Limit limit) {
            throw new AssertionError(limit);
        }

        @Override
        public void tooSlow(Limit limit) {
            throw new AssertionError(limit);
        }

        @Override
        public void writeFailed(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void dropped(int frames) {
            throw new AssertionError(frames + " dropped");
        }

        @Override
        public void drained(List<Membership> behind) {
            throw new AssertionError(behind);
        }
    }
}

package dev.roomcast;

import dev.roomcast.transport.Handshake;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One more member joins a room and leaves it: in the set that the room runs through, and as a whole for a client. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class MembershipBenchmark {

    @Param({"10", "10000"})
    public int members;

    private final MemberSet set = new MemberSet();
    private final Membership one = new Membership(null, null);
    private Crowd crowd;
    private Crowd.Seat seat;

    @Setup
    public void fill() {
        for (int i = 0; i < members; i++) {
            set.add(new Membership(null, null));
        }
        crowd = new Crowd(members, 2);
        seat = crowd.connect(Handshake.builder().parameter("user", "one more").build());
    }

    @TearDown
    public void close() {
        crowd.close();
    }

    @Benchmark
    public int set() {
        set.add(one);
        set.remove(one);
        return set.size();
    }

    @Benchmark
    public Object client() {
        seat.inbound().text("{\"type\":\"join\",\"room\":\"r\"}");
        seat.inbound().text("{\"type\":\"leave\",\"room\":\"r\"}");
        return seat;
    }
}

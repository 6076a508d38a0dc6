package dev.roomcast;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
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
import org.openjdk.jmh.annotations.Warmup;

/** A chat message of 150 bytes to the bytes of the wire, once per publish; Jackson for scale, with the same fields. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class EncodeBenchmark {

    /** What Jackson is given: content that was parsed before is relayed as it is by both. */
    public record Chat(
            String type,
            String userId,
            @JsonRawValue String content,
            long timestamp,
            String room,
            String epoch,
            long offset) {}

    private final ObjectMapper jackson = new ObjectMapper();
    private final String content = '"' + "Hello, how are you all doing today?" + '"';
    private final Message message = Message.of("chat", Content.ofJson(content))
            .from("u-12345")
            .in("lobby", 1_790_000_000_000L)
            .at(new Position("4f2a9c1d7e30", 123_456));
    private final Chat chat =
            new Chat("chat", "u-12345", content, 1_790_000_000_000L, "lobby", "4f2a9c1d7e30", 123_456);

    @Setup
    public void compare() throws JsonProcessingException {
        String ours = Frames.message(message).text();
        String theirs = jackson.writeValueAsString(chat);
        if (!ours.equals(theirs)) {
            throw new AssertionError(ours + " is not " + theirs);
        }
    }

    @Benchmark
    public Object roomcast() {
        return Frames.message(message);
    }

    @Benchmark
    public Object jackson() throws JsonProcessingException {
        return jackson.writeValueAsBytes(chat);
    }
}

package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a room's messages go out, and when they must not. */
class RoomQueueTest {

    private final ManualTime time = new ManualTime();
    private final Stripes stripes = new Stripes();
    private final Keys keys = new Keys("p");
    private final Publisher publisher = new Publisher(
            new Bridge.Context(new RecordingDelivery(), time, room -> HistoryLimits.DEFAULT),
            keys,
            new Producer(),
            () -> "",
            stripes,
            time,
            Timing.DEFAULT,
            room -> {});

    private static final class Answer extends CompletableFuture<Object> implements RedisFuture<Object> {

        @Override
        public String getError() {
            return "";
        }

        @Override
        public boolean await(long timeout, TimeUnit unit) {
            return isDone();
        }
    }

    /** The calls so far, by the key of the room's order, and what answers them. */
    private final List<String> called = new ArrayList<>();

    private final List<Answer> answers = new ArrayList<>();
    private boolean isBroken;

    @BeforeEach
    @SuppressWarnings("unchecked")
    void connect() {
        StatefulRedisConnection<byte[], byte[]> connection = mock();
        RedisAsyncCommands<byte[], byte[]> commands = mock();
        when(connection.async()).thenReturn(commands);
        when(commands.evalsha(any(String.class), any(ScriptOutputType.class), any(byte[][].class), any(byte[][].class)))
                .thenAnswer(call -> {
                    if (isBroken) {
                        throw new StackOverflowError();
                    }
                    called.add(new String(((byte[][]) call.getArgument(2))[0], StandardCharsets.US_ASCII));
                    Answer answer = new Answer();
                    answers.add(answer);
                    return answer;
                });
        publisher.up(new Session(connection, "run"));
    }

    @AfterEach
    void end() {
        stripes.close();
    }

    /** The gap that ends its hold would swallow it. */
    @Test
    void a_room_whose_turn_comes_while_it_is_held_goes_on_waiting() {
        for (int i = 0; i < Publisher.MOST_CALLS; i++) {
            publish("busy " + i);
        }
        publish("held");
        publisher.hold("held");
        answer(0);
        assertEquals(0, callsOf("held"));
        publish("held");
        assertEquals(0, callsOf("held"));
        publish("other");
        assertEquals(1, callsOf("other"));

        publisher.letGo("held");
        answer(1);
        publisher.goOn("held");
        assertEquals(1, callsOf("held"));
    }

    @Test
    void a_call_that_could_not_be_made_is_made_again() {
        isBroken = true;
        publish("room");
        isBroken = false;
        time.advance(Duration.ofSeconds(1));
        assertEquals(1, callsOf("room"));
    }

    private void publish(String room) {
        publisher.publish(Message.chat("hello").in(room, 1));
    }

    private void answer(int call) {
        answers.get(call).complete(List.of("e".getBytes(StandardCharsets.US_ASCII), 1L));
    }

    private long callsOf(String room) {
        String key = new String(keys.meta(room), StandardCharsets.US_ASCII);
        return called.stream().filter(key::equals).count();
    }
}

package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnansweredTest {

    private final Hub hub = new Hub(Rooms.builder().time(new ManualTime()).limit(Limit.SHUTDOWN_DEADLINE, 0));
    private final LiveConnection connection =
            new LiveConnection(hub, Handshake.builder().build(), new NullTransport());
    private final Unanswered unanswered = new Unanswered();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void the_end_comes_behind_the_last_answer() {
        Relaying one = message("one");
        Relaying two = message("two");
        unanswered.add(one);
        unanswered.add(two);
        assertFalse(unanswered.isLast());
        unanswered.whenNone(() -> told.add("end"));
        assertTrue(unanswered.isLast());
        unanswered.answer(two, () -> told.add("two"));
        unanswered.answer(one, () -> told.add("one"));
        assertEquals(List.of("two", "one", "end"), told);
    }

    @Test
    void with_nothing_to_answer_it_comes_at_once() {
        unanswered.whenNone(() -> told.add("end"));
        assertEquals(List.of("end"), told);
    }

    @Test
    void each_is_answered_once_and_an_answer_that_fails_is_one() {
        Relaying one = message("one");
        unanswered.add(one);
        unanswered.whenNone(() -> told.add("end"));
        unanswered.answer(one, () -> {
            throw new IllegalStateException("on purpose");
        });
        unanswered.answer(one, () -> told.add("again"));
        assertEquals(List.of("end"), told);
    }

    @Test
    void what_is_given_up_is_refused_if_it_can_be_sent_again() {
        unanswered.add(message("one"));
        unanswered.add(message(null));
        unanswered.whenNone(() -> told.add("end"));
        unanswered.refuse();
        assertEquals(1, hub.stats().refused(ErrorCode.UNAVAILABLE));
        assertEquals(List.of("end"), told);
    }

    private Relaying message(@Nullable String id) {
        return new Relaying(
                hub,
                connection,
                new Frames.Cause("chat", "r", id),
                Message.chat("hello").id(id).in("r", 1));
    }
}

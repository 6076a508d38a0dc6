package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenLoopTest {

    private static final long MILLI = 1_000_000;

    private final FakeSender first = new FakeSender();
    private final FakeSender second = new FakeSender();

    /** 1,000 messages a second: one each millisecond, the first at 5 ms. */
    private final OpenLoop loop = new OpenLoop(List.of(first, second), 5 * MILLI, 1000);

    @Test
    void nothingIsSentBeforeItsTime() {
        assertEquals(5 * MILLI, loop.due());
        loop.run(5 * MILLI - 1);
        assertEquals(List.of(), first.sent);
    }

    @Test
    void theySendInTurn() {
        loop.run(5 * MILLI);
        loop.run(6 * MILLI);
        loop.run(7 * MILLI);
        assertEquals(List.of(5 * MILLI, 7 * MILLI), first.sent);
        assertEquals(List.of(6 * MILLI), second.sent);
        assertEquals(8 * MILLI, loop.due());
    }

    @Test
    void whatIsSentLateCountsFromWhenItWasDue() {
        loop.run(8 * MILLI + 1);
        assertEquals(List.of(5 * MILLI, 7 * MILLI), first.sent);
        assertEquals(List.of(6 * MILLI, 8 * MILLI), second.sent);
    }

    @Test
    void aServerThatDoesNotReadIsWaitedForAndChargedForIt() {
        first.backlog = 1_000_000;
        loop.run(50 * MILLI);
        assertEquals(List.of(), second.sent);
        first.backlog = 0;
        loop.run(50 * MILLI);
        assertEquals(5 * MILLI, first.sent.get(0));
        assertEquals(46, first.sent.size() + second.sent.size());
    }

    @Test
    void whatPiledUpIsSentInPortions() {
        loop.run(1000 * MILLI);
        assertEquals(64, first.sent.size() + second.sent.size());
        loop.run(1000 * MILLI);
        assertEquals(128, first.sent.size() + second.sent.size());
    }

    private static final class FakeSender implements OpenLoop.Sender {

        private final List<Long> sent = new ArrayList<>();
        private int backlog;

        @Override
        public void send(long intended) {
            sent.add(intended);
        }

        @Override
        public int backlog() {
            return backlog;
        }
    }
}

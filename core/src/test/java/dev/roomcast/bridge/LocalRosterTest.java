package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LocalRosterTest {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final Changes changes = new Changes();
    private final LocalRoster roster =
            new LocalRoster(new Bridge.Context(changes, time, room -> HistoryLimits.DEFAULT));

    @Test
    void a_million_rooms_that_were_left_leave_nothing() {
        for (int i = 0; i < 1_000_000; i++) {
            roster.join("room " + i, "one", "c", null);
            leave("room " + i, "one", "c", Duration.ZERO);
        }
        assertEquals(0, roster.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void a_room_whose_members_were_lost_costs_nothing_after_the_grace() {
        for (int i = 0; i < 10_000; i++) {
            roster.join("room " + i, "one", "c", null);
            leave("room " + i, "one", "c", GRACE);
        }
        assertEquals(10_000, roster.remembered());
        time.advance(GRACE);
        assertEquals(0, roster.remembered());
        assertEquals(0, time.pending());
    }

    @Test
    void looking_at_or_leaving_an_unknown_room_leaves_nothing() {
        assertEquals(RosterSnapshot.EMPTY, read("r"));
        leave("r", "one", "c", GRACE);
        assertFalse(roster.update("r", "one", null).toCompletableFuture().join());
        assertEquals(0, roster.remembered());
    }

    @Test
    void a_room_that_comes_back_has_a_revision_that_no_room_had_before() {
        join("a", "one");
        join("a", "two");
        leave("a", "one", "c", Duration.ZERO);
        leave("a", "two", "c", Duration.ZERO);
        assertEquals(4, read("a").rev());
        assertEquals(5, join("a", "one"));
        assertEquals(5, join("b", "one"));
        assertEquals(6, join("b", "two"));
    }

    @Test
    void a_closed_roster_tells_nobody_and_leaves_no_timer() {
        join("a", "one");
        leave("a", "one", "c", GRACE);
        roster.close();
        assertEquals(0, roster.remembered());
        assertEquals(0, time.pending());
        time.advance(GRACE);
        assertEquals(1, changes.seen.size());
    }

    /**
     * A reader of an empty room was told a revision that the roster which began at that very moment then gave to other news;
     * the reader took the news for old and never saw the member. The others are here to raise the revision.
     */
    @Test
    void what_comes_after_a_reading_has_a_higher_revision() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (String other : new String[] {"other", "another"}) {
                running.add(threads.submit(() -> comesAndGoes(other, over)));
            }
            running.add(threads.submit(() -> {
                while (!over.get()) {
                    RosterSnapshot snapshot = read(Changes.ROOM);
                    if (snapshot.members().isEmpty()) {
                        changes.emptyAt.accumulateAndGet(snapshot.rev(), Math::max);
                    }
                }
            }));
            for (int i = 0; i < 500_000; i++) {
                join(Changes.ROOM, "one");
                leave(Changes.ROOM, "one", "c", Duration.ZERO);
            }
            over.set(true);
            for (Future<?> one : running) {
                one.get();
            }
            assertEquals(0, changes.late.get(), "members whose coming was taken for old news");
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private void comesAndGoes(String room, AtomicBoolean over) {
        while (!over.get()) {
            join(room, "one");
            leave(room, "one", "c", Duration.ZERO);
        }
    }

    private long join(String room, String user) {
        return roster.join(room, user, "c", null).toCompletableFuture().join();
    }

    private void leave(String room, String user, String connection, Duration grace) {
        Cause cause = grace.isZero() ? Cause.LEAVE : Cause.LOST;
        roster.leave(room, user, connection, cause, grace).toCompletableFuture().join();
    }

    private RosterSnapshot read(String room) {
        return roster.read(room).toCompletableFuture().join();
    }

    /** Looks at the changes, and remembers a few. */
    private static final class Changes implements Delivery {

        static final String ROOM = "r";

        final List<RosterChange> seen = new ArrayList<>();
        final AtomicLong emptyAt = new AtomicLong();
        final AtomicInteger late = new AtomicInteger();

        @Override
        public void append(RosterChange change) {
            if (change.room().equals("a")) {
                seen.add(change);
            }
            if (change.room().equals(ROOM) && change.kind() == Kind.JOINED && change.rev() <= emptyAt.get()) {
                late.incrementAndGet();
            }
        }

        @Override
        public boolean hasSpace(String room) {
            return true;
        }

        @Override
        public void append(Message message) {}

        @Override
        public void rosterMoved(String room, long rev) {}

        @Override
        public void isolated(boolean isolated) {}

        @Override
        public void lost(String room, Position after, Position upTo) {}

        @Override
        public void signal(Signal signal) {}

        @Override
        public void release(String room) {}

        @Override
        public void releaseElsewhere(String room) {}
    }
}

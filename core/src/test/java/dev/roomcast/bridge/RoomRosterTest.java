package dev.roomcast.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Content;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomRosterTest {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final RecordingDelivery delivery = new RecordingDelivery();
    private final List<RoomRoster> retired = new ArrayList<>();
    private final RoomRoster roster = new RoomRoster("r", delivery, time, 7, retired::add);

    @Test
    void revisions_go_on_from_where_the_last_roster_ended() {
        assertEquals(8, roster.join("one", "c1", null));
        assertEquals(9, roster.join("two", "c2", null));
        assertEquals(
                List.of(8L, 9L),
                delivery.changesOf("r").stream().map(RosterChange::rev).toList());
    }

    @Test
    void a_second_connection_changes_counts_only() {
        roster.join("one", "c1", null);
        assertEquals(8, roster.join("one", "c2", null));
        assertEquals(8, roster.join("one", "c2", null), "a repeat");
        assertEquals(List.of(new Member("one", 2, null)), members());
        roster.leave("one", "c1", Cause.LEAVE, Duration.ZERO);
        roster.leave("one", "c1", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, null)), members());
        assertEquals(List.of("JOINED one"), delivery.changes("r"));
    }

    @Test
    void metadata_is_kept_unless_a_join_brings_other() {
        Content red = Content.ofJson("{\"c\":\"red\"}");
        Content blue = Content.ofJson("{\"c\":\"blue\"}");
        roster.join("one", "c1", red);
        roster.join("one", "c2", null);
        roster.join("one", "c2", red);
        assertEquals(List.of("JOINED one"), delivery.changes("r"));
        roster.join("one", "c2", blue);
        roster.update("one", blue);
        assertEquals(List.of("JOINED one", "UPDATED one"), delivery.changes("r"));
        assertEquals(List.of(new Member("one", 2, blue)), members());
        assertFalse(roster.update("two", red));
    }

    @Test
    void a_user_in_grace_is_a_member_without_connections() {
        roster.join("one", "c1", null);
        roster.leave("one", "c1", Cause.LOST, GRACE);
        assertEquals(List.of(new Member("one", 0, null)), members());
        assertEquals(1, time.pending());
        time.advance(GRACE);
        assertEquals(List.of("JOINED one", "LEFT one LOST"), delivery.changes("r"));
        assertEquals(List.of(roster), retired);
    }

    @Test
    void whoever_comes_back_ends_the_grace_and_its_timer() {
        roster.join("one", "c1", null);
        roster.leave("one", "c1", Cause.LOST, GRACE);
        roster.join("one", "c2", null);
        assertEquals(0, time.pending());
        time.advance(GRACE.multipliedBy(2));
        assertEquals(List.of("JOINED one"), delivery.changes("r"));
    }

    /** The timer of an earlier grace, too late to be taken back, once ended a later one early. */
    @Test
    void an_earlier_grace_does_not_end_a_later_one() {
        List<Runnable> timers = new ArrayList<>();
        RoomRoster unlucky = new RoomRoster("r", delivery, new UnstoppableTimers(timers), 0, retired::add);
        unlucky.join("one", "c1", null);
        unlucky.leave("one", "c1", Cause.LOST, GRACE);
        unlucky.join("one", "c2", null);
        unlucky.leave("one", "c2", Cause.LOST, GRACE);
        timers.get(0).run();
        assertEquals(List.of("JOINED one"), delivery.changes("r"));
        timers.get(1).run();
        assertEquals(List.of("JOINED one", "LEFT one LOST"), delivery.changes("r"));
    }

    @Test
    void an_empty_roster_retires_and_takes_nobody() {
        roster.join("one", "c1", null);
        roster.leave("one", "c1", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(roster), retired);
        assertEquals(9, roster.lastRev());
        assertNull(roster.join("two", "c2", null));
        assertNull(roster.read());
    }

    @Test
    void a_roster_that_is_forgotten_tells_nobody_and_leaves_no_timer() {
        roster.join("one", "c1", null);
        roster.leave("one", "c1", Cause.LOST, GRACE);
        roster.forget();
        assertEquals(0, time.pending());
        assertEquals(List.of("JOINED one"), delivery.changes("r"));
    }

    private List<Member> members() {
        RosterSnapshot snapshot = roster.read();
        assertNotNull(snapshot);
        return snapshot.members();
    }

    /** Timers that had started just before they were cancelled. */
    private record UnstoppableTimers(List<Runnable> tasks) implements Time {

        @Override
        public long millis() {
            return 0;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            tasks.add(task);
            return () -> {};
        }

        @Override
        public int pending() {
            return 0;
        }

        @Override
        public void close() {}
    }
}

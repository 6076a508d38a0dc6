package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RosterViewTest {

    private final RosterView view = new RosterView();

    @Test
    void nothing_is_applied_before_the_first_reading() {
        assertTrue(view.isBehind());
        assertNull(view.apply(joined(1, "one")));
        assertEquals(
                1,
                view.replace(new RosterSnapshot(1, List.of(member("one"))), "r", 0)
                        .size());
        assertFalse(view.isBehind());
    }

    @Test
    void changes_that_count_up_are_applied_and_old_ones_are_not() {
        view.replace(RosterSnapshot.EMPTY, "r", 0);
        assertNotNull(view.apply(joined(1, "one")));
        assertNull(view.apply(joined(1, "one")));
        assertNotNull(view.apply(joined(2, "two")));
        assertEquals(2, view.size());
        assertFalse(view.isBehind());
    }

    @Test
    void a_hole_asks_for_the_roster_and_only_the_differences_are_told() {
        view.replace(new RosterSnapshot(3, List.of(member("one"), member("two"))), "r", 0);
        assertNull(view.apply(joined(5, "four")));
        assertTrue(view.isBehind());
        List<RosterChange> told = view.replace(new RosterSnapshot(5, List.of(member("two"), member("four"))), "r", 9);
        assertEquals(
                List.of("JOINED four", "LEFT one"),
                told.stream().map(c -> c.kind() + " " + c.member().userId()).toList());
        assertEquals(9, told.get(0).timestamp());
        assertFalse(view.isBehind());
    }

    @Test
    void a_reading_that_is_older_than_the_view_is_ignored() {
        view.replace(new RosterSnapshot(5, List.of(member("one"))), "r", 0);
        assertEquals(List.of(), view.replace(new RosterSnapshot(4, List.of()), "r", 0));
        assertEquals(1, view.size());
    }

    /** A first reading from before the going threw its cause away, and the second one told that the user was lost. */
    @Test
    void a_cause_that_was_heard_before_a_reading_that_is_older_is_still_known_at_the_next() {
        RosterChange left = new RosterChange("r", 2, Kind.LEFT, member("one"), Cause.REMOVED, 0);
        assertNull(view.apply(left));
        assertEquals(
                1,
                view.replace(new RosterSnapshot(1, List.of(member("one"))), "r", 0)
                        .size());
        assertTrue(view.isBehind());
        List<RosterChange> told = view.replace(new RosterSnapshot(2, List.of()), "r", 0);
        assertEquals(Cause.REMOVED, told.get(0).cause());
    }

    @Test
    void whatever_is_lost_or_doubled_the_view_ends_at_the_truth_and_what_was_told_adds_up_to_it() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Member> truth = new LinkedHashMap<>();
        Map<String, Member> told = new LinkedHashMap<>();
        List<RosterChange> sent = new ArrayList<>();
        long rev = 0;
        replay(told, view.replace(RosterSnapshot.EMPTY, "r", 0));
        for (int step = 0; step < 50_000; step++) {
            RosterChange change = random(random, truth, ++rev);
            sent.add(change);
            if (random.nextInt(10) > 0) {
                apply(told, change);
            }
            if (random.nextInt(10) == 0) {
                apply(told, sent.get(random.nextInt(sent.size())));
            }
            if (view.isBehind() && random.nextInt(3) == 0) {
                replay(told, view.replace(new RosterSnapshot(rev, List.copyOf(truth.values())), "r", 0));
            }
        }
        view.needs(rev);
        if (view.isBehind()) {
            replay(told, view.replace(new RosterSnapshot(rev, List.copyOf(truth.values())), "r", 0));
        }
        assertEquals(truth, told, "seed " + seed);
        assertEquals(truth.size(), view.size(), "seed " + seed);
        assertEquals(rev, view.rev(), "seed " + seed);
    }

    private void apply(Map<String, Member> told, RosterChange change) {
        RosterChange applied = view.apply(change);
        if (applied != null) {
            replay(told, List.of(applied));
        }
    }

    private static void replay(Map<String, Member> told, List<RosterChange> changes) {
        for (RosterChange change : changes) {
            String user = change.member().userId();
            if (change.kind() == Kind.LEFT) {
                assertNotNull(told.remove(user), user + " left without having been there");
            } else {
                assertEquals(change.kind() == Kind.UPDATED, told.put(user, change.member()) != null);
            }
        }
    }

    private static RosterChange random(Random random, Map<String, Member> truth, long rev) {
        String user = "user" + random.nextInt(20);
        Member known = truth.get(user);
        if (known == null) {
            truth.put(user, member(user));
            return joined(rev, user);
        }
        if (random.nextBoolean()) {
            truth.remove(user);
            return new RosterChange("r", rev, Kind.LEFT, known, Cause.LEAVE, 0);
        }
        Member updated = new Member(user, 1, Content.of(rev));
        truth.put(user, updated);
        return new RosterChange("r", rev, Kind.UPDATED, updated, Cause.NONE, 0);
    }

    private static RosterChange joined(long rev, String user) {
        return new RosterChange("r", rev, Kind.JOINED, member(user), Cause.NONE, 0);
    }

    private static Member member(String user) {
        return new Member(user, 1, null);
    }
}

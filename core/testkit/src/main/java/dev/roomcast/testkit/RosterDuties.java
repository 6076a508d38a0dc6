package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Content;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link dev.roomcast.bridge.Roster} owes. */
abstract class RosterDuties extends BroadcasterDuties {

    private static final Content RED = Content.ofJson("{\"color\":\"red\"}");
    private static final Content BLUE = Content.ofJson("{\"color\":\"blue\"}");
    private static final Content GREEN = Content.ofJson("{\"color\":\"green\"}");

    private long join(String userId, String connectionId, Content meta) {
        return get(bridge().roster().join(room, userId, connectionId, meta));
    }

    @Test
    void a_user_joins_with_the_first_connection_and_leaves_with_the_last() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            join("one", "c2");
            join("two", "c3");
            leave("one", "c1", Cause.LEAVE, Duration.ZERO);
            leave("one", "c2", Cause.LEAVE, Duration.ZERO);
            eventually(() -> delivery.changes(room).size() >= 3);
            assertEquals(List.of("JOINED one", "JOINED two", "LEFT one LEAVE"), delivery.changes(room));
            assertEquals(List.of("two"), userIds(read()));
        }
    }

    @Test
    void every_change_raises_the_revision_by_one_and_a_join_tells_it() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            long one = join("one", "c1");
            long two = join("two", "c2");
            assertEquals(one + 1, two);
            assertEquals(two, join("two", "c3"));
            assertTrue(get(bridge().roster().update(room, "two", Content.ofJson("{\"away\":true}"))));
            eventually(() -> delivery.changesOf(room).size() >= 3);
            List<Long> revs =
                    delivery.changesOf(room).stream().map(RosterChange::rev).toList();
            assertEquals(List.of(one, two, two + 1), revs);
            assertEquals(two + 1, read().rev());
        }
    }

    @Test
    void members_carry_connections_and_metadata() {
        Content meta = Content.ofJson("{\"color\":\"red\"}");
        get(bridge().roster().join(room, "one", "c1", meta));
        join("one", "c2");
        assertEquals(List.of(new Member("one", 2, meta)), read().members());
        assertTrue(get(bridge().roster().update(room, "one", null)));
        assertEquals(List.of(new Member("one", 2, null)), read().members());
        assertFalse(get(bridge().roster().update(room, "nobody", meta)));
    }

    @Test
    void a_connection_that_goes_takes_along_its_metadata_and_that_of_the_newest_other_one_holds() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1", RED);
            join("one", "c2", BLUE);
            join("one", "c3");
            join("one", "c4", GREEN);
            assertEquals(List.of(new Member("one", 4, GREEN)), read().members());
            leave("one", "c2", Cause.LEAVE, Duration.ZERO);
            leave("one", "c4", Cause.LOST, GRACE);
            assertEquals(List.of(new Member("one", 2, RED)), read().members());
            leave("one", "c1", Cause.LEAVE, Duration.ZERO);
            assertEquals(List.of(new Member("one", 1, null)), read().members());
            List<String> told = List.of("JOINED one", "UPDATED one", "UPDATED one", "UPDATED one", "UPDATED one");
            eventually(() -> delivery.changes(room).size() >= told.size());
            assertEquals(told, delivery.changes(room));
        }
    }

    @Test
    void what_a_connection_says_again_is_its_newest_word() {
        join("one", "c1", RED);
        join("one", "c2", BLUE);
        join("one", "c1", GREEN);
        leave("one", "c2", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, GREEN)), read().members());
        join("one", "c3", BLUE);
        leave("one", "c3", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, GREEN)), read().members());
    }

    @Test
    void metadata_that_the_host_sets_goes_with_no_connection() {
        join("one", "c1", RED);
        join("one", "c2");
        assertTrue(get(bridge().roster().update(room, "one", BLUE)));
        leave("one", "c1", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, BLUE)), read().members());
        join("one", "c3", GREEN);
        assertEquals(List.of(new Member("one", 2, GREEN)), read().members());
        leave("one", "c3", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, BLUE)), read().members());
    }

    @Test
    void metadata_of_a_lost_user_is_that_of_the_connection_with_which_it_is_back() {
        join("one", "c1", RED);
        leave("one", "c1", Cause.LOST, GRACE);
        assertEquals(List.of(new Member("one", 0, RED)), read().members());
        join("one", "c2");
        join("one", "c3");
        assertEquals(List.of(new Member("one", 2, RED)), read().members());
        leave("one", "c2", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, null)), read().members());
        leave("one", "c3", Cause.LOST, GRACE);
        join("one", "c4", BLUE);
        join("one", "c5");
        leave("one", "c4", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of(new Member("one", 1, null)), read().members());
    }

    /** More would cost what a user with many connections likes. */
    @Test
    void so_many_connections_may_bring_metadata_as_is_told_and_the_oldest_is_forgotten() {
        for (int i = 0; i < 17; i++) {
            join("one", "c" + i, Content.ofJson("{\"n\":" + i + "}"));
        }
        for (int i = 16; i > 0; i--) {
            Content newest = Content.ofJson("{\"n\":" + i + "}");
            assertEquals(List.of(new Member("one", i + 1, newest)), read().members());
            leave("one", "c" + i, Cause.LEAVE, Duration.ZERO);
        }
        assertEquals(List.of(new Member("one", 1, null)), read().members());
    }

    @Test
    void a_lost_user_has_not_left_until_the_grace_is_over() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LOST, GRACE);
            pass(GRACE.minusMillis(100));
            assertEquals(List.of("one"), userIds(read()));
            assertEquals(List.of("JOINED one"), delivery.changes(room));
            pass(Duration.ofMillis(200));
            eventually(() -> delivery.changes(room).size() >= 2);
            assertEquals(List.of("JOINED one", "LEFT one LOST"), delivery.changes(room));
            assertEquals(List.of(), userIds(read()));
        }
    }

    @Test
    void a_user_who_is_back_within_the_grace_was_never_away() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LOST, GRACE);
            pass(GRACE.minusMillis(100));
            join("one", "c2");
            pass(GRACE);
            assertEquals(List.of("JOINED one"), delivery.changes(room));
            assertEquals(List.of("one"), userIds(read()));
        }
    }

    @Test
    void a_revision_never_goes_back_when_a_room_was_empty() {
        try (Subscription interest = subscribed()) {
            get(interest.top());
            join("one", "c1");
            leave("one", "c1", Cause.LEAVE, Duration.ZERO);
            long empty = read().rev();
            assertTrue(join("two", "c2") > empty);
        }
    }

    @Test
    void an_unknown_connection_leaves_without_effect() {
        join("one", "c1");
        leave("one", "c9", Cause.LEAVE, Duration.ZERO);
        leave("nobody", "c9", Cause.LEAVE, Duration.ZERO);
        assertEquals(List.of("one"), userIds(read()));
    }
}

package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.testkit.RecordingDelivery;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RosterFeedTest {

    private final RecordingDelivery delivery = new RecordingDelivery();
    private final RosterFeed feed = new RosterFeed(delivery);

    @Test
    void what_comes_by_answer_and_by_channel_is_appended_once() {
        assertEquals(-1, feed.last());
        assertTrue(answered(5).isDone());
        feed.arrived(change(5));
        feed.arrived(change(6));
        assertTrue(answered(6, 7).isDone());
        feed.arrived(change(7));
        assertEquals(List.of(5L, 6L, 7L), revisions());
        assertEquals(7, feed.last());
    }

    @Test
    void an_answer_that_is_ahead_waits_for_the_channel() {
        feed.arrived(change(5));
        CompletableFuture<Void> appended = answered(8, 9);
        feed.arrived(change(6));
        assertFalse(appended.isDone());
        assertEquals(List.of(5L, 6L), revisions());
        feed.arrived(change(7));
        assertTrue(appended.isDone());
        feed.arrived(change(8));
        feed.arrived(change(9));
        feed.arrived(change(10));
        assertEquals(List.of(5L, 6L, 7L, 8L, 9L, 10L), revisions());
    }

    @Test
    void it_does_not_wait_for_ever() {
        feed.arrived(change(5));
        CompletableFuture<Void> appended = answered(8);
        feed.hurry();
        assertTrue(appended.isDone());
        feed.arrived(change(7));
        feed.arrived(change(9));
        assertEquals(List.of(5L, 8L, 9L), revisions());
    }

    @Test
    void an_answer_without_changes_is_done() {
        assertTrue(answered().isDone());
        assertEquals(List.of(), revisions());
    }

    private CompletableFuture<Void> answered(long... revisions) {
        List<RosterChange> changes =
                Arrays.stream(revisions).mapToObj(RosterFeedTest::change).toList();
        return feed.answered(changes).toCompletableFuture();
    }

    private List<Long> revisions() {
        return delivery.changesOf("lobby").stream().map(RosterChange::rev).toList();
    }

    private static RosterChange change(long revision) {
        return new RosterChange("lobby", revision, Kind.JOINED, new Member("one", 1, null), Cause.NONE, 0);
    }
}

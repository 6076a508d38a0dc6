package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.LocalOrder;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.RoomReader.Range;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.RecordingDelivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoomFeedTest {

    private static final String ROOM = "lobby";

    /** Whether Redis is away, as the test says. */
    private boolean away;

    /** Rooms that were placed behind an absence. */
    private final List<String> placed = new ArrayList<>();

    private final class Absent implements Absence {

        @Override
        public boolean isAway() {
            return away;
        }

        @Override
        public LocalOrder.Stretch begin(String room) {
            return orders.begin(room);
        }

        @Override
        public void end(String room, LocalOrder.Stretch own) {
            own.end();
        }

        @Override
        public void placed(String room) {
            placed.add(room);
        }

        @Override
        public void shown(Message message) {
            orders.note(message);
        }
    }

    /** Readings that have begun, to be answered by the test: the offset they start behind, -1 for the top alone. */
    private final List<Long> begun = new ArrayList<>();

    private final List<CompletableFuture<Range>> answers = new ArrayList<>();
    private final RecordingDelivery delivery = new RecordingDelivery();
    private final LocalOrder orders =
            new LocalOrder(new Bridge.Context(delivery, new ManualTime(), room -> HistoryLimits.DEFAULT));
    private final Stripes stripes = new Stripes();
    private final Unusable unusable = new Unusable();
    private final HeldBudget budget = new HeldBudget(16 * 100_000);
    private final RoomFeed feed = new RoomFeed(ROOM, delivery, source(), new Absent(), stripes, unusable, budget);

    @AfterEach
    void endThreads() {
        stripes.close();
    }

    @Test
    void it_starts_at_the_top_that_is_read_after_the_confirmation() throws Exception {
        CompletableFuture<Position> top = feed.top(0).toCompletableFuture();
        assertEquals(List.of(), begun);
        feed.confirmed();
        feed.arrived(batch("e", 40, 41));
        feed.arrived(batch("e", 42, 43));
        assertEquals(List.of(-1L), begun);
        assertFalse(top.isDone());
        answer(0, "e", 41);
        assertEquals(new Position("e", 41), top.get());
        assertEquals(List.of(42L, 43L), delivery.offsets(ROOM));
        assertEquals(1, begun.size());
    }

    /** Rooms that read slowly held whatever came meanwhile, each of them up to 1,024 batches of any size. */
    @Test
    void what_is_too_much_to_be_held_until_a_reading_ends_is_read_by_the_next_one() {
        startAt("e", 10);
        for (int first = 101; first < 1101; first += 100) {
            feed.arrived(batch("e", first, first + 99));
        }
        assertEquals(List.of(-1L, 10L), begun);
        assertTrue(budget.taken() > 0 && budget.taken() <= 100_000, () -> "held: " + budget.taken());
        answer(1, "e", 200, batch("e", 11, 200));
        assertEquals(0, budget.taken());
        answer(2, "e", 1100, batch("e", 401, 1100));
        assertEquals(range(11, 1100), delivery.offsets(ROOM));
        assertEquals(List.of(), delivery.losses());

        feed.arrived(batch("e", 1200, 1200));
        assertTrue(budget.taken() > 0);
        feed.close();
        assertEquals(0, budget.taken());
    }

    @Test
    void a_reading_whose_end_fails_is_not_under_way_for_ever() {
        startAt("e", 10);
        feed.check();
        assertTrue(answers.get(1).complete(null));
        feed.tick(0, 0);
        answer(2, "e", 11, batch("e", 11, 11));
        assertEquals(List.of(11L), delivery.offsets(ROOM));
    }

    @Test
    void while_redis_is_away_the_last_position_is_answered_and_what_was_missed_comes_behind_it() throws Exception {
        startAt("e", 10);
        feed.unconfirmed();
        CompletableFuture<Position> before = feed.top(0).toCompletableFuture();
        assertFalse(before.isDone());
        away = true;
        feed.answerAlone();
        assertEquals(new Position("e", 10), before.get());
        assertEquals(new Position("e", 10), feed.top(0).toCompletableFuture().get());
        away = false;
        CompletableFuture<Position> after = feed.top(0).toCompletableFuture();
        assertFalse(after.isDone());
        feed.confirmed();
        answer(1, "e", 12, batch("e", 11, 12));
        assertEquals(new Position("e", 12), after.get());
        assertEquals(List.of(11L, 12L), delivery.offsets(ROOM));
        assertEquals(List.of(), placed);
    }

    @Test
    void of_a_room_that_is_not_known_an_epoch_of_its_own_is_answered_and_a_gap_leads_to_the_top() throws Exception {
        away = true;
        Position own = feed.top(0).toCompletableFuture().get();
        assertEquals(0, own.offset());
        away = false;
        feed.confirmed();
        feed.arrived(batch("e", 8, 8));
        assertEquals(List.of(-1L), begun);
        assertEquals(List.of(), placed);
        answer(0, "e", 7);
        assertEquals(List.of("lobby " + own.epoch() + ":0 e:7"), delivery.losses());
        assertEquals(List.of(8L), delivery.offsets(ROOM));
        assertEquals(List.of(ROOM), placed);
    }

    @Test
    void a_reading_that_fails_since_redis_is_lost_is_answered_alone() throws Exception {
        startAt("e", 10);
        CompletableFuture<Position> top = feed.top(0).toCompletableFuture();
        away = true;
        feed.answerAlone();
        assertFalse(top.isDone());
        answers.get(1).completeExceptionally(new IllegalStateException("cut"));
        assertEquals(new Position("e", 10), top.get());
    }

    @Test
    void what_is_said_alone_stands_in_an_order_of_its_own_between_two_gaps() throws Exception {
        startAt("e", 10);
        away = true;
        List<Said> said = feed.sayAlone(() -> List.of(waiting("a"), waiting("b")));
        Position first = position(said.get(0));
        assertEquals(first.next(), position(said.get(1)));
        assertEquals(position(said.get(1)), feed.top(0).toCompletableFuture().get());
        // The listening link may be there while the other one is not.
        feed.arrived(batch("e", 11, 12));
        assertEquals(List.of("lobby e:10 " + first.epoch() + ":0"), delivery.losses());
        assertEquals(List.of(1L, 2L), delivery.offsets(ROOM));
        answers.get(1).completeExceptionally(new IllegalStateException("no session"));

        away = false;
        feed.readIfNeeded();
        answer(2, "e", 14);
        assertEquals("lobby " + first.epoch() + ":2 e:14", delivery.losses().get(1));
        feed.arrived(batch("e", 15, 15));
        assertEquals(List.of(1L, 2L, 15L), delivery.offsets(ROOM));
        assertEquals(2, delivery.losses().size());
        assertEquals(List.of(ROOM), placed);
    }

    /** The listening link flapped, while a reading was on its way on the other one. */
    @Test
    void a_reading_that_comes_while_redis_is_away_does_not_end_what_is_said_alone() {
        startAt("e", 10);
        feed.check();
        away = true;
        Position first = position(feed.sayAlone(() -> List.of(waiting("a"))).get(0));
        answer(1, "e", 12, batch("e", 11, 12));
        assertEquals(
                first.next(),
                position(feed.sayAlone(() -> List.of(waiting("b"))).get(0)));
        assertEquals(1, delivery.losses().size());
        away = false;
        feed.readIfNeeded();
        answer(2, "e", 12);
        assertEquals(2, delivery.losses().size());
    }

    @Test
    void each_absence_has_an_epoch_of_its_own_and_ids_outlive_it() {
        startAt("e", 10);
        away = true;
        Position first =
                position(feed.sayAlone(() -> List.of(waiting("a", "x"))).get(0));
        away = false;
        feed.check();
        answer(1, "e", 11);
        feed.arrived(new Batch("e", 12, 0, 0, 1, 1, List.of(message("n", "y").at(new Position("e", 12)))));
        away = true;
        List<Said> again = feed.sayAlone(() -> List.of(waiting("a", "x"), waiting("n", "y"), waiting("b", "z")));
        assertEquals(first, position(again.get(0)));
        assertEquals(new Position("e", 12), position(again.get(1)));
        assertEquals(1, position(again.get(2)).offset());
        assertFalse(first.comparableTo(position(again.get(2))));
        assertEquals(List.of(1L, 12L, 1L), delivery.offsets(ROOM));
    }

    @Test
    void nothing_is_said_alone_while_redis_is_there() {
        startAt("e", 10);
        assertEquals(List.of(), feed.sayAlone(() -> List.of(waiting("a"))));
        assertEquals(List.of(), delivery.messages(ROOM));
    }

    @Test
    void history_is_what_was_said_alone_or_the_place_where_the_room_was_left() {
        startAt("e", 10);
        assertNull(feed.historyAlone(new Position("e", 10), 9, false));
        assertTrue(feed.historyAlone(new Position("e", 10), 9, true).complete());
        away = true;
        assertTrue(feed.historyAlone(new Position("e", 10), 9, false).complete());
        assertFalse(feed.historyAlone(new Position("e", 9), 9, false).complete());
        assertNull(feed.historyAlone(null, 9, false));
        Position first = position(
                feed.sayAlone(() -> List.of(waiting("a"), waiting("b"))).get(0));
        assertFalse(feed.historyAlone(new Position("e", 10), 9, false).complete());
        HistorySlice behindFirst = feed.historyAlone(first, 9, false);
        assertTrue(behindFirst.complete());
        assertEquals(1, behindFirst.messages().size());
    }

    @Test
    void a_room_that_nobody_needs_any_more_ends_what_was_said_alone() {
        startAt("e", 10);
        away = true;
        Position first = position(feed.sayAlone(() -> List.of(waiting("a"))).get(0));
        feed.close();
        assertEquals(List.of(), feed.sayAlone(() -> List.of(waiting("b"))));
        assertFalse(orders.begin(ROOM).top().comparableTo(first));
        assertEquals(List.of(ROOM), placed);
    }

    @Test
    void what_follows_is_delivered_at_once_and_what_is_old_is_dropped() {
        startAt("e", 10);
        feed.arrived(batch("e", 11, 12));
        feed.arrived(batch("e", 9, 10));
        feed.arrived(batch("e", 11, 12));
        feed.arrived(batch("e", 13, 13));
        assertEquals(List.of(11L, 12L, 13L), delivery.offsets(ROOM));
        assertEquals(1, begun.size());
    }

    @Test
    void a_hole_is_filled_by_one_reading_whatever_comes_behind_it() {
        startAt("e", 10);
        feed.arrived(batch("e", 13, 14));
        feed.arrived(batch("e", 15, 15));
        feed.arrived(batch("e", 16, 16));
        assertEquals(List.of(-1L, 10L), begun);
        assertEquals(List.of(), delivery.offsets(ROOM));
        answer(1, "e", 14, batch("e", 11, 12), batch("e", 13, 14));
        assertEquals(range(11, 16), delivery.offsets(ROOM));
        assertEquals(List.of(), delivery.losses());
        // 15 and 16 came when the reading had begun; they fitted behind it all the same.
        assertEquals(2, begun.size());
    }

    @Test
    void a_long_hole_is_read_in_parts() {
        startAt("e", 10);
        feed.confirmed();
        answers.get(1).complete(new Range(new Position("e", 30), 0, 0, 0, List.of(batch("e", 11, 20)), true));
        assertEquals(List.of(-1L, 10L, 20L), begun);
        answer(2, "e", 30, batch("e", 21, 30));
        assertEquals(range(11, 30), delivery.offsets(ROOM));
        assertEquals(List.of(), delivery.losses());
    }

    @Test
    void what_history_no_longer_holds_is_a_gap_and_the_rest_is_delivered() {
        startAt("e", 10);
        feed.confirmed();
        answer(1, "e", 25, batch("e", 21, 25));
        assertEquals(List.of("lobby e:10 e:20"), delivery.losses());
        assertEquals(range(21, 25), delivery.offsets(ROOM));
        feed.confirmed();
        answer(2, "e", 40);
        assertEquals(List.of("lobby e:10 e:20", "lobby e:25 e:40"), delivery.losses());
    }

    @Test
    void a_new_epoch_delivers_what_is_left_of_the_old_one_and_then_tells_a_gap() {
        startAt("e", 10);
        feed.confirmed();
        answer(1, "f", 12, 14, batch("e", 11, 12), batch("f", 13, 14));
        assertEquals(List.of("lobby e:12 f:12"), delivery.losses());
        assertEquals(range(11, 14), delivery.offsets(ROOM));
        feed.arrived(batch("f", 15, 15));
        assertEquals(range(11, 15), delivery.offsets(ROOM));
    }

    @Test
    void held_messages_of_the_old_epoch_that_fit_are_delivered_before_the_gap() {
        startAt("e", 10);
        feed.arrived(batch("e", 13, 13));
        feed.arrived(batch("e", 12, 12));
        answer(1, "f", 11, 11, batch("e", 11, 11));
        assertEquals(List.of("lobby e:13 f:11"), delivery.losses());
        assertEquals(range(11, 13), delivery.offsets(ROOM));
    }

    @Test
    void an_order_that_began_anew_is_read_from_its_beginning() {
        startAt("e", 10);
        feed.arrived(batch("f", 3, 3));
        answer(1, "f", 3);
        assertEquals(List.of("lobby e:10 f:0"), delivery.losses());
        assertEquals(List.of(-1L, 10L, 0L), begun);
        answer(2, "f", 3, batch("f", 1, 2), batch("f", 3, 3));
        assertEquals(range(1, 3), delivery.offsets(ROOM));
        assertEquals(1, delivery.losses().size());
    }

    /** Two restarts went by. */
    @Test
    void an_epoch_that_came_and_went_is_delivered_between_two_gaps() {
        startAt("e", 10);
        feed.confirmed();
        answer(1, "g", 14, 15, batch("e", 11, 12), batch("f", 13, 14), batch("g", 15, 15));
        assertEquals(List.of("lobby e:12 f:12", "lobby f:14 g:14"), delivery.losses());
        assertEquals(range(11, 15), delivery.offsets(ROOM));
    }

    /** An older copy came back: what stands in the stream of the old epoch was delivered before. */
    @Test
    void what_an_older_copy_holds_of_the_old_epoch_is_not_delivered_again() {
        startAt("e", 10);
        feed.confirmed();
        answer(1, "f", 7, 20, batch("f", 11, 20));
        answer(2, "f", 7, 20, batch("e", 6, 7), batch("f", 8, 10), batch("f", 11, 20));
        assertEquals(List.of("lobby e:10 f:7"), delivery.losses());
        assertEquals(range(8, 20), delivery.offsets(ROOM));
    }

    @Test
    void an_older_copy_of_the_same_epoch_is_a_gap() {
        startAt("e", 10);
        feed.confirmed();
        answer(1, "e", 7);
        assertEquals(List.of("lobby e:10 e:7"), delivery.losses());
        feed.arrived(batch("e", 8, 8));
        assertEquals(List.of(8L), delivery.offsets(ROOM));
    }

    /** The reading was answered before 11 and 12 were published; that is no older copy. */
    @Test
    void a_reading_that_was_overtaken_is_no_gap() {
        startAt("e", 10);
        feed.confirmed();
        feed.arrived(batch("e", 11, 12));
        answer(1, "e", 10);
        assertEquals(List.of(), delivery.losses());
        assertEquals(List.of(11L, 12L), delivery.offsets(ROOM));
    }

    @Test
    void a_forged_epoch_causes_one_reading_and_no_loop() {
        startAt("e", 10);
        feed.arrived(batch("forged", 500, 500));
        assertEquals(2, begun.size());
        answer(1, "e", 10);
        assertEquals(2, begun.size());
        assertEquals(1, unusable.sum());
        feed.arrived(batch("e", 11, 11));
        assertEquals(List.of(11L), delivery.offsets(ROOM));
        assertEquals(List.of(), delivery.losses());
    }

    @Test
    void what_came_while_a_reading_was_under_way_gets_one_of_its_own() {
        startAt("e", 10);
        feed.arrived(batch("e", 13, 13));
        feed.arrived(batch("e", 17, 17));
        answer(1, "e", 13, batch("e", 11, 13));
        assertEquals(List.of(-1L, 10L, 13L), begun);
        answer(2, "e", 17, batch("e", 14, 17));
        assertEquals(range(11, 17), delivery.offsets(ROOM));
        assertEquals(List.of(), delivery.losses());
    }

    /** A Redis that was rolled back has the resent batch once more, under another epoch. */
    @Test
    void a_batch_that_was_delivered_under_the_old_epoch_is_not_delivered_again() {
        startAt("e", 10);
        Batch once = batch("e", 11, 12);
        feed.arrived(once);
        feed.confirmed();
        List<Message> again = messages("f", 8, 9);
        answer(1, "f", 7, 9);
        assertEquals(List.of("lobby e:12 f:7"), delivery.losses());
        answer(2, "f", 7, 9, new Batch("f", 8, 0, 0, once.producer(), once.sequence(), again));
        feed.arrived(batch("f", 10, 10));
        assertEquals(List.of(11L, 12L, 10L), delivery.offsets(ROOM));
    }

    @Test
    void a_failed_reading_is_tried_again_by_the_next_beat() {
        startAt("e", 10);
        feed.arrived(batch("e", 12, 12));
        answers.get(1).completeExceptionally(new IllegalStateException("the connection was cut"));
        assertEquals(2, begun.size());
        feed.tick(0, 1000);
        answer(2, "e", 12, batch("e", 11, 12));
        assertEquals(range(11, 12), delivery.offsets(ROOM));
    }

    @Test
    void who_asks_for_the_top_in_vain_is_refused_when_the_deadline_has_passed() {
        CompletableFuture<Position> top = feed.top(0).toCompletableFuture();
        feed.tick(1000, 1000);
        assertFalse(top.isDone());
        feed.tick(1001, 1000);
        await().until(top::isDone);
        assertThrows(ExecutionException.class, top::get);
    }

    @Test
    void each_question_for_the_top_is_answered_by_a_reading_that_began_behind_it() throws Exception {
        startAt("e", 10);
        CompletableFuture<Position> first = feed.top(0).toCompletableFuture();
        CompletableFuture<Position> second = feed.top(0).toCompletableFuture();
        answer(1, "e", 10);
        assertEquals(10, first.get().offset());
        assertFalse(second.isDone());
        answer(2, "e", 10);
        assertEquals(10, second.get().offset());
        assertEquals(3, begun.size());
    }

    @Test
    void what_is_held_is_bounded() {
        startAt("e", 10);
        for (int i = 0; i < 5000; i++) {
            feed.arrived(batch("e", 20 + i, 20 + i));
        }
        answer(1, "e", 5019, batch("e", 11, 5019));
        assertEquals(range(11, 5019), delivery.offsets(ROOM));
        assertTrue(begun.size() <= 3);
    }

    private static Message message(String content, String id) {
        return Message.chat(content).from("ann").id(id).in(ROOM, 1);
    }

    private static Waiting waiting(String content) {
        return waiting(content, null);
    }

    private static Waiting waiting(String content, String id) {
        return new Waiting(message(content, id), 0);
    }

    private static Position position(Said said) {
        return Objects.requireNonNull(said.position());
    }

    private void startAt(String epoch, long offset) {
        feed.confirmed();
        answer(0, epoch, offset);
    }

    private void answer(int reading, String epoch, long top, Batch... batches) {
        answer(reading, epoch, 0, top, batches);
    }

    /** The epoch began behind an offset. */
    private void answer(int reading, String epoch, long began, long top, Batch... batches) {
        Range range = new Range(new Position(epoch, top), began, 0, 0, List.of(batches), false);
        assertTrue(answers.get(reading).complete(range));
    }

    private static Batch batch(String epoch, long first, long last) {
        // As if one instance had published under each epoch, one message per batch number.
        return new Batch(epoch, first, 0, 0, epoch.hashCode(), last, messages(epoch, first, last));
    }

    private static List<Message> messages(String epoch, long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(offset -> Message.chat(offset).in(ROOM, 1).at(new Position(epoch, offset)))
                .toList();
    }

    private RoomFeed.Source source() {
        return new RoomFeed.Source() {
            @Override
            public CompletionStage<Range> top(String room) {
                return begin(-1);
            }

            @Override
            public CompletionStage<Range> after(String room, long offset) {
                return begin(offset);
            }

            @Override
            public CompletionStage<Range> check(String room, Position position) {
                return begin(position.offset());
            }
        };
    }

    private CompletionStage<Range> begin(long after) {
        begun.add(after);
        CompletableFuture<Range> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}

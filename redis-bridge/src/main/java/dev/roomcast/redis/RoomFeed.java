package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.LocalOrder;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.Questions.Question;
import dev.roomcast.redis.RoomReader.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one room's members on this instance are to receive, in order, once, or with a gap told.
 *
 * <p>The channel is fast and may lose messages: at every cut of the connection, and silently. So it is trusted only as
 * far as offsets follow each other, which a {@link RoomOrder} watches; what does not fit makes the stream be read from the
 * position on, once for all members. A reading also follows each confirmed subscription, each question for the top, and now
 * and then a beat. One reading is under way at a time.
 *
 * <p>While Redis is away a room may get an order of its own, in which it stands until a reading tells where it is in Redis's;
 * see {@link Alone}. The lock makes the choice between the two one step with what follows from it.
 *
 * <p>Locks, in this order: this one; that of the room's {@link RoomQueue}, or of its own order. The members' lane is appended
 * to with the lock held, and run without it.
 */
final class RoomFeed {

    /** Where a feed reads a room's order. Stages complete on any thread, also inline, and within a bounded time. */
    interface Source {

        /** The top alone. */
        CompletionStage<Range> top(String room);

        /** What is kept behind an offset, whatever its epoch, or the beginning of it. */
        CompletionStage<Range> after(String room, long offset);

        /** The same, by a way that is cheap when the order stands at this position, as it mostly does. */
        CompletionStage<Range> check(String room, Position position);
    }

    final String room;

    private final Delivery delivery;
    private final Source source;
    private final Absence absence;
    private final Stripes stripes;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final RoomOrder order;
    private final Questions questions = new Questions();

    /** The order in which the room stands if it is one that only this instance knows. */
    private LocalOrder.@Nullable Stretch own;

    private boolean confirmed;
    private boolean mustRead;
    private boolean reading;
    private long readings;
    private long readFrom;
    private boolean closed;

    RoomFeed(
            String room,
            Delivery delivery,
            Source source,
            Absence absence,
            Stripes stripes,
            Unusable unusable,
            HeldBudget budget) {
        this.room = room;
        this.delivery = delivery;
        this.source = source;
        this.absence = absence;
        this.stripes = stripes;
        this.order = new RoomOrder(room, delivery, unusable, budget, absence::shown);
    }

    /** Redis has confirmed the subscription: nothing published from now on is missed. */
    void confirmed() {
        lock.lock();
        try {
            confirmed = true;
            mustRead = true;
        } finally {
            lock.unlock();
        }
        readIfNeeded();
    }

    /** The subscription is gone with its connection. */
    void unconfirmed() {
        lock.lock();
        try {
            confirmed = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is subscribed, and no reading is under way or due. */
    boolean isSettled() {
        lock.lock();
        try {
            return confirmed && !reading && !mustRead;
        } finally {
            lock.unlock();
        }
    }

    boolean isConfirmed() {
        lock.lock();
        try {
            return confirmed;
        } finally {
            lock.unlock();
        }
    }

    /** The top, read after this moment; while Redis is away, where this instance stands. */
    CompletionStage<Position> top(long now) {
        CompletionStage<Position> answer;
        lock.lock();
        try {
            answer = questions.ask(now);
            mustRead = true;
        } finally {
            lock.unlock();
        }
        // Behind it: whoever finds that Redis is away answers all that was asked before.
        answerAlone();
        readIfNeeded();
        return answer;
    }

    /** Answers those who have asked, if Redis is away. */
    void answerAlone() {
        if (!absence.isAway()) {
            return;
        }
        List<Question> alone;
        Position stands;
        lock.lock();
        try {
            if (closed || questions.isEmpty()) {
                return;
            }
            Position known = order.position();
            stands = known == null ? beAlone().top() : known;
            alone = questions.take();
        } finally {
            lock.unlock();
        }
        stripes.execute(room, () -> alone.forEach(question -> question.answer().complete(stands)));
    }

    /**
     * Says here what waits for Redis, if that is away. It is for the caller to have it delivered.
     *
     * @param waiting takes it out of the room's queue
     * @return what was said, with what became of it
     */
    List<Said> sayAlone(Supplier<List<Waiting>> waiting) {
        lock.lock();
        try {
            if (closed || !absence.isAway()) {
                return List.of();
            }
            List<Said> said = new ArrayList<>();
            for (Waiting one : waiting.get()) {
                said.add(say(one, beAlone()));
            }
            return said;
        } finally {
            lock.unlock();
        }
    }

    private Said say(Waiting one, LocalOrder.Stretch here) {
        try {
            Position position = here.say(one.message());
            order.stand(here.top());
            return new Said(one, position, null);
        } catch (BridgeException refusal) {
            return new Said(one, null, refusal);
        }
    }

    private LocalOrder.Stretch beAlone() {
        LocalOrder.Stretch here = own;
        if (here == null) {
            here = absence.begin(room);
            own = here;
            order.leap(here.top());
        }
        return here;
    }

    /**
     * History as far as it is known here; null if Redis has to be asked.
     *
     * @param isLost whether that was tried in vain
     */
    @Nullable
    HistorySlice historyAlone(@Nullable Position after, int limit, boolean isLost) {
        lock.lock();
        try {
            Position stands = order.position();
            if (own != null) {
                return own.history(after, limit);
            }
            if (after == null || stands == null || !(isLost || absence.isAway())) {
                return null;
            }
            return new HistorySlice(List.of(), stands, stands.equals(after));
        } finally {
            lock.unlock();
        }
    }

    void arrived(Batch batch) {
        RoomOrder.Arrival arrival;
        lock.lock();
        try {
            arrival = order.arrived(batch, readings);
            // The end of a reading looks at what is held by itself.
            mustRead |= arrival == RoomOrder.Arrival.DROPPED || (arrival == RoomOrder.Arrival.HELD && !reading);
        } finally {
            lock.unlock();
        }
        if (arrival == RoomOrder.Arrival.DONE) {
            delivery.releaseElsewhere(room);
        } else {
            readIfNeeded();
        }
    }

    void arrived(Message passing) {
        delivery.append(passing);
        delivery.releaseElsewhere(room);
    }

    /** Compares the position with Redis's. */
    void check() {
        lock.lock();
        try {
            mustRead = true;
        } finally {
            lock.unlock();
        }
        readIfNeeded();
    }

    /** Goes on after a failed reading, and refuses who has asked for longer than this. */
    void tick(long now, long longest) {
        List<Question> late;
        lock.lock();
        try {
            late = questions.late(now, longest);
        } finally {
            lock.unlock();
        }
        if (!late.isEmpty()) {
            stripes.execute(room, () -> late.forEach(Question::refuse));
        }
        readIfNeeded();
    }

    /** Nobody here needs the room any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            order.close();
            endOwn();
        } finally {
            lock.unlock();
        }
        absence.placed(room);
    }

    private void endOwn() {
        if (own != null) {
            absence.end(room, own);
            own = null;
        }
    }

    /** Reads if there is reason to, and nothing in the way. */
    void readIfNeeded() {
        Position from;
        boolean isMissing;
        lock.lock();
        try {
            if (!mustRead || reading || !confirmed || closed) {
                return;
            }
            mustRead = false;
            reading = true;
            readings++;
            from = own == null ? order.position() : null;
            readFrom = from == null ? 0 : from.offset();
            isMissing = order.isMissing();
            questions.read();
        } finally {
            lock.unlock();
        }
        CompletionStage<Range> read;
        try {
            read = from == null
                    ? source.top(room)
                    : isMissing ? source.after(room, from.offset()) : source.check(room, from);
        } catch (RuntimeException | Error e) {
            read = CompletableFuture.failedStage(e);
        }
        read.whenComplete((range, failure) -> {
            boolean[] isFinished = new boolean[1];
            // Whatever has failed: a reading that never ends would keep the room from all further ones.
            Guarded.run(() -> isFinished[0] = failure == null && finished(range));
            if (!isFinished[0]) {
                failed();
            }
        });
    }

    /** The next beat, or the next connection, tries again. */
    private void failed() {
        lock.lock();
        try {
            reading = false;
            mustRead = true;
            questions.failed();
        } finally {
            lock.unlock();
        }
        answerAlone();
    }

    /** False if it came too late: the room had to go on by itself, and still has to. */
    private boolean finished(Range range) {
        List<Question> answered;
        boolean wasOwn;
        lock.lock();
        try {
            wasOwn = own != null;
            if (wasOwn && absence.isAway()) {
                return false;
            }
            reading = false;
            endOwn();
            if (!closed) {
                mustRead |= wasOwn ? order.placed(range.top(), readings) : order.read(range, readFrom, readings);
            }
            mustRead |= !questions.isEmpty();
            answered = questions.answered();
        } finally {
            lock.unlock();
        }
        delivery.releaseElsewhere(room);
        if (wasOwn) {
            absence.placed(room);
        }
        if (!answered.isEmpty()) {
            stripes.execute(
                    room, () -> answered.forEach(question -> question.answer().complete(range.top())));
        }
        readIfNeeded();
        return true;
    }
}

package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.RoomReader.Range;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one room's members on this instance are to receive, in order, once, or with a gap told.
 *
 * <p>The channel is fast and may lose messages: at every cut of the connection, and silently. So it is trusted only as
 * far as offsets follow each other. A batch that continues the position is delivered at once; one from before it is
 * dropped; one that does not fit is held, and the stream is read from the position on, once for all members. A reading
 * also follows each confirmed subscription, each question for the top, and now and then a beat.
 *
 * <p>One reading is under way at a time. What is held and still does not fit after a reading that began behind its arrival
 * is dropped: Redis itself does not know of it. So whoever forges a batch on the channel causes one reading, not a loop.
 *
 * <p>Redis decides which epoch holds. When a reading brings another one, or what it brings does not reach back to the
 * position, that is a gap, and it is told between the last message before it and the first behind it.
 */
final class RoomFeed {

    private static final int MOST_HELD = 1024;
    private static final int MOST_PRODUCERS = 64;

    /** Where a feed reads a room's order. Stages complete on any thread, also inline, and within a bounded time. */
    interface Source {

        /** The top alone. */
        CompletionStage<Range> top(String room);

        /** What is kept behind an offset, whatever its epoch, or the beginning of it. */
        CompletionStage<Range> after(String room, long offset);

        /** The same, by a way that is cheap when the order stands at this position, as it mostly does. */
        CompletionStage<Range> check(String room, Position position);
    }

    /** A Redis that is away. */
    interface Absence {

        boolean isAway();

        /** A position of a room of which nothing is known, in an epoch of its own. Called with the feed's lock held. */
        Position beginning(String room);

        /** The room's true position is known by now. */
        void placed(String room);
    }

    /** A batch that does not fit yet, with the number of readings that had begun when it came. */
    private record Held(Batch batch, long readings) {}

    /** Someone who asked for the top. */
    private record Question(CompletableFuture<Position> answer, long since) {}

    final String room;

    private final Delivery delivery;
    private final Source source;
    private final Absence absence;
    private final Stripes stripes;
    private final Unusable unusable;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private @Nullable Position position;

    /** Whether the position is one that only this instance knows. */
    private boolean isOwn;

    private boolean confirmed;
    private boolean mustRead;
    private boolean reading;
    private long readings;
    private long readFrom;
    private final Deque<Held> held = new ArrayDeque<>(0);
    private List<Question> asked = new ArrayList<>(1);
    private List<Question> beingAnswered = List.of();

    /** The newest batch of each producer that was delivered: none comes twice, whatever became of the epoch. */
    private final Map<Long, Long> delivered = new LinkedHashMap<>(2, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > MOST_PRODUCERS;
        }
    };

    RoomFeed(String room, Delivery delivery, Source source, Absence absence, Stripes stripes, Unusable unusable) {
        this.unusable = unusable;
        this.room = room;
        this.delivery = delivery;
        this.source = source;
        this.absence = absence;
        this.stripes = stripes;
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

    /** The top, read after this moment; while Redis is away, where this instance stands. */
    CompletionStage<Position> top(long now) {
        Question question = new Question(new CompletableFuture<>(), now);
        lock.lock();
        try {
            asked.add(question);
            mustRead = true;
        } finally {
            lock.unlock();
        }
        // Behind it: whoever finds that Redis is away answers all that was asked before.
        answerAlone();
        readIfNeeded();
        return question.answer;
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
            if (asked.isEmpty()) {
                return;
            }
            if (position == null) {
                position = absence.beginning(room);
                isOwn = true;
            }
            stands = position;
            alone = asked;
            asked = new ArrayList<>(1);
        } finally {
            lock.unlock();
        }
        stripes.execute(room, () -> alone.forEach(question -> question.answer.complete(stands)));
    }

    void arrived(Batch batch) {
        boolean news = true;
        lock.lock();
        try {
            if (fits(batch)) {
                deliver(batch);
            } else if (!isOld(batch)) {
                news = false;
                boolean isHeld = held.size() < MOST_HELD;
                if (isHeld) {
                    held.add(new Held(batch, readings));
                }
                // The end of a reading looks at what is held by itself.
                mustRead |= !isHeld || !reading;
            }
        } finally {
            lock.unlock();
        }
        if (news) {
            delivery.releaseElsewhere(room);
        } else {
            readIfNeeded();
        }
    }

    void arrived(Message passing) {
        delivery.append(passing);
        delivery.releaseElsewhere(room);
    }

    boolean isConfirmed() {
        lock.lock();
        try {
            return confirmed;
        } finally {
            lock.unlock();
        }
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
        List<Question> late = new ArrayList<>();
        lock.lock();
        try {
            asked.removeIf(question -> {
                boolean isLate = now - question.since > longest;
                if (isLate) {
                    late.add(question);
                }
                return isLate;
            });
        } finally {
            lock.unlock();
        }
        if (!late.isEmpty()) {
            stripes.execute(room, () -> late.forEach(RoomFeed::refuse));
        }
        readIfNeeded();
    }

    private static void refuse(Question question) {
        question.answer.completeExceptionally(
                new BridgeException(BridgeException.Reason.UNAVAILABLE, "Redis is away", Duration.ofSeconds(1)));
    }

    private void readIfNeeded() {
        Position from;
        boolean isMissing;
        lock.lock();
        try {
            if (!mustRead || reading || !confirmed) {
                return;
            }
            mustRead = false;
            reading = true;
            readings++;
            from = isOwn ? null : position;
            readFrom = from == null ? 0 : from.offset();
            isMissing = !held.isEmpty();
            beingAnswered = asked;
            asked = new ArrayList<>(1);
        } finally {
            lock.unlock();
        }
        CompletionStage<Range> read = from == null
                ? source.top(room)
                : isMissing ? source.after(room, from.offset()) : source.check(room, from);
        read.whenComplete((range, failure) -> {
            if (failure == null) {
                finished(range);
            } else {
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
            asked.addAll(0, beingAnswered);
            beingAnswered = List.of();
        } finally {
            lock.unlock();
        }
        answerAlone();
    }

    private void finished(Range range) {
        List<Question> answered;
        boolean wasOwn;
        lock.lock();
        try {
            reading = false;
            wasOwn = isOwn;
            apply(range);
            deliverHeld();
            mustRead |= range.more() || !asked.isEmpty();
            answered = beingAnswered;
            beingAnswered = List.of();
        } finally {
            lock.unlock();
        }
        delivery.releaseElsewhere(room);
        if (wasOwn) {
            absence.placed(room);
        }
        if (!answered.isEmpty()) {
            stripes.execute(room, () -> answered.forEach(question -> question.answer.complete(range.top())));
        }
        readIfNeeded();
    }

    private void apply(Range range) {
        if (position == null) {
            position = range.top();
            return;
        }
        if (isOwn) {
            isOwn = false;
            leap(range.top());
            return;
        }
        String newest = range.top().epoch();
        boolean sameEpoch = position.epoch().equals(newest);
        if (sameEpoch && range.top().offset() < readFrom) {
            // An older copy of the order, and yet no restart that would show.
            leap(range.top());
            return;
        }
        if (!sameEpoch && range.began() < readFrom) {
            // Offsets went back, so what was asked for is not what is needed.
            deliverHeldThatFit();
            leap(new Position(newest, range.began()));
            mustRead = true;
            return;
        }
        for (Batch batch : range.batches()) {
            if (!fits(batch) && batch.first() > position.offset()) {
                // Something was trimmed, or the order went on under another epoch.
                deliverHeldThatFit();
                leap(new Position(batch.epoch(), batch.first() - 1));
            }
            if (fits(batch)) {
                deliver(batch);
            }
        }
        boolean behind = !range.top().comparableTo(position)
                || position.offset() < range.top().offset();
        if (behind && !range.more()) {
            deliverHeldThatFit();
            leap(range.top());
        }
    }

    private void leap(Position to) {
        Position from = position;
        if (from != null && !from.equals(to)) {
            delivery.lost(room, from, to);
        }
        position = to;
    }

    private void deliverHeld() {
        deliverHeldThatFit();
        // Those that came behind the beginning of the reading get another one.
        int before = held.size();
        held.removeIf(one -> one.readings < readings);
        unusable.add(before - held.size());
        mustRead |= !held.isEmpty();
    }

    private void deliverHeldThatFit() {
        boolean progress;
        do {
            progress = false;
            for (Iterator<Held> all = held.iterator(); all.hasNext(); ) {
                Batch batch = all.next().batch;
                if (fits(batch)) {
                    deliver(batch);
                    progress = true;
                    all.remove();
                } else if (isOld(batch)) {
                    all.remove();
                }
            }
        } while (progress);
    }

    private boolean fits(Batch batch) {
        Position now = position;
        return now != null
                && now.epoch().equals(batch.epoch())
                && batch.first() <= now.offset() + 1
                && batch.last() > now.offset();
    }

    private boolean isOld(Batch batch) {
        Position now = position;
        return now != null && now.epoch().equals(batch.epoch()) && batch.last() <= now.offset();
    }

    private void deliver(Batch batch) {
        long last = position == null ? 0 : position.offset();
        position = new Position(batch.epoch(), batch.last());
        Long newest = delivered.get(batch.producer());
        if (newest != null && batch.sequence() <= newest) {
            return;
        }
        delivered.put(batch.producer(), batch.sequence());
        for (Message message : batch.messages()) {
            Position place = message.position();
            if (place != null && place.offset() > last) {
                delivery.append(message);
            }
        }
    }
}

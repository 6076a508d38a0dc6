package dev.roomcast.redis;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.redis.Envelope.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one room on their way from this instance into the order. One script call is in flight at a time; what
 * comes meanwhile waits and goes out as one batch with the next. So order is kept, a busy room pays for a script call once
 * per batch, and an idle one waits for nothing. When many rooms have a call in flight the others wait for their turn, and
 * their batches grow: a call costs Redis much the same for one message and for ten.
 *
 * <p>A call whose answer was lost is sent again as it was, before anything else, until it is answered, seen on the room's
 * channel, or too old. A queue with nothing to do retires and leaves the map.
 */
final class RoomQueue {

    private static final int BATCH_MESSAGES = 256;
    private static final int BATCH_BYTES = 256 * 1024;

    private final String room;
    private final Publisher publisher;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final Deque<Waiting> waiting = new ArrayDeque<>(2);
    private @Nullable PublishCall inFlight;

    /** On which session the call in flight was sent; null when it must be sent again. */
    private @Nullable Session sentOn;

    private boolean retired;

    /** Whether it waits for its turn. */
    private boolean listed;

    /** Asked of the host once, and not while the lock is held. */
    private volatile @Nullable HistoryLimits limits;

    RoomQueue(String room, Publisher publisher) {
        this.room = room;
        this.publisher = publisher;
    }

    /** Takes a message in; false if the queue has retired. */
    boolean offer(Waiting message) {
        lock.lock();
        try {
            if (!retired) {
                waiting.add(message);
            }
            return !retired;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what was never sent, but for repeats of what is in flight: it is for Redis to say what becomes of both. */
    List<Waiting> takeUnsent() {
        List<Waiting> unsent = new ArrayList<>(1);
        lock.lock();
        try {
            PublishCall call = inFlight;
            waiting.removeIf(one -> {
                boolean isUnsent = call == null || !call.names(one.message());
                if (isUnsent) {
                    unsent.add(one);
                }
                return isUnsent;
            });
        } finally {
            lock.unlock();
        }
        return unsent;
    }

    /** Sends what is to be sent on this session; without effect if that is under way. */
    void pump(@Nullable Session session) {
        HistoryLimits kept = limits;
        if (kept == null) {
            kept = publisher.limits(room);
            limits = kept;
        }
        PublishCall call = null;
        lock.lock();
        try {
            if (inFlight == null && waiting.isEmpty()) {
                retired = true;
                publisher.retire(room, this);
                return;
            }
            if (session == null || session.equals(sentOn) || listed || publisher.isHeld(room)) {
                return;
            }
            if (inFlight != null || publisher.mayCall()) {
                call = next(session, kept);
            } else {
                listed = true;
            }
        } finally {
            lock.unlock();
        }
        if (call == null) {
            publisher.list(this);
        } else {
            send(call, session);
        }
    }

    /** Its turn has come; false if it has nothing to call for. */
    boolean turn() {
        HistoryLimits kept = limits;
        Session session;
        PublishCall call;
        lock.lock();
        try {
            listed = false;
            // Not before: one that begins meanwhile would pump in vain.
            session = publisher.session();
            if (session == null || kept == null || inFlight != null || waiting.isEmpty() || publisher.isHeld(room)) {
                return false;
            }
            call = next(session, kept);
        } finally {
            lock.unlock();
        }
        send(call, session);
        return true;
    }

    /** The call to be made on this session: the one in flight, or what waits. */
    private PublishCall next(Session session, HistoryLimits kept) {
        PublishCall call = inFlight;
        if (call == null) {
            call = publisher.call(room, take(), kept);
            inFlight = call;
        }
        sentOn = session;
        return call;
    }

    private void send(PublishCall call, Session session) {
        CompletionStage<List<Object>> answered;
        try {
            answered = call.send(session);
        } catch (RuntimeException | Error e) {
            // It counts as in flight, so somebody has to send it again.
            answered = CompletableFuture.failedStage(e);
        }
        answered.whenComplete((answer, failure) -> {
            if (failure == null) {
                end(call, () -> call.answered(answer));
            } else {
                failed(call, session, failure);
            }
        });
    }

    /** A batch of this instance came by on the channel: it is in the order, whatever becomes of the answer. */
    void seen(Batch batch) {
        PublishCall call;
        lock.lock();
        try {
            call = inFlight;
        } finally {
            lock.unlock();
        }
        if (call != null
                && call.sequence == batch.sequence()
                && call.batch.size() == batch.messages().size()) {
            end(call, () -> call.seen(batch));
        }
    }

    /** Refuses what has waited for longer than this, in ns. */
    void expire(long longest) {
        long now = publisher.nanos();
        List<Waiting> late = new ArrayList<>();
        PublishCall unknown = null;
        lock.lock();
        try {
            if (inFlight != null && now - inFlight.batch.get(0).since() > longest) {
                unknown = inFlight;
            }
            while (!waiting.isEmpty() && now - waiting.element().since() > longest) {
                late.add(waiting.remove());
            }
        } finally {
            lock.unlock();
        }
        if (unknown != null) {
            PublishCall call = unknown;
            end(call, () -> call.refuse("Redis did not answer in time"));
        }
        publisher.done(room, late, () -> late.forEach(message -> message.refuse("Redis is away")));
        pump(publisher.session());
    }

    private void end(PublishCall call, Runnable outcome) {
        lock.lock();
        try {
            if (inFlight != call) {
                return;
            }
            inFlight = null;
            sentOn = null;
        } finally {
            lock.unlock();
        }
        publisher.done(room, call.batch, outcome);
        publisher.called();
        pump(publisher.session());
    }

    private void failed(PublishCall call, Session session, Throwable failure) {
        if (!Publisher.mayRetry(failure)) {
            end(call, () -> call.refuse("Redis refused the message"));
            return;
        }
        lock.lock();
        try {
            if (inFlight != call || !session.equals(sentOn)) {
                return;
            }
            sentOn = null;
        } finally {
            lock.unlock();
        }
        publisher.pumpLater(this);
    }

    private List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>(Math.min(waiting.size(), BATCH_MESSAGES));
        int bytes = 0;
        while (!waiting.isEmpty() && batch.size() < BATCH_MESSAGES) {
            bytes += waiting.element().encoded().length;
            if (!batch.isEmpty() && bytes > BATCH_BYTES) {
                break;
            }
            batch.add(waiting.remove());
        }
        return batch;
    }
}

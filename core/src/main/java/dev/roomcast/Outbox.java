package dev.roomcast;

import dev.roomcast.message.Position;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A connection's outgoing queue: bounded, in order, with at most one operation of the transport in flight.
 *
 * <p>Who offers to an idle outbox starts the write on its own thread; who finds it busy only queues. When a write has ended,
 * all that waits goes out as the next one. An idle outbox holds no queue at all, and a batch is handed to every member's
 * transport as the same object: a delivery to a client that keeps up allocates nothing.
 *
 * <p>IDLE, BUSY from the moment that someone starts an operation of the transport until one has ended and nothing waits
 * (see {@link Flight}), DEAD at the end. Who makes it BUSY runs the loop that starts one operation after the other, until
 * one stays under way; who ends that one goes on with the loop. A delivery to an idle outbox takes two turns of the lock: one
 * to find it idle, one to find that nothing came meanwhile.
 *
 * <p>Room traffic is bounded by bytes and frames, answers to the client by bytes of their own. Answers that carry a roster may
 * be large through nobody's fault, so a client that is slow for a moment is not closed for them: what would cause one more of
 * them waits for {@link #rosterSpace}, and with it the client's next messages. What happens when room
 * traffic exceeds its bound is the hub's {@link Overflow}. With {@code RESYNC} what waits of rooms is dropped, and each
 * member remembers the position before the first message it misses. From then on the outbox refuses that room's newer
 * messages to that member, or there would be a hole. When all else has been written the owner is told who is behind; the
 * room's lane reads what is missing from history and hands it in with {@link #replay}, piece by piece as the client reads,
 * and with the last piece the member is as any other again. Since the lane decides which piece is the last, and is also the
 * one who offers what is new, nothing falls between the two.
 *
 * <p>Volatile batches are dropped while anything waits or is in flight; keyed ones replace what waits of their key.
 *
 * <p>Lock: {@code this}, held for queue operations only, never while the transport or the owner is called.
 */
final class Outbox {

    /** Whom an outbox tells. Called with no lock held, on any thread. */
    interface Owner {
        /** Room traffic was dropped because a bound was hit; the connection goes on. */
        void overflowed(Limit limit);

        /** A bound was hit or a write took too long; the connection cannot go on. */
        void tooSlow(Limit limit);

        /** A write failed. Nothing is written any more. */
        void writeFailed(Throwable failure);

        /** Frames of rooms were dropped. */
        void dropped(int frames);

        /** All is written; these members miss something that was dropped. */
        void drained(List<Membership> behind);
    }

    private enum State {
        IDLE,
        BUSY,
        DEAD
    }

    /** The close that follows the last frame. */
    private record Farewell(int code, String reason) {}

    /** Most that one write carries. */
    private static final int WRITE_BYTES = 64 * 1024;

    final Transport transport;
    private final Owner owner;
    private final WireFormat format;
    private final Settings settings;
    private final MemoryBudget memory;
    private final Flight flight;

    // All below: guarded by this.
    private State state = State.IDLE;
    private @Nullable Backlog backlog;
    private @Nullable Farewell farewell;
    private @Nullable Throwable failure;
    private boolean refusing;
    private boolean tooSlow;
    private boolean pingWanted;
    private int flightBytes;

    /** Completed when another roster may be queued; null if nobody waits for that. */
    private @Nullable CompletableFuture<@Nullable Void> rosterSpace;

    Outbox(
            Transport transport,
            Owner owner,
            WireFormat format,
            Settings settings,
            WriteDeadlines deadlines,
            MemoryBudget memory) {
        this.transport = transport;
        this.owner = owner;
        this.format = format;
        this.settings = settings;
        this.memory = memory;
        this.flight = new Flight(this, deadlines, memory);
    }

    /** Takes a batch of a room for one of its members. Called by the room's lane. False if it was dropped. */
    boolean offer(Membership member, RoomBatch batch) {
        Limit hit;
        int dropped;
        boolean closes = false;
        boolean taken = false;
        synchronized (this) {
            if (state == State.IDLE && !refusing && !refuses(member, batch)) {
                state = State.BUSY;
                flightBytes = batch.size();
                hit = null;
                dropped = -1;
            } else if (refusing || state == State.DEAD || refuses(member, batch)) {
                hit = null;
                dropped = batch.count();
                note(member, batch);
            } else {
                hit = backlog().add(member, batch, flightBytes);
                if (hit == null) {
                    return true;
                }
                closes = settings.overflow == Overflow.DISCONNECT && batch.kind != RoomBatch.Kind.KEYED;
                refusing |= closes;
                dropped = backlog().makeRoom(member, batch, flightBytes);
                taken = backlog().endsWith(batch);
            }
        }
        if (dropped < 0) {
            run(batch.in(format), batch);
            return true;
        }
        owner.dropped(dropped);
        if (closes && hit != null) {
            owner.tooSlow(hit);
        } else if (hit != null) {
            owner.overflowed(hit);
        }
        return taken;
    }

    /**
     * Takes what a member missed. Called by the room's lane.
     *
     * @param batches in order, beginning behind the member's position
     * @param upTo where the member stands with them
     * @param last whether it is up to the lane then; if not, the owner is told again when they are written
     */
    void replay(Membership member, List<RoomBatch> batches, Position upTo, boolean last) {
        boolean start;
        synchronized (this) {
            if (refusing || state == State.DEAD) {
                return;
            }
            if (backlog().replay(member, batches, last, flightBytes)) {
                member.behind = last ? null : upTo;
            }
            start = state == State.IDLE;
            state = start ? State.BUSY : state;
        }
        if (start) {
            run(null, null);
        }
    }

    /** What a member is behind of; null if it keeps up. */
    @Nullable
    Position behind(Membership member) {
        synchronized (this) {
            return member.behind;
        }
    }

    /** Holds a member back from now on, as one that has everything up to a position. */
    void holdBack(Membership member, Position position) {
        synchronized (this) {
            member.behind = position;
            member.suspended = false;
        }
    }

    /** Holds a member's messages back until history can be read again; others come to it meanwhile. */
    void suspend(Membership member, Position position) {
        synchronized (this) {
            member.behind = position;
            member.suspended = true;
        }
    }

    boolean isSuspended(Membership member) {
        synchronized (this) {
            return member.suspended;
        }
    }

    /** Holds a member back no more, whatever it missed. */
    void goOn(Membership member) {
        synchronized (this) {
            member.behind = null;
            member.suspended = false;
        }
    }

    /** Whether frames of the roster were dropped for a member since this was last asked. */
    boolean missedRoster(Membership member) {
        synchronized (this) {
            boolean missed = member.rosterMissed;
            member.rosterMissed = false;
            return missed;
        }
    }

    /** Drops what waits of a room's keys: behind all else, it would come behind the answer that its member has left. */
    void left(LiveRoom room) {
        int dropped;
        synchronized (this) {
            dropped = backlog == null ? 0 : backlog.dropKeysOf(room);
        }
        if (dropped > 0) {
            owner.dropped(dropped);
        }
    }

    /** Takes an answer to the client; false if the outbox takes none any more. */
    boolean answer(TextFrame frame) {
        boolean start = false;
        boolean full = false;
        synchronized (this) {
            if (farewell != null || tooSlow || state == State.DEAD) {
                return false;
            }
            if (state == State.IDLE) {
                state = State.BUSY;
                flightBytes = 0;
                start = true;
            } else if (backlog != null && backlog.answerBytes() >= settings.limit(Limit.CONTROL_BYTES)) {
                // What waits decides, not the frame: one that is large by itself has come to nobody's fault.
                full = true;
                tooSlow = true;
            } else {
                backlog().answer(frame);
            }
        }
        if (start) {
            run(FrameBatch.of(frame), null);
        } else if (full) {
            owner.tooSlow(Limit.CONTROL_BYTES);
        }
        return !full;
    }

    /** Takes an answer that carries a roster, for which {@link #rosterSpace} was waited. */
    void roster(TextFrame frame) {
        synchronized (this) {
            if (farewell != null || tooSlow || state == State.DEAD) {
                return;
            }
            if (state != State.IDLE) {
                backlog().roster(frame);
                return;
            }
            state = State.BUSY;
            flightBytes = 0;
        }
        run(FrameBatch.of(frame), null);
    }

    /**
     * Completes when one more roster may be queued, or when the connection has ended; null if it may be now. Rosters that
     * wait take at most {@link Limit#CONTROL_BYTES}: half of it for those before the last one, and each is at most the other
     * half.
     */
    @Nullable
    CompletionStage<@Nullable Void> rosterSpace() {
        synchronized (this) {
            if (hasRosterSpace()) {
                return null;
            }
            rosterSpace = rosterSpace == null ? new CompletableFuture<>() : rosterSpace;
            return rosterSpace;
        }
    }

    private boolean hasRosterSpace() {
        return backlog == null || backlog.rosterBytes() < settings.limit(Limit.CONTROL_BYTES) / 2;
    }

    /** To be completed with no lock held; null if nobody waits or there is no space yet. */
    private @Nullable CompletableFuture<@Nullable Void> takeFreed() {
        CompletableFuture<@Nullable Void> freed = hasRosterSpace() ? rosterSpace : null;
        rosterSpace = freed == null ? rosterSpace : null;
        return freed;
    }

    private static void complete(@Nullable CompletableFuture<@Nullable Void> freed) {
        if (freed != null) {
            freed.complete(null);
        }
    }

    /** Lets nothing start for a moment if the outbox is idle; true if {@link #goOn()} must be called to end that. */
    boolean pause() {
        synchronized (this) {
            boolean idle = state == State.IDLE;
            state = idle ? State.BUSY : state;
            return idle;
        }
    }

    /** Writes what was queued during a {@link #pause}. */
    void goOn() {
        run(null, null);
    }

    /** Wants a ping out: at once if idle, else before what waits. */
    void ping() {
        synchronized (this) {
            if (state == State.DEAD || farewell != null) {
                return;
            }
            pingWanted = true;
            if (state != State.IDLE) {
                return;
            }
            state = State.BUSY;
        }
        run(null, null);
    }

    /** Closes the transport when all that waits has been written, or, with {@code discard}, what is in flight. */
    void finish(int code, String reason, boolean discard) {
        int dropped;
        boolean start;
        CompletableFuture<@Nullable Void> freed;
        synchronized (this) {
            refusing = true;
            dropped = discard && backlog != null ? backlog.roomFrames() : 0;
            if (discard) {
                dropBacklog();
            }
            if (farewell == null) {
                farewell = new Farewell(code, reason);
            }
            start = state == State.IDLE;
            state = start ? State.BUSY : state;
            freed = takeFreed();
        }
        complete(freed);
        if (dropped > 0) {
            owner.dropped(dropped);
        }
        if (start) {
            run(null, null);
        }
    }

    boolean isDead() {
        synchronized (this) {
            return state == State.DEAD;
        }
    }

    /** Forgets everything; the connection has ended. */
    void kill() {
        CompletableFuture<@Nullable Void> freed;
        synchronized (this) {
            state = State.DEAD;
            dropBacklog();
            freed = takeFreed();
        }
        complete(freed);
        flight.end();
    }

    private void dropBacklog() {
        if (backlog != null) {
            backlog.clear();
            backlog = null;
        }
    }

    /** Bytes that would be freed by the end of this connection. */
    long memory() {
        long waiting;
        synchronized (this) {
            waiting = backlog == null ? 0 : backlog.memory();
        }
        return waiting + flight.memory();
    }

    /** The operation under way has taken too long. */
    void tooLong() {
        owner.tooSlow(Limit.WRITE_DEADLINE);
    }

    /** The operation under way failed; told before it ends. */
    void failed(Throwable cause) {
        synchronized (this) {
            failure = cause;
        }
    }

    /** The operation that stayed under way has ended. */
    void landed() {
        run(null, null);
    }

    /** Works until nothing waits or an operation stays in flight. Called by whoever moved the state to BUSY. */
    private void run(@Nullable FrameBatch first, @Nullable RoomBatch firstShared) {
        // Who found the outbox idle knows that nothing comes before its batch.
        if (first != null && !flight.start(first, firstShared)) {
            return;
        }
        FrameBatch batch;
        RoomBatch shared;
        do {
            Throwable broken = null;
            Farewell last = null;
            List<Membership> missing = null;
            CompletableFuture<@Nullable Void> freed = null;
            boolean idle = false;
            shared = null;
            synchronized (this) {
                if (state == State.DEAD) {
                    return;
                }
                if (failure != null) {
                    broken = failure;
                    state = State.DEAD;
                    dropBacklog();
                    freed = takeFreed();
                    batch = null;
                } else if (pingWanted) {
                    pingWanted = false;
                    // What was in flight before it no longer counts.
                    flightBytes = 0;
                    batch = null;
                } else {
                    shared = backlog == null ? null : backlog.sole();
                    batch = take();
                    freed = takeFreed();
                    if (batch == null) {
                        last = farewell;
                        state = last == null ? State.IDLE : State.DEAD;
                        missing = last == null ? takeBehind() : null;
                        idle = last == null && missing == null;
                    }
                }
            }
            complete(freed);
            if (idle) {
                return;
            }
            if (broken != null) {
                owner.writeFailed(broken);
                return;
            }
            if (last != null) {
                say(last);
                return;
            }
            if (missing != null) {
                owner.drained(missing);
                return;
            }
        } while (flight.start(batch, shared));
    }

    /** A transport that throws here would throw into the delivery to other members. */
    private void say(Farewell last) {
        Workers.guarded(() -> transport.close(last.code, last.reason));
    }

    /** Whether a batch is not for this member now, whatever space there is. */
    private boolean refuses(Membership member, RoomBatch batch) {
        return switch (batch.kind) {
            case MESSAGES -> member.behind != null;
            case PRESENCE -> member.isHeld();
            case VOLATILE -> state != State.IDLE || member.isHeld();
            case KEYED -> false;
        };
    }

    /** Remembers what a member that is to be brought up again has missed. */
    private void note(Membership member, RoomBatch batch) {
        if (!refusing && state != State.DEAD) {
            member.missed(batch);
        }
    }

    private Backlog backlog() {
        if (backlog == null) {
            backlog = new Backlog(settings, memory);
        }
        return backlog;
    }

    private @Nullable FrameBatch take() {
        flightBytes = 0;
        if (backlog == null) {
            return null;
        }
        FrameBatch batch = backlog.take(format, WRITE_BYTES);
        flightBytes = backlog.taken();
        backlog = backlog.isEmpty() ? null : backlog;
        return batch;
    }

    private @Nullable List<Membership> takeBehind() {
        List<Membership> members = backlog == null ? null : backlog.takeBehind();
        backlog = null;
        return members;
    }
}

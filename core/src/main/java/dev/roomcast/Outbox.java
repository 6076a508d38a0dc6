package dev.roomcast;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection's outgoing queue: bounded, in order, with at most one operation of the transport in flight.
 *
 * <p>Who offers to an idle outbox starts the write on its own thread; who finds it busy only queues. When a write has ended,
 * all that waits goes out as the next one. An idle outbox holds no queue at all, and the frames of a batch are handed to
 * every member's transport as the same list: a delivery to a client that keeps up allocates nothing.
 *
 * <p>A transport may complete inline or on another thread. To keep the stack flat, an inline completion only leaves a mark
 * and the loop that started the write goes on:
 *
 * <pre>
 *   IDLE ──offer──▶ STARTING ──write returns──▶ IN_FLIGHT ──done──▶ STARTING …
 *                       │  ▲                                           │
 *                 done within write: ENDED ─▶ next round      nothing waits: IDLE
 * </pre>
 *
 * <p>Room traffic is bounded by bytes and frames, answers to the client by bytes of their own. When a bound is hit the owner
 * is told, once, with no lock held, and the outbox takes no more room traffic. Volatile frames are dropped while anything
 * waits or is in flight.
 *
 * <p>Lock: {@code this}, held for queue operations only, never while the transport or the owner is called.
 */
final class Outbox implements Transport.Completion {

    /** Whom an outbox tells. Called with no lock held, on any thread. */
    interface Owner {
        /** A bound was hit or a write took too long; the connection cannot go on. */
        void tooSlow(Limit limit);

        /** A write failed. Nothing is written any more. */
        void writeFailed(Throwable failure);

        /** Frames of rooms were dropped. */
        void dropped(int frames);
    }

    private enum State {
        IDLE,
        STARTING,
        ENDED,
        IN_FLIGHT,
        DEAD
    }

    /** A frame that answers the client, counted apart from room traffic. */
    private record Answer(TextFrame frame) {}

    /** The close that follows the last frame. */
    private record Farewell(int code, String reason) {}

    /** Most that one write carries. */
    private static final int WRITE_BYTES = 64 * 1024;

    private final Transport transport;
    private final Owner owner;
    private final Settings settings;
    private final WriteDeadlines deadlines;

    // All below: guarded by this.
    private State state = State.IDLE;
    private @Nullable ArrayDeque<Object> queue;
    private @Nullable Farewell farewell;
    private @Nullable Throwable failure;
    private boolean refusing;
    private boolean pingWanted;
    private boolean watched;
    private long roomBytes;
    private int roomFrames;
    private long answerBytes;
    private long flightBytes;
    private long flightStarted;

    Outbox(Transport transport, Owner owner, Settings settings, WriteDeadlines deadlines) {
        this.transport = transport;
        this.owner = owner;
        this.settings = settings;
        this.deadlines = deadlines;
    }

    /** Takes frames of a room. {@code frames} is shared and not changed. */
    void offer(List<TextFrame> frames, int bytes) {
        Limit hit;
        synchronized (this) {
            if (refusing || state == State.DEAD) {
                return;
            }
            if (state == State.IDLE) {
                state = State.STARTING;
                flightBytes = bytes;
                hit = null;
            } else {
                hit = boundFor(frames.size(), bytes);
                if (hit == null) {
                    frames.forEach(this::enqueue);
                    return;
                }
                refusing = true;
            }
        }
        if (hit == null) {
            run(frames);
        } else {
            owner.dropped(frames.size());
            owner.tooSlow(hit);
        }
    }

    /** Takes frames that are worth nothing when late: only an idle outbox does. */
    void offerVolatile(List<TextFrame> frames, int bytes) {
        boolean idle;
        synchronized (this) {
            idle = state == State.IDLE && !refusing;
            if (idle) {
                state = State.STARTING;
                flightBytes = bytes;
            }
        }
        if (idle) {
            run(frames);
        } else {
            owner.dropped(frames.size());
        }
    }

    /** Takes an answer to the client; false if the outbox takes none any more. */
    boolean answer(TextFrame frame) {
        boolean start = false;
        boolean full = false;
        synchronized (this) {
            if (farewell != null || state == State.DEAD) {
                return false;
            }
            if (state == State.IDLE) {
                state = State.STARTING;
                flightBytes = 0;
                start = true;
            } else if (answerBytes + frame.size() > settings.limit(Limit.CONTROL_BYTES)) {
                full = true;
            } else {
                enqueue(new Answer(frame));
            }
        }
        if (start) {
            run(List.of(frame));
        } else if (full) {
            owner.tooSlow(Limit.CONTROL_BYTES);
        }
        return !full;
    }

    /** Sends a ping as soon as no write is in flight. */
    void ping() {
        synchronized (this) {
            pingWanted = true;
            if (state != State.IDLE) {
                return;
            }
            state = State.STARTING;
        }
        run(null);
    }

    /** Closes the transport when all that waits has been written, or, with {@code discard}, what is in flight. */
    void finish(int code, String reason, boolean discard) {
        int dropped;
        boolean start;
        synchronized (this) {
            refusing = true;
            dropped = discard ? roomFrames : 0;
            if (discard) {
                clear();
            }
            if (farewell == null) {
                farewell = new Farewell(code, reason);
            }
            start = state == State.IDLE;
            state = start ? State.STARTING : state;
        }
        if (dropped > 0) {
            owner.dropped(dropped);
        }
        if (start) {
            run(null);
        }
    }

    /** Forgets everything; the connection has ended. */
    void kill() {
        synchronized (this) {
            state = State.DEAD;
            clear();
        }
    }

    /** Looks at the write in flight: tells the owner if it has taken too long; false if none is in flight any more. */
    boolean checkDeadline(long now) {
        boolean late;
        synchronized (this) {
            if (state != State.IN_FLIGHT) {
                watched = false;
                return false;
            }
            late = now - flightStarted
                    >= settings.duration(Limit.WRITE_DEADLINE).toNanos();
            watched = !late;
        }
        if (late) {
            owner.tooSlow(Limit.WRITE_DEADLINE);
        }
        return !late;
    }

    @Override
    public void done(@Nullable Throwable cause) {
        synchronized (this) {
            if (cause != null) {
                failure = cause;
            }
            if (state == State.STARTING) {
                state = State.ENDED;
                return;
            }
            if (state != State.IN_FLIGHT) {
                return;
            }
            state = State.STARTING;
        }
        run(null);
    }

    /** Works until nothing waits or an operation stays in flight. Called by whoever moved the state to STARTING. */
    private void run(@Nullable List<TextFrame> first) {
        List<TextFrame> batch = first;
        while (true) {
            Throwable broken = null;
            Farewell last = null;
            synchronized (this) {
                if (state == State.DEAD) {
                    return;
                }
                state = State.STARTING;
                if (failure != null) {
                    broken = failure;
                    state = State.DEAD;
                    clear();
                } else if (batch == null && !pingWanted) {
                    batch = take();
                    if (batch == null) {
                        last = farewell;
                        state = last == null ? State.IDLE : State.DEAD;
                        if (last == null) {
                            return;
                        }
                    }
                } else if (batch == null) {
                    // A ping: what was in flight before it no longer counts.
                    flightBytes = 0;
                }
                flightStarted = deadlines.now();
            }
            if (broken != null) {
                owner.writeFailed(broken);
                return;
            }
            if (last != null) {
                say(last);
                return;
            }
            start(batch);
            batch = null;
            if (staysInFlight()) {
                return;
            }
        }
    }

    /** A transport that throws here would throw into the delivery to other members. */
    private void say(Farewell last) {
        Workers.guarded(() -> transport.close(last.code, last.reason));
    }

    private void start(@Nullable List<TextFrame> batch) {
        try {
            if (batch != null) {
                transport.write(FrameBatch.of(batch), this);
            } else {
                synchronized (this) {
                    pingWanted = false;
                }
                transport.ping(this);
            }
        } catch (RuntimeException | Error e) {
            done(e);
        }
    }

    private boolean staysInFlight() {
        boolean watch;
        synchronized (this) {
            if (state == State.ENDED) {
                return false;
            }
            if (state != State.STARTING) {
                return true;
            }
            state = State.IN_FLIGHT;
            watch = !watched;
            watched = true;
        }
        if (watch) {
            deadlines.watch(this);
        }
        return true;
    }

    private @Nullable Limit boundFor(int frames, int bytes) {
        if (roomFrames + frames > settings.limit(Limit.OUTBOX_FRAMES)) {
            return Limit.OUTBOX_FRAMES;
        }
        return roomBytes + flightBytes + bytes > settings.limit(Limit.OUTBOX_BYTES) ? Limit.OUTBOX_BYTES : null;
    }

    private void enqueue(Object item) {
        if (queue == null) {
            queue = new ArrayDeque<>(8);
        }
        queue.add(item);
        count(item, 1);
    }

    private void count(Object item, int sign) {
        if (item instanceof Answer answer) {
            answerBytes += (long) sign * answer.frame.size();
        } else if (item instanceof TextFrame frame) {
            roomBytes += (long) sign * frame.size();
            roomFrames += sign;
        }
    }

    /** What goes out next: at least one frame if any waits, and no more than one write should carry. */
    private @Nullable List<TextFrame> take() {
        flightBytes = 0;
        if (queue == null || queue.isEmpty()) {
            queue = null;
            return null;
        }
        List<TextFrame> batch = new ArrayList<>(Math.min(queue.size(), 64));
        int bytes = 0;
        while (!queue.isEmpty() && bytes < WRITE_BYTES) {
            Object item = queue.remove();
            count(item, -1);
            TextFrame frame = item instanceof Answer answer ? answer.frame : (TextFrame) item;
            flightBytes += item instanceof Answer ? 0 : frame.size();
            bytes += frame.size();
            batch.add(frame);
        }
        return batch;
    }

    private void clear() {
        queue = null;
        roomBytes = 0;
        roomFrames = 0;
        answerBytes = 0;
    }
}

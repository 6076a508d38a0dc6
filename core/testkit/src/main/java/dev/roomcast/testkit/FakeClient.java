package dev.roomcast.testkit;

import dev.roomcast.Rooms;
import dev.roomcast.message.Content;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client without a network, and the transport that the hub writes to. By default it reads at once, answers pings and
 * completes a closing handshake, as a good client does. Safe for use by any thread.
 */
public final class FakeClient implements Transport {

    // All below: guarded by this; nothing of the hub is called while it is held.
    private final List<Received> frames = new ArrayList<>();
    private final List<Completion> held = new ArrayList<>();
    private @Nullable Inbound inbound;

    /** Pongs, and an end, that the hub has caused before it returned the way in; told once there is one. */
    private int pongsOwed;

    private int endOwed = -1;
    private boolean reads = true;
    private boolean answersPings = true;
    private boolean answersClose = true;
    private boolean ended;
    private boolean aborted;
    private int pings;
    private int writes;
    private int closeCode = -1;
    private String closeReason = "";

    private FakeClient() {}

    /**
     * Connects with {@code ?user=…&room=…}.
     *
     * @param rooms the hub
     * @param user who
     * @param room where to
     * @return the connected client
     */
    public static FakeClient connect(Rooms rooms, String user, String room) {
        return connect(
                rooms,
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", room)
                        .build());
    }

    /**
     * Connects with {@code ?user=…} and no room.
     *
     * @param rooms the hub
     * @param user who
     * @return the connected client
     */
    public static FakeClient connect(Rooms rooms, String user) {
        return connect(rooms, Handshake.builder().parameter("user", user).build());
    }

    /**
     * Connects.
     *
     * @param rooms the hub
     * @param handshake the request
     * @return the connected client
     */
    public static FakeClient connect(Rooms rooms, Handshake handshake) {
        FakeClient client = new FakeClient();
        client.accepted(rooms.accept(handshake, client));
        return client;
    }

    /**
     * Sends {@code {"content":…}}.
     *
     * @param content any value
     */
    public void says(@Nullable Object content) {
        sends("{\"content\":" + Content.of(content).json() + "}");
    }

    /**
     * Sends a text as it is.
     *
     * @param text anything
     */
    public void sends(String text) {
        inbound().text(text);
    }

    /**
     * Sends several texts that arrive in one piece.
     *
     * @param texts anything
     */
    public void sendsTogether(String... texts) {
        inbound().texts(List.of(texts));
    }

    /** Sends a binary message. */
    public void sendsBinary() {
        inbound().binary();
    }

    /**
     * Sends parts of a message whose end does not come.
     *
     * @param bytes of all its parts so far
     */
    public void sendsUnfinished(int bytes) {
        inbound().unfinished(bytes);
    }

    /** Stops reading: a write stays in flight until {@link #readsAgain()}. */
    public synchronized void stopsReading() {
        reads = false;
    }

    /** Reads what was held back, and goes on reading. */
    public void readsAgain() {
        List<Completion> now;
        synchronized (this) {
            reads = true;
            now = List.copyOf(held);
            held.clear();
        }
        now.forEach(completion -> completion.done(null));
    }

    /** Completes the write in flight, if there is one, and keeps holding the next. */
    public void readsOnce() {
        Completion next;
        synchronized (this) {
            next = held.isEmpty() ? null : held.remove(0);
        }
        if (next != null) {
            next.done(null);
        }
    }

    /** Lets pings go unanswered from now on. */
    public synchronized void ignoresPings() {
        answersPings = false;
    }

    /** Lets a close of the hub go unanswered. */
    public synchronized void ignoresClose() {
        answersClose = false;
    }

    /** Closes in order, with code 1000. */
    public void closes() {
        end(1000);
    }

    /** Is gone without a word, and the container has noticed: code 1006. */
    public void vanishes() {
        end(1006);
    }

    /**
     * What arrived so far.
     *
     * @return a copy
     */
    public synchronized List<Received> frames() {
        return List.copyOf(frames);
    }

    /**
     * What arrived so far of one type.
     *
     * @param type the type
     * @return a copy
     */
    public List<Received> frames(String type) {
        return frames().stream().filter(frame -> frame.type().equals(type)).toList();
    }

    /**
     * The newest frame of one type.
     *
     * @param type the type
     * @return the frame
     * @throws AssertionError if there is none within ten seconds
     */
    public Received last(String type) {
        await("a frame of type " + type, client -> !client.frames(type).isEmpty());
        List<Received> all = frames(type);
        return all.get(all.size() - 1);
    }

    /** Forgets what arrived so far. */
    public synchronized void forget() {
        frames.clear();
    }

    /**
     * How many writes there were, each of one frame or of many.
     *
     * @return the number so far
     */
    public synchronized int writes() {
        return writes;
    }

    /**
     * How often it was pinged.
     *
     * @return the count
     */
    public synchronized int pings() {
        return pings;
    }

    /**
     * With which code the hub closed.
     *
     * @return the code; empty if it did not
     */
    public synchronized Optional<Integer> closeCode() {
        return closeCode < 0 ? Optional.empty() : Optional.of(closeCode);
    }

    /**
     * What the hub said when it closed.
     *
     * @return the reason; empty if it did not close
     */
    public synchronized String closeReason() {
        return closeReason;
    }

    /**
     * Whether the hub cut the connection.
     *
     * @return true after {@code abort}
     */
    public synchronized boolean isAborted() {
        return aborted;
    }

    /**
     * Waits until something holds, at most ten seconds of real time. Returns at once if it holds already.
     *
     * @param what for the failure's text
     * @param condition looks at this client
     * @throws AssertionError if it does not hold in time
     */
    public void await(String what, Predicate<FakeClient> condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        synchronized (this) {
            while (!condition.test(this)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("expected " + what + ", but this is what came: "
                            + frames.stream().map(Received::json).toList());
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while waiting for " + what, e);
                }
            }
        }
    }

    // What the hub calls.

    @Override
    public void write(FrameBatch batch, Completion completion) {
        boolean now;
        boolean failed;
        synchronized (this) {
            failed = ended;
            now = reads || ended;
            writes++;
            if (!failed) {
                batch.frames().stream()
                        .flatMap(frame -> frame.text().lines())
                        .forEach(line -> frames.add(Received.of(line)));
            }
            if (!now) {
                held.add(completion);
            }
            notifyAll();
        }
        if (now) {
            completion.done(failed ? new IllegalStateException("the connection has ended") : null);
        }
    }

    @Override
    public void ping(Completion completion) {
        Inbound told;
        synchronized (this) {
            pings++;
            boolean answer = answersPings && reads && !ended;
            told = answer ? inbound : null;
            pongsOwed += answer && inbound == null ? 1 : 0;
            notifyAll();
        }
        completion.done(null);
        if (told != null) {
            told.pong();
        }
    }

    @Override
    public void close(int code, String reason) {
        boolean answer;
        synchronized (this) {
            if (closeCode < 0) {
                closeCode = code;
                closeReason = reason;
            }
            answer = answersClose;
            notifyAll();
        }
        if (answer) {
            end(code);
        }
    }

    @Override
    public void abort() {
        synchronized (this) {
            aborted = true;
            notifyAll();
        }
        end(1006);
    }

    private void end(int code) {
        Inbound told;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            told = inbound;
            endOwed = told == null ? code : -1;
            notifyAll();
        }
        if (told != null) {
            told.closed(code);
        }
    }

    /** The way in is there: tells it what it has missed. */
    private void accepted(Inbound way) {
        int pongs;
        int end;
        synchronized (this) {
            inbound = way;
            pongs = pongsOwed;
            end = endOwed;
        }
        for (int i = 0; i < pongs; i++) {
            way.pong();
        }
        if (end >= 0) {
            way.closed(end);
        }
    }

    private Inbound inbound() {
        synchronized (this) {
            return Objects.requireNonNull(inbound, "not connected yet");
        }
    }
}

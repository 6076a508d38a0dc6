package dev.roomcast.client;

import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that each send gets exactly one outcome: what it writes is answered, repeated on the next connection, or given up
 * four minutes after the first write. Guarded by the session's lock.
 *
 * <p>What is refused was not said, with one exception: a repeat of what was written before and got no answer. The first may
 * have been taken in, so its outcome is unknown whatever the repeat is told.
 */
final class Sending {

    /** After which a socket that was behind is looked at again. */
    private static final Duration AGAIN = Duration.ofMillis(20);

    private final Session session;
    private final Sends sends;
    private final Latest latest;
    private boolean expiryArmed;
    private boolean againArmed;

    Sending(Session session) {
        this.session = session;
        this.sends = new Sends(session.settings.mostSends(), session.settings.mostSendBytes());
        this.latest = new Latest(session.settings.mostSends(), session.settings.mostSendBytes());
    }

    /** Returns where its outcome will be: that of an earlier one if the same is sent again while it waits. */
    CompletableFuture<Position> add(Send send) {
        Send earlier = sends.find(send.id);
        if (earlier != null && earlier.text.equals(send.text)) {
            return earlier.result;
        }
        if (earlier != null) {
            session.refuse(send, SendException.ID_CONFLICT, "another message with this id waits for its answer");
        } else if (!sends.add(send)) {
            session.refuse(send, SendException.TOO_MANY, sends.count() + " messages wait for their answer");
        }
        return send.result;
    }

    /** One of which only the latest of its key matters; false if too much waits. */
    boolean addLatest(String key, Send send) {
        return latest.put(key, send);
    }

    /** As many as may be on their way, and behind them all that nobody answers. */
    void write() {
        for (Send send = next(); send != null; send = next()) {
            session.write(send.text);
            armExpiry();
        }
        writeLatest();
    }

    /** Nothing bounds these but the socket: while that is behind, a later one may still take the place of one that waits. */
    private void writeLatest() {
        if (!session.outlet.isBehind()) {
            latest.take(Sending::isIn).forEach(send -> session.write(send.text));
        } else if (!latest.isEmpty() && !againArmed) {
            againArmed = true;
            session.time.after(AGAIN, () -> session.in(this::again));
        }
    }

    private void again() {
        againArmed = false;
        session.pump();
    }

    private @Nullable Send next() {
        return sends.next(session.time, send -> isIn(send.room));
    }

    private static boolean isIn(RoomState room) {
        return room.wanted && room.stage == RoomState.Stage.IN;
    }

    private void armExpiry() {
        long oldest = expiryArmed ? Send.NEVER : sends.oldestWrite();
        if (oldest != Send.NEVER) {
            expiryArmed = true;
            long left = oldest + Sends.PATIENCE.toNanos() - session.time.nanos();
            session.time.after(Duration.ofNanos(left), () -> session.in(this::expire));
        }
    }

    private void expire() {
        expiryArmed = false;
        giveUpOld();
        armExpiry();
        session.pump();
    }

    /** Too old by either clock: one stands still while the machine sleeps, the other may be set. */
    private void giveUpOld() {
        long now = session.time.nanos();
        long date = session.time.millis();
        for (Send send : sends.removeIf(sent -> sent.wasWritten()
                && (now - sent.firstWrite >= Sends.PATIENCE.toNanos()
                        || date - sent.firstDate >= Sends.PATIENCE.toMillis()))) {
            session.fail(send.result, SendException.OUTCOME_UNKNOWN, "there was no answer in four minutes");
        }
    }

    void acknowledged(ServerFrame frame) {
        Position position = frame.position("offset");
        Send send = sends.remove(frame.text("id", ""));
        if (send != null && position != null) {
            session.tell(() -> send.result.complete(position));
        } else if (send != null) {
            session.fail(send.result, SendException.OUTCOME_UNKNOWN, "the answer names no position");
        }
    }

    /** The server will not have it. */
    void refused(String id, String code, String message) {
        Send send = sends.remove(id);
        if (send != null && send.uncertain) {
            String why = "a repeat was refused, " + code + ": " + message;
            session.fail(send.result, SendException.OUTCOME_UNKNOWN, why);
        } else if (send != null) {
            session.fail(send.result, code, message);
        }
    }

    /** The server will not have it now. */
    @Nullable
    Send hold(String id, boolean uncertain) {
        Send held = sends.hold(id);
        if (held != null) {
            held.uncertain |= uncertain;
        }
        return held;
    }

    void release(Send held) {
        held.held = false;
        failOrphans();
    }

    /** The server has refused something unnamed that cannot be repaired; true if that can only have been a send. */
    boolean blame(String code, String message) {
        if (sends.inFlight() == 0) {
            return false;
        }
        Send send = sends.blame();
        if (send != null) {
            session.fail(send.result, code, message);
        }
        failOrphans();
        return true;
    }

    void slowDown() {
        giveUpOld();
        sends.slowDown();
        failOrphans();
    }

    /** There is a new connection, or none. */
    void restart() {
        giveUpOld();
        sends.restart();
        failOrphans();
    }

    /** Those that are not on their way and whose room the client is in no more. */
    void failOrphans() {
        for (Send send : sends.removeIf(sent -> !sent.inFlight && !session.rooms.has(sent.room))) {
            session.fail(
                    send.result,
                    send.uncertain ? SendException.OUTCOME_UNKNOWN : SendException.NOT_JOINED,
                    "the client is not in the room");
        }
        latest.take(room -> !session.rooms.has(room));
    }

    /** Nothing will be answered any more. */
    void dismiss() {
        latest.take(any -> true);
        for (Send send : sends.removeIf(any -> true)) {
            if (send.wasWritten()) {
                session.fail(send.result, SendException.OUTCOME_UNKNOWN, "the client was closed before the answer");
            } else {
                session.fail(send.result, SendException.CLOSED, "the client was closed before it was sent");
            }
        }
    }
}

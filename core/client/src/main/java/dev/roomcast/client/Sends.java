package dev.roomcast.client;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was sent and has no answer yet, in order: bounded by number and bytes, with a window of those that are on their way.
 * The window is what the server takes in while it is busy with an earlier one (32 messages, 64 KiB), with room to spare.
 * Guarded by the session's lock.
 */
final class Sends {

    /** The server forgets an id after five minutes; a repeat must reach it before that. */
    static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final int WINDOW = 16;
    private static final int WINDOW_BYTES = 32 * 1024;

    private final int mostMessages;
    private final long mostBytes;
    private final Map<String, Send> waiting = new LinkedHashMap<>();
    private long bytes;
    private int inFlight;
    private long bytesInFlight;
    private int window = WINDOW;
    private int answers;

    Sends(int mostMessages, long mostBytes) {
        this.mostMessages = mostMessages;
        this.mostBytes = mostBytes;
    }

    /** False if it has no place. */
    boolean add(Send send) {
        if (waiting.size() >= mostMessages || bytes + send.bytes > mostBytes) {
            return false;
        }
        waiting.put(send.id, send);
        bytes += send.bytes;
        return true;
    }

    /** The one that waits under an id; null if none does. */
    @Nullable
    Send find(String id) {
        return waiting.get(id);
    }

    /** The next one to write, marked as written; null if there is none, or the window is full. */
    @Nullable
    Send next(Time time, Predicate<Send> isReady) {
        if (inFlight >= window) {
            return null;
        }
        for (Send send : waiting.values()) {
            if (!send.inFlight && !send.held && isReady.test(send)) {
                if (inFlight > 0 && bytesInFlight + send.bytes > WINDOW_BYTES) {
                    return null;
                }
                send.inFlight = true;
                if (!send.wasWritten()) {
                    send.firstWrite = time.nanos();
                    send.firstDate = time.millis();
                }
                inFlight++;
                bytesInFlight += send.bytes;
                return send;
            }
        }
        return null;
    }

    /** Takes one out that was answered; null if nobody waits for it any more. */
    @Nullable
    Send remove(String id) {
        Send send = waiting.remove(id);
        if (send != null) {
            bytes -= send.bytes;
            landed(send);
            speedUp();
        }
        return send;
    }

    /** It was refused for the moment: it waits to be released. Null if nobody waits for it any more. */
    @Nullable
    Send hold(String id) {
        Send send = waiting.get(id);
        if (send != null) {
            landed(send);
            send.held = true;
        }
        return send;
    }

    /** Nothing that is on its way can be relied on to be answered: all of it is to be written again. */
    void repeatAll() {
        for (Send send : waiting.values()) {
            if (send.inFlight) {
                landed(send);
                send.uncertain = true;
            }
        }
    }

    /** A new connection, on which nothing is known to be wrong. */
    void restart() {
        repeatAll();
        waiting.values().forEach(send -> send.held = false);
        window = WINDOW;
    }

    /** The server has refused some because they were too many: fewer at once from now on. */
    void slowDown() {
        window = Math.max(1, window / 2);
        repeatAll();
    }

    /** One was acknowledged; as many as the window has at most, and it grows by one. */
    private void speedUp() {
        answers++;
        if (answers % WINDOW == 0 && window < WINDOW) {
            window++;
        }
    }

    /**
     * The server has refused one without saying which. If only one is on its way, that is it, and is taken out. Otherwise they
     * go out again one by one, and the next refusal names it.
     */
    @Nullable
    Send blame() {
        Send only = null;
        for (Send send : waiting.values()) {
            only = send.inFlight ? send : only;
        }
        if (inFlight == 1 && only != null) {
            return remove(only.id);
        }
        window = 1;
        repeatAll();
        return null;
    }

    /** Takes out all that fit. */
    List<Send> removeIf(Predicate<Send> fits) {
        List<Send> removed = new ArrayList<>();
        for (Iterator<Send> all = waiting.values().iterator(); all.hasNext(); ) {
            Send send = all.next();
            if (fits.test(send)) {
                all.remove();
                bytes -= send.bytes;
                landed(send);
                removed.add(send);
            }
        }
        return removed;
    }

    /** When the first of those that were written was written; {@link Send#NEVER} if none was. */
    long oldestWrite() {
        return waiting.values().stream()
                .filter(Send::wasWritten)
                .mapToLong(send -> send.firstWrite)
                .min()
                .orElse(Send.NEVER);
    }

    int inFlight() {
        return inFlight;
    }

    int count() {
        return waiting.size();
    }

    private void landed(Send send) {
        if (send.inFlight) {
            send.inFlight = false;
            inFlight--;
            bytesInFlight -= send.bytes;
        }
    }
}

package dev.roomcast.jakarta;

import dev.roomcast.log.FaultLog;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time in the order in which they came. Who finds it idle runs its own task, and then what others have
 * added meanwhile; who finds it busy only adds. Never blocks by itself.
 *
 * <p>A container delivers the messages of a connection one by one, but reports its end from whatever thread saw it, also in
 * the middle of a message. The hub is promised one call at a time, so all of them go through here.
 */
final class Serial {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.jakarta"));

    // Guarded by this. A queue only while tasks wait, since most connections are idle most of the time.
    private boolean busy;
    private @Nullable Queue<Runnable> waiting;

    void run(Runnable task) {
        synchronized (this) {
            if (busy) {
                if (waiting == null) {
                    waiting = new ArrayDeque<>(4);
                }
                waiting.add(task);
                return;
            }
            busy = true;
        }
        for (Runnable next = task; next != null; next = next()) {
            runGuarded(next);
        }
    }

    private @Nullable Runnable next() {
        synchronized (this) {
            Runnable next = waiting == null ? null : waiting.poll();
            if (next == null) {
                waiting = null;
                busy = false;
            }
            return next;
        }
    }

    private static void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            FAULTS.hostFault(System.Logger.Level.ERROR, "An event of a connection failed", null, e);
        }
    }
}

package dev.roomcast;

import dev.roomcast.time.Time;
import org.jspecify.annotations.Nullable;

/**
 * What most connections never have, and each of which is made when it is asked for: timers, answers about access, answers
 * that are late, and what the client knows of the hub's state. Thread-safe; nothing foreign is called while the lock,
 * {@code this}, is held.
 */
final class Seldom {

    private final Time time;

    // All guarded by this.
    private @Nullable OneTimer identityTimer;
    private @Nullable OneTimer cutTimer;
    private @Nullable Grants grants;
    private @Nullable Unanswered unanswered;
    private boolean over;
    private boolean knowsIsolation;
    private boolean tellingStatus;

    Seldom(Time time) {
        this.time = time;
    }

    /** Where someone has to say who it is, or may be it for a while only. */
    synchronized OneTimer identityTimer() {
        if (identityTimer == null) {
            identityTimer = new OneTimer(time);
            if (over) {
                identityTimer.end();
            }
        }
        return identityTimer;
    }

    /** Nothing depends any more on who it is. */
    synchronized void endIdentity() {
        over = true;
        if (identityTimer != null) {
            identityTimer.end();
        }
    }

    /** From the end of the connection on. */
    synchronized OneTimer cutTimer() {
        cutTimer = cutTimer == null ? new OneTimer(time) : cutTimer;
        return cutTimer;
    }

    /** Where access is asked for. */
    synchronized Grants grants() {
        grants = grants == null ? new Grants() : grants;
        return grants;
    }

    /** How often access was forgotten, see {@link Grants#generation}. */
    synchronized int grantGeneration() {
        return grants == null ? 0 : grants.generation();
    }

    /** From the first answer on that is late. */
    synchronized Unanswered unanswered() {
        unanswered = unanswered == null ? new Unanswered() : unanswered;
        return unanswered;
    }

    /** Whether the connection ends as soon as its client has its answers. */
    synchronized boolean isLeaving() {
        return unanswered != null && unanswered.isLast();
    }

    /** What the client is to be told of the hub's state; null if it knows, or another thread is at it. */
    synchronized @Nullable Status takeStatus(Status now) {
        boolean isolated = now == Status.ISOLATED;
        if (tellingStatus || knowsIsolation == isolated) {
            return null;
        }
        tellingStatus = true;
        knowsIsolation = isolated;
        return now;
    }

    /** It has been told, and who took another status meanwhile left that to this one. */
    synchronized void toldStatus() {
        tellingStatus = false;
    }
}

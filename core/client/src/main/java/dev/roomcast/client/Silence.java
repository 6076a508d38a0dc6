package dev.roomcast.client;

import java.time.Duration;

/**
 * Finds out that nobody is there any more. The server pings at each heartbeat, which counts as a sign of life like anything
 * else; after half as long again without one the client asks, and without an answer the connection is given up. While the
 * application holds up the reading, silence says nothing.
 */
final class Silence {

    private static final long SECOND = 1_000_000_000;
    private static final long LONGEST_ANSWER = 10 * SECOND;

    private final Phase phase;
    private final Runnable ask;
    private final Runnable giveUp;
    private final long patience;
    private final long answer;

    Silence(Phase phase, long heartbeatMillis, Runnable ask, Runnable giveUp) {
        this.phase = phase;
        this.ask = ask;
        this.giveUp = giveUp;
        long beat = Math.max(SECOND, Math.min(heartbeatMillis, Integer.MAX_VALUE) * 1_000_000);
        this.patience = beat + beat / 2;
        this.answer = Math.min(beat, LONGEST_ANSWER);
    }

    void watch() {
        long silent = phase.session.isBusy() ? 0 : phase.session.time.nanos() - phase.session.heardAt();
        if (silent < patience) {
            phase.after(Duration.ofNanos(patience - silent), this::watch);
            return;
        }
        ask.run();
        long heard = phase.session.heardAt();
        phase.after(Duration.ofNanos(answer), () -> judge(heard));
    }

    private void judge(long heard) {
        if (phase.session.isBusy() || phase.session.heardAt() != heard) {
            watch();
        } else {
            giveUp.run();
        }
    }
}

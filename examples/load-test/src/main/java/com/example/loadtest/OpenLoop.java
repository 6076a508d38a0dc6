package com.example.loadtest;

import java.util.List;

/**
 * Sends at set times, whether the server keeps up or not. A message counts from the time at which it should have been
 * sent, so a server that stalls is charged for all that it made wait (otherwise the omission would be coordinated: the
 * fewer messages were sent, the fewer would be slow).
 */
final class OpenLoop implements Schedule {

    /** What one connection may have waiting to be written; the server does not read that fast. */
    private static final int BACKLOG_BYTES = 256 * 1024;

    private static final int AT_ONCE = 64;

    /** Who sends. */
    interface Sender {

        /** Sends a message at once, with the time from which its latency counts. */
        void send(long intended);

        /** Bytes that it could not send yet. */
        int backlog();
    }

    private final List<? extends Sender> senders;
    private final long begin;
    private final double nanosBetween;
    private long sent;

    /**
     * Has them send in turn.
     *
     * @param begin when the first of them is due, in nanoseconds since the run began
     * @param perSecond messages of all together
     */
    OpenLoop(List<? extends Sender> senders, long begin, double perSecond) {
        this.senders = senders;
        this.begin = begin;
        this.nanosBetween = 1e9 / perSecond;
    }

    @Override
    public long due() {
        return begin + (long) (sent * nanosBetween);
    }

    @Override
    public void run(long now) {
        for (int i = 0; i < AT_ONCE && due() <= now; i++) {
            Sender sender = senders.get((int) (sent % senders.size()));
            if (sender.backlog() > BACKLOG_BYTES) {
                return;
            }
            sender.send(due());
            sent++;
        }
    }
}

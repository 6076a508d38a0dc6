package com.example.loadtest;

import java.util.List;

/**
 * Publishes at set times, whether the server keeps up or not. A message counts from the time at which it should have been
 * sent, so a server that stalls is charged for all that it made wait (otherwise the omission would be coordinated: the
 * fewer messages were sent, the fewer would be slow).
 */
final class OpenLoop implements Schedule {

    /** What one connection may have waiting to be written; the server does not read that fast. */
    private static final int BACKLOG_BYTES = 256 * 1024;

    private static final int AT_ONCE = 64;

    private final List<Publisher> publishers;
    private final long begin;
    private final double nanosBetween;
    private long published;

    /**
     * Publishes in turn.
     *
     * @param begin when the first of them is due, in nanoseconds since the run began
     * @param perSecond messages of these publishers together
     */
    OpenLoop(List<Publisher> publishers, long begin, double perSecond) {
        this.publishers = publishers;
        this.begin = begin;
        this.nanosBetween = 1e9 / perSecond;
    }

    @Override
    public long due() {
        return begin + (long) (published * nanosBetween);
    }

    @Override
    public void run(long now) {
        for (int i = 0; i < AT_ONCE && due() <= now; i++) {
            Publisher publisher = publishers.get((int) (published % publishers.size()));
            if (publisher.client().backlog() > BACKLOG_BYTES) {
                return;
            }
            publisher.publish(due());
            publisher.client().flush();
            published++;
        }
    }
}

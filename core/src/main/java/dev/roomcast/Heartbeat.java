package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;

/**
 * Finds dead connections. Each watched peer is pinged once per interval; one of which nothing at all was heard between one
 * ping and the next round is declared dead. Any sign counts as life, not only the answer to the ping. So a dead peer is
 * found between one and two intervals after its last sign.
 *
 * <p>One timer serves all peers, and their pings are spread over the interval: ten thousand clients that came in the same
 * second are not pinged in the same second. Safe for use by any thread; no method blocks.
 */
public interface Heartbeat extends AutoCloseable {

    /** Who is watched. Called on the timer thread; must not block. */
    interface Peer {
        /** Asks for a sign of life. */
        void ping();

        /** No sign came. Called once; the peer is not watched any more. */
        void dead();
    }

    /** The watch over one peer. */
    interface Watch {
        /** The peer gave a sign of life. Costs one write to memory. */
        void heard();

        /** Ends the watch. Idempotent. */
        void stop();
    }

    /**
     * How often each peer is pinged.
     *
     * @return the interval
     */
    Duration interval();

    /**
     * Starts to watch a peer, as one that has just been heard.
     *
     * @param peer who
     * @return the watch
     */
    Watch watch(Peer peer);

    /**
     * Who is being watched.
     *
     * @return how many peers
     */
    int watched();

    /** Ends all watches; no peer is called any more. Idempotent. */
    @Override
    void close();

    /**
     * A heartbeat on the timer thread of a clock.
     *
     * @param interval how often each peer is pinged; at least 1 ms
     * @param time clock and timers
     * @return a new heartbeat
     * @throws IllegalArgumentException if the interval is shorter than a millisecond
     */
    static Heartbeat every(Duration interval, Time time) {
        return new HeartbeatWheel(interval, time);
    }
}

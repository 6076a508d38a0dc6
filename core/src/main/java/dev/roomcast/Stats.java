package dev.roomcast;

import java.util.Map;

/**
 * What a hub holds and has done, at one moment. Gauges ({@code connections}, {@code rooms}, {@code memberships},
 * {@code timers}) go back to zero when all clients have gone; the others only grow.
 *
 * @param connections open connections on this instance
 * @param rooms rooms with members on this instance
 * @param memberships pairs of connection and room on this instance
 * @param timers timers that wait: deadlines, graces, the heartbeat
 * @param memory bytes that count against {@link Limit#MEMORY_BYTES}: a gauge; history and ids of an in-memory hub are among
 *     them, and go when they are too old
 * @param published messages taken by the broadcaster
 * @param delivered frames handed to connections, one for each member that receives a message
 * @param dropped frames that a slow connection did not get
 * @param handshakesRefused requests that did not become connections
 * @param isolations how often the bridge's backend was lost; see {@link Rooms#status}
 * @param closes connections that the hub closed, by reason
 * @param refusals messages that were refused, by reason
 * @param limits how often each limit was hit
 */
public record Stats(
        int connections,
        int rooms,
        int memberships,
        int timers,
        long memory,
        long published,
        long delivered,
        long dropped,
        long handshakesRefused,
        long isolations,
        Map<CloseCode, Long> closes,
        Map<ErrorCode, Long> refusals,
        Map<Limit, Long> limits) {

    /**
     * How often a limit was hit.
     *
     * @param limit which
     * @return the count since the hub was built
     */
    public long hits(Limit limit) {
        return limits.getOrDefault(limit, 0L);
    }

    /**
     * How many connections the hub closed for one reason.
     *
     * @param code why
     * @return the count since the hub was built
     */
    public long closed(CloseCode code) {
        return closes.getOrDefault(code, 0L);
    }

    /**
     * How many messages were refused for one reason.
     *
     * @param code why
     * @return the count since the hub was built
     */
    public long refused(ErrorCode code) {
        return refusals.getOrDefault(code, 0L);
    }
}

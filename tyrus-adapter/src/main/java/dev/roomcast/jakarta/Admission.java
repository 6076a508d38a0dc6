package dev.roomcast.jakarta;

import dev.roomcast.Rooms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that {@link RoomFilter} has let through, on its way to the {@link Doorman}. A servlet container runs the filter
 * and the upgrade behind it on one thread, and shows the upgrade nothing of what a filter adds to the request; so it stands
 * by the thread.
 *
 * @param rooms the hub that was asked
 * @param remoteAddress the peer's, which the upgrade is not told
 * @param parameters of the URL, decoded; some containers show the upgrade a query that is decoded already
 */
record Admission(Rooms rooms, @Nullable String remoteAddress, Map<String, List<String>> parameters) {

    private static final ThreadLocal<Admission> CURRENT = new ThreadLocal<>();

    static Optional<Admission> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    void begin() {
        CURRENT.set(this);
    }

    static void end() {
        CURRENT.remove();
    }
}

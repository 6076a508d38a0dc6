package dev.roomcast.bridge;

import dev.roomcast.message.Content;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One {@link RoomRoster} per room that has members. An empty one retires and leaves the map; the next one starts with a
 * {@code rev} that no retired one ever reached, so that a reader who remembers the old room never takes new news for old.
 */
final class LocalRoster implements Roster {

    private final Bridge.Context context;
    private final ConcurrentMap<String, RoomRoster> rosters = new ConcurrentHashMap<>();
    private final AtomicLong highestRetiredRev = new AtomicLong();

    LocalRoster(Bridge.Context context) {
        this.context = context;
    }

    @Override
    public CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta) {
        long rev = inRoster(room, roster -> roster.join(userId, connectionId, meta));
        context.delivery().release(room);
        return CompletableFuture.completedFuture(rev);
    }

    @Override
    public CompletionStage<@Nullable Void> leave(
            String room, String userId, String connectionId, RosterChange.Cause cause, Duration grace) {
        RoomRoster roster = rosters.get(room);
        if (roster != null) {
            roster.leave(userId, connectionId, cause, grace);
            // A connection also ends on a timer or I/O thread, which must not deliver.
            context.delivery().releaseElsewhere(room);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta) {
        RoomRoster roster = rosters.get(room);
        boolean updated = roster != null && roster.update(userId, meta);
        if (updated) {
            context.delivery().release(room);
        }
        return CompletableFuture.completedFuture(updated);
    }

    @Override
    public CompletionStage<RosterSnapshot> read(String room) {
        while (true) {
            RoomRoster roster = rosters.get(room);
            RosterSnapshot snapshot = roster == null ? nobody(room) : roster.read();
            if (snapshot != null) {
                return CompletableFuture.completedFuture(snapshot);
            }
        }
    }

    /**
     * The snapshot of a room without a roster; null if one has begun meanwhile. The revision is taken while none can begin:
     * that one might begin below it, and its news would be taken for old.
     */
    private @Nullable RosterSnapshot nobody(String room) {
        RosterSnapshot[] empty = new RosterSnapshot[1];
        rosters.compute(room, (key, begun) -> {
            if (begun == null) {
                empty[0] = new RosterSnapshot(highestRetiredRev.get(), List.of());
            }
            return begun;
        });
        return empty[0];
    }

    void close() {
        rosters.values().forEach(RoomRoster::forget);
        rosters.clear();
    }

    /** Rooms that cost something; for tests. */
    int remembered() {
        return rosters.size();
    }

    private <T> T inRoster(String room, Function<RoomRoster, @Nullable T> use) {
        while (true) {
            RoomRoster roster = rosters.computeIfAbsent(room, this::newRoster);
            T result = use.apply(roster);
            if (result != null) {
                return result;
            }
        }
    }

    private RoomRoster newRoster(String room) {
        return new RoomRoster(room, context.delivery(), context.time(), highestRetiredRev.get(), roster -> {
            highestRetiredRev.accumulateAndGet(roster.lastRev(), Math::max);
            rosters.remove(room, roster);
        });
    }
}

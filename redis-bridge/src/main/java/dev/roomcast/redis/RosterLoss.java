package dev.roomcast.redis;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rosters Redis has lost of late, to a flush or by evicting a key. Their generation shows it. Such a roster is not read
 * before the other instances have had time to put theirs back too, or their members would be told of as gone. Rooms in
 * which this instance has nobody are not remembered. Safe for use by any thread.
 */
final class RosterLoss {

    /** What is known of one room; completed once it can be read. */
    private record Known(String generation, CompletableFuture<@Nullable Void> settled) {}

    private final RosterCalls calls;
    private final Map<String, Known> rooms = new ConcurrentHashMap<>();

    RosterLoss(RosterCalls calls) {
        this.calls = calls;
    }

    /** Takes note of a generation; true if it shows a loss that was not known. */
    boolean found(String room, String generation) {
        Known before = rooms.get(room);
        if (before != null && before.generation.equals(generation)) {
            return false;
        }
        CompletableFuture<@Nullable Void> settled = new CompletableFuture<>();
        Known now = new Known(generation, settled);
        boolean isFirst = before == null ? rooms.putIfAbsent(room, now) == null : rooms.replace(room, before, now);
        boolean isLoss = isFirst && before != null;
        if (isLoss) {
            calls.afterSettling(() -> settled.complete(null));
        } else {
            settled.complete(null);
        }
        return isLoss;
    }

    /** The generation that is known of a room; null if none is. */
    @Nullable
    String generation(String room) {
        Known known = rooms.get(room);
        return known == null ? null : known.generation;
    }

    /** Completes when the room's roster can be read. */
    CompletionStage<@Nullable Void> whenSettled(String room) {
        Known known = rooms.get(room);
        return known == null ? calls.whenSettled() : calls.whenSettled().thenCompose(settled -> known.settled);
    }

    boolean isSettled(String room) {
        Known known = rooms.get(room);
        return calls.isSettled() && (known == null || known.settled.isDone());
    }

    /** Nobody of this instance is in the room any more. */
    void forget(String room) {
        rooms.remove(room);
    }
}

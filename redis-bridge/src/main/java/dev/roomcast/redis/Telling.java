package dev.roomcast.redis;

import dev.roomcast.bridge.Signal;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One signal on its way to the instances of its user. An instance that does not listen is cut off or dead: if the signal
 * is pressing it is tried again, since it may be about to listen, or about to be declared dead; until the deadline.
 */
final class Telling {

    final String userId;
    final byte[] bytes;
    final long since;

    /** Completes with the number of instances. */
    final CompletableFuture<Integer> told = new CompletableFuture<>();

    private final boolean isPressing;
    private final Set<String> reached = ConcurrentHashMap.newKeySet();

    Telling(Signal signal, String userId, byte[] bytes, long now) {
        this.userId = userId;
        this.bytes = bytes;
        this.since = now;
        // What is to be shown is worth little when late; what is to be forbidden is worth as much.
        isPressing = signal instanceof Signal.Disconnect || signal instanceof Signal.Recheck;
    }

    /** What the script is told. */
    Words task() {
        Words task = new Words().bytes(bytes);
        reached.forEach(task::text);
        return task;
    }

    /** True if all have heard that must. */
    boolean heard(List<String> by, List<String> missed) {
        reached.addAll(by);
        return missed.isEmpty() || !isPressing;
    }

    int count() {
        return reached.size();
    }
}

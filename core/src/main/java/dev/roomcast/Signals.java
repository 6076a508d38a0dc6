package dev.roomcast;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Signal;
import dev.roomcast.transport.TextFrame;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the connections of one user, or of everyone. What the host asks for is done for the user's connections
 * here at once, and handed to the bridge for the others. What comes from other instances, and what is for everyone, is done
 * by one worker after the other, in the order in which it came: the thread that brings it moves bytes of others.
 *
 * <p>Lock: {@code this}, for the queue; nothing foreign is called while it is held.
 */
final class Signals {

    /** What a signal costs beside its content. */
    private static final long COST = 256;

    private final Hub hub;

    // Guarded by this. Bytes are of what waits and what is being carried out.
    private final Queue<Signal> queue = new ArrayDeque<>();
    private long bytes;
    private boolean working;

    Signals(Hub hub) {
        this.hub = hub;
    }

    /** Does what the host asks for, here and elsewhere; completes with the number of instances concerned. */
    CompletionStage<Integer> raise(Signal signal) {
        String userId = signal.userId();
        if (hub.isClosing() || (userId == null && !arrived(signal))) {
            return CompletableFuture.failedFuture(new BridgeException(
                    BridgeException.Reason.UNAVAILABLE,
                    hub.isClosing() ? "the hub is closing" : "too much waits for everyone",
                    hub.isClosing() ? Duration.ZERO : Duration.ofSeconds(1)));
        }
        Collection<LiveConnection> here = userId == null ? hub.connections.values() : hub.users.connections(userId);
        int one = here.isEmpty() ? 0 : 1;
        CompletionStage<?> done =
                userId == null ? CompletableFuture.completedFuture(null) : carryOut(signal, List.copyOf(here));
        CompletionStage<Integer> others = hub.bridge.directory().signal(signal);
        return done.thenCombine(others, (followed, count) -> count + one);
    }

    /** Tells the other instances of a user what was sent here; that they cannot be told is nobody's business. */
    void spent(String userId, int messages) {
        hub.bridge.directory().signal(new Signal.Spent(userId, messages));
    }

    /** Takes a signal that a worker is to carry out; false if too much waits. */
    boolean arrived(Signal signal) {
        boolean full;
        boolean starts;
        synchronized (this) {
            full = bytes > 0 && bytes + cost(signal) > hub.settings.limit(Limit.SIGNAL_BYTES);
            if (!full) {
                queue.add(signal);
                bytes += cost(signal);
            }
            starts = !full && !working;
            working |= starts;
        }
        if (full) {
            hub.hit(Limit.SIGNAL_BYTES, null);
        } else if (starts) {
            start();
        }
        return !full;
    }

    private void start() {
        try {
            hub.workers.execute(this::work);
        } catch (Throwable e) {
            hub.settings.faults.fault(
                    System.Logger.Level.ERROR, "No thread to be had for what other instances ask", null, e);
            // The next signal tries it again.
            synchronized (this) {
                working = false;
            }
        }
    }

    private void work() {
        for (Signal signal = next(); signal != null; signal = next()) {
            carryOut(signal);
        }
    }

    private void carryOut(Signal signal) {
        String userId = signal.userId();
        Workers.guarded(
                () -> carryOut(signal, userId == null ? hub.connections.values() : hub.users.connections(userId)));
        synchronized (this) {
            bytes -= cost(signal);
        }
    }

    private @Nullable Signal next() {
        synchronized (this) {
            Signal signal = queue.poll();
            working = signal != null;
            return signal;
        }
    }

    /** Completes when it has been followed, which is at once but for a recheck. */
    private CompletionStage<?> carryOut(Signal signal, Collection<LiveConnection> connections) {
        if (signal instanceof Signal.Send send) {
            send(send, connections);
        } else if (signal instanceof Signal.Disconnect disconnect) {
            CloseCode code = CloseCode.of(disconnect.code()).orElse(CloseCode.POLICY);
            connections.forEach(connection -> connection.close(code, disconnect.reason()));
        } else if (signal instanceof Signal.Recheck) {
            return recheck(connections);
        } else if (signal instanceof Signal.Evict evict) {
            connections.stream()
                    .filter(connection -> connection.id().equals(evict.connectionId()))
                    .forEach(hub.users::evict);
        } else if (signal instanceof Signal.Spent spent) {
            hub.users.spent(spent.userId(), spent.messages());
        }
        return CompletableFuture.completedFuture(null);
    }

    private void send(Signal.Send send, Collection<LiveConnection> connections) {
        ReservedTypes.check(send.type());
        TextFrame frame = Frames.direct(send.type(), send.content(), send.timestamp());
        for (LiveConnection connection : connections) {
            // Nothing comes before the welcome.
            if (connection.guards.isWelcome()) {
                connection.control(frame);
            }
        }
    }

    private CompletionStage<?> recheck(Collection<LiveConnection> connections) {
        return CompletableFuture.allOf(connections.stream()
                .map(connection -> hub.permissions.recheck(connection).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    private static long cost(Signal signal) {
        return COST + (signal instanceof Signal.Send send ? send.content().size() : 0);
    }
}

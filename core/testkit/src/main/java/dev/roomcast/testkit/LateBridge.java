package dev.roomcast.testkit;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a bridge answer late: every stage completes on another thread, after the call has returned, as those of a bridge
 * over a network do. What an application does with a hub must not depend on the difference.
 */
public final class LateBridge implements Bridge {

    private final Bridge bridge;
    private @Nullable Broadcaster broadcaster;
    private @Nullable Roster roster;
    private @Nullable Directory directory;

    /** Two threads, so that answers also overtake each other. */
    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "late-bridge");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Wraps a bridge.
     *
     * @param bridge what does the work; closed with this
     */
    public LateBridge(Bridge bridge) {
        this.bridge = bridge;
    }

    @Override
    public void start(Context context) {
        bridge.start(context);
        broadcaster = new LateBroadcaster(bridge.broadcaster());
        roster = new LateRoster(bridge.roster());
        directory = new LateDirectory(bridge.directory());
    }

    @Override
    public Broadcaster broadcaster() {
        return Objects.requireNonNull(broadcaster, "not started");
    }

    @Override
    public Roster roster() {
        return Objects.requireNonNull(roster, "not started");
    }

    @Override
    public Directory directory() {
        return Objects.requireNonNull(directory, "not started");
    }

    @Override
    public void close() {
        bridge.close();
        threads.shutdown();
    }

    private <T extends @Nullable Object> CompletionStage<T> late(CompletionStage<T> stage) {
        CompletableFuture<T> late = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> threads.execute(() -> {
            if (failure == null) {
                late.complete(value);
            } else {
                late.completeExceptionally(failure);
            }
        }));
        return late;
    }

    private final class LateBroadcaster implements Broadcaster {

        private final Broadcaster broadcaster;

        LateBroadcaster(Broadcaster broadcaster) {
            this.broadcaster = broadcaster;
        }

        @Override
        public CompletionStage<@Nullable Position> publish(Message message) {
            return late(broadcaster.publish(message));
        }

        @Override
        public Subscription subscribe(String room) {
            Subscription subscription = broadcaster.subscribe(room);
            return new Subscription() {
                @Override
                public CompletionStage<Position> top() {
                    return late(subscription.top());
                }

                @Override
                public void close() {
                    subscription.close();
                }
            };
        }

        @Override
        public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
            return late(broadcaster.history(room, after, limit));
        }
    }

    private final class LateRoster implements Roster {

        private final Roster roster;

        LateRoster(Roster roster) {
            this.roster = roster;
        }

        @Override
        public CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta) {
            return late(roster.join(room, userId, connectionId, meta));
        }

        @Override
        public CompletionStage<@Nullable Void> leave(
                String room, String userId, String connectionId, RosterChange.Cause cause, Duration grace) {
            return late(roster.leave(room, userId, connectionId, cause, grace));
        }

        @Override
        public CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta) {
            return late(roster.update(room, userId, meta));
        }

        @Override
        public CompletionStage<RosterSnapshot> read(String room) {
            return late(roster.read(room));
        }
    }

    private final class LateDirectory implements Directory {

        private final Directory directory;

        LateDirectory(Directory directory) {
            this.directory = directory;
        }

        @Override
        public CompletionStage<Boolean> enter(String userId, String connectionId, int most, boolean evictsOldest) {
            return late(directory.enter(userId, connectionId, most, evictsOldest));
        }

        @Override
        public CompletionStage<@Nullable Void> leave(String userId, String connectionId) {
            return late(directory.leave(userId, connectionId));
        }

        @Override
        public CompletionStage<Integer> signal(Signal signal) {
            return late(directory.signal(signal));
        }
    }
}

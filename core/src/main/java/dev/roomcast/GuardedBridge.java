package dev.roomcast;

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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as the hub sees it: whatever the one behind it does, each question is answered by a stage. A bridge is code of
 * a third party, called in the middle of what must not be left half done: an exception out of {@code leave} would keep a
 * connection for ever, one out of {@code close} the threads of the hub. So an exception, or null in the place of a stage, is
 * a failed stage here, which every caller must reckon with anyway; so is an answer that does not come in time, except that of
 * a publish, which a bridge bounds by itself; and what has no answer is logged.
 */
final class GuardedBridge implements Bridge {

    private static final String BRIDGE = "the bridge";

    private final Bridge bridge;
    private final AnswerDeadline deadline;
    private @Nullable Broadcaster broadcaster;
    private @Nullable Roster roster;
    private @Nullable Directory directory;

    GuardedBridge(Bridge bridge, AnswerDeadline deadline) {
        this.bridge = bridge;
        this.deadline = deadline;
    }

    private <T extends @Nullable Object> CompletionStage<T> ask(
            Supplier<? extends @Nullable CompletionStage<T>> question) {
        return deadline.of(BRIDGE, ForeignStage.of(BRIDGE, question));
    }

    /** Throws as the bridge does: the hub is not built then. */
    @Override
    public void start(Context context) {
        bridge.start(context);
        broadcaster = new GuardedBroadcaster(
                Objects.requireNonNull(bridge.broadcaster(), "the bridge has no broadcaster once it is started"));
        roster = new GuardedRoster(
                Objects.requireNonNull(bridge.roster(), "the bridge has no roster once it is started"));
        directory = new GuardedDirectory(
                Objects.requireNonNull(bridge.directory(), "the bridge has no directory once it is started"));
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
        Workers.guarded(bridge::close);
    }

    private final class GuardedBroadcaster implements Broadcaster {

        private final Broadcaster broadcaster;

        GuardedBroadcaster(Broadcaster broadcaster) {
            this.broadcaster = broadcaster;
        }

        @Override
        public CompletionStage<@Nullable Position> publish(Message message) {
            return ForeignStage.of(BRIDGE, () -> broadcaster.publish(message));
        }

        @Override
        public Subscription subscribe(String room) {
            try {
                return new GuardedSubscription(
                        Objects.requireNonNull(broadcaster.subscribe(room), "the bridge returned no subscription"));
            } catch (Throwable e) {
                return new NoSubscription(e);
            }
        }

        @Override
        public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
            return ask(() -> broadcaster.history(room, after, limit));
        }
    }

    private final class GuardedSubscription implements Broadcaster.Subscription {

        private final Broadcaster.Subscription subscription;

        GuardedSubscription(Broadcaster.Subscription subscription) {
            this.subscription = subscription;
        }

        @Override
        public CompletionStage<Position> top() {
            return ask(subscription::top);
        }

        @Override
        public void close() {
            Workers.guarded(subscription::close);
        }
    }

    /** In the place of one that could not be had. */
    private record NoSubscription(Throwable failure) implements Broadcaster.Subscription {

        @Override
        public CompletionStage<Position> top() {
            return CompletableFuture.failedFuture(failure);
        }

        @Override
        public void close() {}
    }

    private final class GuardedRoster implements Roster {

        private final Roster roster;

        GuardedRoster(Roster roster) {
            this.roster = roster;
        }

        @Override
        public CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta) {
            return ask(() -> roster.join(room, userId, connectionId, meta));
        }

        @Override
        public CompletionStage<@Nullable Void> leave(
                String room, String userId, String connectionId, RosterChange.Cause cause, Duration grace) {
            return ask(() -> roster.leave(room, userId, connectionId, cause, grace));
        }

        @Override
        public CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta) {
            return ask(() -> roster.update(room, userId, meta));
        }

        @Override
        public CompletionStage<RosterSnapshot> read(String room) {
            return ask(() -> roster.read(room));
        }
    }

    private final class GuardedDirectory implements Directory {

        private final Directory directory;

        GuardedDirectory(Directory directory) {
            this.directory = directory;
        }

        @Override
        public CompletionStage<Boolean> enter(String userId, String connectionId, int most, boolean evictsOldest) {
            return ask(() -> directory.enter(userId, connectionId, most, evictsOldest));
        }

        @Override
        public CompletionStage<@Nullable Void> leave(String userId, String connectionId) {
            return ask(() -> directory.leave(userId, connectionId));
        }

        @Override
        public CompletionStage<Integer> signal(Signal signal) {
            return ask(() -> directory.signal(signal));
        }
    }
}

package dev.roomcast;

import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A name and the hub it belongs to; everything is looked up when it is used. */
final class RoomHandle implements Room {

    private final Hub hub;
    private final String name;

    RoomHandle(Hub hub, String name) {
        this.hub = hub;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean broadcast(String type, @Nullable Object content) {
        return broadcast(Message.of(type, content));
    }

    @Override
    public boolean broadcast(Message message) {
        return !send(message).toCompletableFuture().isCompletedExceptionally();
    }

    @Override
    public CompletionStage<@Nullable Position> publish(Message message) {
        return hub.hostThreads.told(send(message));
    }

    private CompletionStage<@Nullable Position> send(Message message) {
        ReservedTypes.check(message.type());
        return hub.publish(message.in(name, hub.time.millis()));
    }

    @Override
    public CompletionStage<List<Member>> members() {
        return hub.hostThreads.told(hub.bridge.roster().read(name).thenApply(RosterSnapshot::members));
    }

    @Override
    public CompletionStage<Boolean> update(String userId, @Nullable Object meta) {
        Content content = meta == null ? null : Content.of(meta);
        if (content != null && !content.json().startsWith("{")) {
            throw new IllegalArgumentException("metadata is a JSON object");
        }
        if (content != null && content.size() > hub.settings.limit(Limit.META_BYTES)) {
            throw new IllegalArgumentException(
                    "metadata has at most " + hub.settings.limit(Limit.META_BYTES) + " bytes: " + content.size());
        }
        return hub.hostThreads.told(hub.bridge.roster().update(name, userId, content));
    }

    @Override
    public CompletionStage<HistorySlice> history(@Nullable Position after, int limit) {
        return hub.hostThreads.told(hub.bridge.broadcaster().history(name, after, limit));
    }

    @Override
    public CompletionStage<Boolean> join(Connection connection) {
        LiveConnection live = hub.ours(connection);
        return inOrder(
                live,
                () -> live.identity().isEmpty()
                        ? CompletableFuture.completedFuture(false)
                        : hub.joining
                                .join(live, name, null, null)
                                .thenApply(entry -> entry == LiveConnection.Entry.ENTERED
                                        || entry == LiveConnection.Entry.ALREADY_IN));
    }

    @Override
    public CompletionStage<Boolean> leave(Connection connection) {
        LiveConnection live = hub.ours(connection);
        return inOrder(live, () -> hub.joining.leave(live, name));
    }

    /** Does it as a step of the connection, and tells the host on a thread that may run the host's code. */
    private CompletionStage<Boolean> inOrder(
            LiveConnection connection, java.util.function.Supplier<CompletionStage<Boolean>> action) {
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        Inbox.Step step = () -> {
            CompletionStage<Boolean> done = ForeignStage.of("the bridge", action);
            done.whenCompleteAsync(
                    (result, failure) -> {
                        if (failure == null) {
                            told.complete(result);
                        } else {
                            told.completeExceptionally(failure);
                        }
                    },
                    hub.hostThreads.stages::executeSurely);
            return new Inbox.Pending(done, Inbox.Kind.GATE);
        };
        connection.inbox.host(step, () -> told.complete(false));
        return told;
    }
}

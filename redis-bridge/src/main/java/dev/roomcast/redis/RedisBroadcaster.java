package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The order of messages, in Redis. */
final class RedisBroadcaster implements Broadcaster {

    private final Bridge.Context context;
    private final Keys keys;
    private final Publisher publisher;
    private final Feeds feeds;
    private final Alone alone;
    private final RoomReader reader;
    private final Stripes stripes;
    private volatile boolean closed;

    RedisBroadcaster(
            Bridge.Context context,
            Keys keys,
            Publisher publisher,
            Feeds feeds,
            Alone alone,
            RoomReader reader,
            Stripes stripes) {
        this.context = context;
        this.keys = keys;
        this.publisher = publisher;
        this.feeds = feeds;
        this.alone = alone;
        this.reader = reader;
        this.stripes = stripes;
    }

    @Override
    public CompletionStage<@Nullable Position> publish(Message message) {
        String room = message.room();
        if (closed) {
            return refused("the hub is closed", Duration.ZERO);
        }
        if (!context.delivery().hasSpace(room)) {
            return refused("too many messages wait in the room", Duration.ofSeconds(1));
        }
        if (message.isRecoverable()) {
            return publishKept(message);
        }
        Session session = publisher.session();
        if (session == null || alone.isAway()) {
            // Of what goes to Redis nothing would come back here. Those on other instances would get it too late, if at
            // all; those here need not wait for that.
            context.delivery().append(message);
            context.delivery().release(room);
        } else if (session.passing().isFull()) {
            return refused("too many messages wait for Redis", Duration.ofSeconds(1));
        } else {
            session.publish(keys.channel(room), Envelope.passing(message));
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<@Nullable Position> publishKept(Message message) {
        Position first;
        try {
            first = alone.known(message);
        } catch (BridgeException conflict) {
            return CompletableFuture.failedFuture(conflict);
        }
        return first == null ? publisher.publish(message) : CompletableFuture.completedFuture(first);
    }

    @Override
    public Subscription subscribe(String room) {
        return feeds.subscribe(room);
    }

    @Override
    public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1: " + limit);
        }
        HistorySlice here = feeds.historyAlone(room, after, limit, false);
        if (here != null) {
            return CompletableFuture.completedFuture(here);
        }
        CompletableFuture<HistorySlice> slice = new CompletableFuture<>();
        reader.history(room, after, limit, context.history().apply(room))
                .whenComplete((found, failure) -> stripes.execute(room, () -> {
                    HistorySlice instead = failure == null ? found : feeds.historyAlone(room, after, limit, true);
                    if (instead != null) {
                        slice.complete(instead);
                    } else {
                        slice.completeExceptionally(new BridgeException(
                                BridgeException.Reason.UNAVAILABLE,
                                "history cannot be read now",
                                Duration.ofSeconds(1)));
                    }
                }));
        return slice;
    }

    void close() {
        closed = true;
    }

    private static CompletionStage<@Nullable Position> refused(String why, Duration retryAfter) {
        return CompletableFuture.failedFuture(new BridgeException(BridgeException.Reason.UNAVAILABLE, why, retryAfter));
    }
}

package dev.roomcast;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One message in the hands of the host's handler: passed on at most once, and before the handler returns. */
final class Relaying implements MessageHandler.Relay {

    /** The handler of a host that named none: passes everything on. Known by its identity, since it never blocks. */
    static final MessageHandler EVERYTHING = (sender, room, message, relay) -> relay.broadcast(message);

    private enum State {
        OPEN,
        USED,
        OVER
    }

    private final Hub hub;
    private final LiveConnection connection;
    private final Frames.Cause cause;
    private final Message original;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    Relaying(Hub hub, LiveConnection connection, Frames.Cause cause, Message original) {
        this.hub = hub;
        this.connection = connection;
        this.cause = cause;
        this.original = original;
    }

    @Override
    public void broadcast(Message message) {
        ReservedTypes.check(message.type());
        Message addressed = message.in(original.room(), original.timestamp()).id(original.id());
        if (!state.compareAndSet(State.OPEN, State.USED)) {
            throw new IllegalStateException(
                    state.get() == State.USED
                            ? "a message is passed on once"
                            : "a message is passed on before the handler returns; later, rooms.room(…).publish(…) does it");
        }
        CompletionStage<@Nullable Position> published = hub.publish(addressed);
        if (published.toCompletableFuture().isDone()) {
            published.whenComplete(this::answer);
            return;
        }
        Unanswered unanswered = connection.seldom().unanswered();
        unanswered.add(this);
        published.whenComplete((position, failure) -> unanswered.answer(this, () -> answer(position, failure)));
    }

    /** The handler has returned: what it did not pass on is not passed on any more. */
    void end() {
        if (state.compareAndSet(State.OPEN, State.OVER) && original.id() != null) {
            connection.guards.refuse(ErrorCode.FORBIDDEN, "the application did not pass it on", cause);
        }
    }

    /** The handler has failed. */
    void fail() {
        state.set(State.OVER);
        connection.guards.refuse(ErrorCode.INTERNAL, "the message could not be handled", cause);
    }

    /** The connection ends before the bridge has answered. Without an id it cannot be sent again, so nothing is said of it. */
    void giveUp() {
        if (original.id() != null) {
            connection.guards.refuse(ErrorCode.UNAVAILABLE, "no answer before the end", cause, Duration.ZERO);
        }
    }

    private void answer(@Nullable Position position, @Nullable Throwable failure) {
        if (failure != null) {
            Protocol.refuse(connection, failure, cause);
        } else if (original.id() != null && position != null) {
            connection.control(Frames.ack(original.id(), original.room(), position));
        } else if (original.id() != null) {
            connection.guards.refuse(ErrorCode.FORBIDDEN, "the application sent it as one that has no position", cause);
        }
    }
}

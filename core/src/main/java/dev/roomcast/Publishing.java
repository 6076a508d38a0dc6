package dev.roomcast;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a client says in a room, on its way through the last gates: is it a message at all, is the client in the room, is its
 * content clean, may it say that; then the host's handler, which passes it on.
 */
final class Publishing {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");

    private final Hub hub;
    private final Protocol protocol;

    Publishing(Hub hub, Protocol protocol) {
        this.hub = hub;
        this.protocol = protocol;
    }

    @Nullable
    Pending said(LiveConnection connection, ClientFrame frame) {
        if (ReservedTypes.isServers(frame.type())) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "only the server says this");
            return null;
        }
        String room = protocol.roomOf(connection, frame);
        if (room == null || protocol.memberOf(connection, frame, room) == null) {
            return null;
        }
        Content content = contentOf(connection, frame);
        if (content == null) {
            return null;
        }
        Message written = Message.of(frame.type(), content)
                .from(connection.userId())
                .id(frame.id())
                .latestOf(frame.key())
                .in(room, hub.time.millis());
        Message message = frame.isVolatile() ? written.asVolatile() : written;
        CompletableFuture<Boolean> granted =
                hub.permissions.mayPublish(connection, room, frame.type()).toCompletableFuture();
        if (granted.isDone()) {
            return judged(connection, frame, message, granted.join());
        }
        CompletionStage<?> handled = hub.then(granted, (answer, failure) -> {
            Pending pending = judged(connection, frame, message, Boolean.TRUE.equals(answer));
            return pending == null ? CompletableFuture.completedFuture(null) : pending.stage();
        });
        return new Pending(handled, Kind.GATE);
    }

    private @Nullable Content contentOf(LiveConnection connection, ClientFrame frame) {
        Content content = frame.content();
        if (content == null && frame.type().equals(Message.CHAT)) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "content is missing");
            return null;
        }
        try {
            return content == null
                    ? Content.NULL
                    : hub.settings.sanitizerOf(frame.type()).clean(content);
        } catch (IllegalArgumentException e) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "content: " + e.getMessage());
            return null;
        } catch (Throwable e) {
            logSanitizer(connection, e);
            refuse(connection, frame, ErrorCode.INTERNAL, "the message could not be handled");
            return null;
        }
    }

    private @Nullable Pending judged(LiveConnection connection, ClientFrame frame, Message message, boolean granted) {
        if (!granted) {
            refuse(connection, frame, ErrorCode.FORBIDDEN, "this user may not say that here");
            return null;
        }
        // Asked again, since a recheck may have taken the connection out while the answer was on its way.
        if (protocol.memberOf(connection, frame, message.room()) == null) {
            return null;
        }
        if (hub.settings.executor == null) {
            handle(connection, frame, message);
            return null;
        }
        CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
        try {
            hub.settings.executor.execute(() -> {
                try {
                    hub.turns.run(() -> handle(connection, frame, message));
                } finally {
                    handled.complete(null);
                }
            });
        } catch (Throwable e) {
            if (!(e instanceof RejectedExecutionException)) {
                LOG.log(System.Logger.Level.WARNING, "The executor of the host failed", e);
            }
            refuse(connection, frame, ErrorCode.UNAVAILABLE, "the application takes no messages now");
            return null;
        }
        return new Pending(handled, Kind.HANDLER);
    }

    private void handle(LiveConnection connection, ClientFrame frame, Message message) {
        Relaying relaying = new Relaying(connection, frame, message);
        try {
            hub.settings.handler.onMessage(connection, hub.room(message.room()), message, relaying);
            relaying.end();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "The message handler failed for " + connection, e);
            refuse(connection, frame, ErrorCode.INTERNAL, "the message could not be handled");
        }
    }

    /** A sanitizer of the host failed. Its class alone: the message may quote the content. */
    static void logSanitizer(LiveConnection connection, Throwable failure) {
        LOG.log(
                System.Logger.Level.ERROR,
                "The sanitizer failed for {0}: {1}",
                connection,
                failure.getClass().getName());
    }

    private static void refuse(LiveConnection connection, ClientFrame frame, ErrorCode code, String message) {
        connection.guards.refuse(code, message, frame.cause());
    }

    /** One message in the hands of the host's handler. */
    private final class Relaying implements MessageHandler.Relay {

        private final LiveConnection connection;
        private final ClientFrame frame;
        private final Message original;
        private boolean used;

        Relaying(LiveConnection connection, ClientFrame frame, Message original) {
            this.connection = connection;
            this.frame = frame;
            this.original = original;
        }

        @Override
        public void broadcast(Message message) {
            if (used) {
                throw new IllegalStateException("a message is passed on once");
            }
            used = true;
            ReservedTypes.check(message.type());
            Message addressed =
                    message.in(original.room(), original.timestamp()).id(original.id());
            hub.publish(addressed).whenComplete((position, failure) -> answer(position, failure));
        }

        void end() {
            if (!used && frame.id() != null) {
                refuse(connection, frame, ErrorCode.FORBIDDEN, "the application did not pass it on");
            }
        }

        private void answer(@Nullable Position position, @Nullable Throwable failure) {
            if (failure != null) {
                Protocol.refuse(connection, failure, frame.cause());
            } else if (frame.id() != null && position != null) {
                connection.control(Frames.ack(frame.id(), original.room(), position));
            }
        }
    }
}

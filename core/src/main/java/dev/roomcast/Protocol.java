package dev.roomcast;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What each message of a client does. Stateless; runs as a step of the connection's {@link Inbox}, and returns a stage where
 * the next step must wait.
 */
final class Protocol {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");

    private final Hub hub;
    private final FrameDecoder decoder;

    Protocol(Hub hub) {
        this.hub = hub;
        this.decoder = new FrameDecoder(hub.settings);
    }

    /** The first step: the user of the URL comes in, and joins the room of the URL. */
    @Nullable
    Pending opened(LiveConnection connection) {
        Optional<String> user = connection.handshake().parameter("user").filter(connection::fits);
        Optional<String> room = connection.handshake().parameter("room");
        if (user.isEmpty() || (room.isPresent() && !connection.fits(room.get()))) {
            connection.close(CloseCode.BAD_REQUEST, "the URL needs a user, and a room's name must be a usable one");
            return null;
        }
        connection.identify(user.get());
        connection.control(Frames.welcome(connection.id(), connection.userId(), hub.heartbeat.interval()));
        hub.observe(observer -> observer.onOpen(connection));
        return room.isEmpty() ? null : join(connection, room.get(), null, new Frames.Cause("join", room.get(), null));
    }

    /** A later step: one message. */
    @Nullable
    Pending received(LiveConnection connection, String text) {
        ClientFrame frame;
        try {
            frame = decoder.decode(text);
        } catch (BadFrame e) {
            connection.guards.refuse(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), e.answered());
            return null;
        }
        switch (frame.type()) {
            case "ping" -> {
                if (connection.guards.ping()) {
                    connection.control(Frames.PONG);
                }
                return null;
            }
            case "auth" -> {
                refuse(connection, frame, ErrorCode.BAD_REQUEST, "no authentication is asked for here");
                return null;
            }
            case "join", "leave", "members" -> {
                return aboutRoom(connection, frame);
            }
            default -> {
                return said(connection, frame);
            }
        }
    }

    private @Nullable Pending aboutRoom(LiveConnection connection, ClientFrame frame) {
        String room = roomOf(connection, frame);
        if (room == null) {
            return null;
        }
        if (frame.type().equals("join")) {
            return join(connection, room, frame.meta(), frame.cause());
        }
        Membership member = memberOf(connection, frame, room);
        if (member == null) {
            return null;
        }
        if (frame.type().equals("leave")) {
            return new Pending(hub.joining.leave(connection, room), Kind.GATE);
        }
        member.room.append(new LaneEntry.Asked(member));
        hub.resume(member.room);
        return null;
    }

    private Pending join(LiveConnection connection, String room, @Nullable Content meta, Frames.Cause cause) {
        CompletionStage<?> joined = hub.joining.join(connection, room, meta).handle((entry, failure) -> {
            if (failure != null) {
                refuse(connection, failure, cause);
            } else if (entry == LiveConnection.Entry.TOO_MANY) {
                connection.guards.refuse(ErrorCode.TOO_MANY_ROOMS, "the connection is in too many rooms", cause);
            }
            return entry;
        });
        return new Pending(joined, Kind.GATE);
    }

    private @Nullable Pending said(LiveConnection connection, ClientFrame frame) {
        if (ReservedTypes.isServers(frame.type())) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "only the server says this");
            return null;
        }
        String room = roomOf(connection, frame);
        if (room == null || memberOf(connection, frame, room) == null) {
            return null;
        }
        if (frame.content() == null && frame.type().equals(Message.CHAT)) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "content is missing");
            return null;
        }
        Message message = Message.of(frame.type(), frame.content() == null ? Content.NULL : frame.content())
                .from(connection.userId())
                .id(frame.id())
                .in(room, hub.time.millis());
        Message finished = frame.isVolatile() ? message.asVolatile() : message;
        if (hub.settings.executor == null) {
            handle(connection, frame, finished);
            return null;
        }
        CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
        try {
            hub.settings.executor.execute(() -> {
                hub.turns.run(() -> handle(connection, frame, finished));
                handled.complete(null);
            });
        } catch (RejectedExecutionException e) {
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
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "The message handler failed for " + connection, e);
            refuse(connection, frame, ErrorCode.INTERNAL, "the message could not be handled");
        }
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
                refuse(connection, failure, frame.cause());
            } else if (frame.id() != null && position != null) {
                connection.control(Frames.ack(frame.id(), original.room(), position));
            }
        }
    }

    private @Nullable String roomOf(LiveConnection connection, ClientFrame frame) {
        String room = frame.room() != null
                ? frame.room()
                : connection.handshake().parameter("room").orElse(null);
        if (room == null) {
            refuse(connection, frame, ErrorCode.BAD_REQUEST, "room is missing, and the URL named none");
        }
        return room;
    }

    private @Nullable Membership memberOf(LiveConnection connection, ClientFrame frame, String room) {
        Membership member = connection.membership(room);
        if (member == null) {
            refuse(connection, frame, ErrorCode.NOT_JOINED, "the connection is not in this room");
        }
        return member;
    }

    private static void refuse(LiveConnection connection, ClientFrame frame, ErrorCode code, String message) {
        connection.guards.refuse(code, message, frame.cause());
    }

    private static void refuse(LiveConnection connection, Throwable failure, Frames.Cause cause) {
        Throwable root = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        if (root instanceof BridgeException refusal) {
            ErrorCode code = switch (refusal.reason()) {
                case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
                case ID_CONFLICT -> ErrorCode.ID_CONFLICT;
                case TOO_MANY_IDS -> ErrorCode.RATE_LIMITED;
            };
            connection.guards.refuse(code, String.valueOf(refusal.getMessage()), cause, refusal.retryAfter());
        } else {
            LOG.log(System.Logger.Level.ERROR, "The bridge failed for " + connection, root);
            connection.guards.refuse(ErrorCode.INTERNAL, "it could not be done", cause, Duration.ZERO);
        }
    }
}

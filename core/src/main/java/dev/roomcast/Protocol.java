package dev.roomcast;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What each message of a client does. Stateless; runs as a step of the connection's {@link Inbox}, and returns a stage where
 * the next step must wait. What is said in a room goes on to {@link Publishing}.
 */
final class Protocol {

    /** A position that no room has. */
    private static final Position NOWHERE = new Position("?", 0);

    private final Hub hub;
    private final FrameDecoder decoder;
    private final Publishing publishing;

    Protocol(Hub hub) {
        this.hub = hub;
        this.decoder = new FrameDecoder(hub.settings);
        this.publishing = new Publishing(hub, this);
    }

    /** One message. */
    @Nullable
    Pending received(LiveConnection connection, String text) {
        ClientFrame frame;
        try {
            frame = decoder.decode(text);
        } catch (BadFrame e) {
            if (e.limit() != null) {
                hub.hit(e.limit(), connection);
            }
            if (connection.identity().isEmpty()) {
                connection.close(CloseCode.UNAUTHENTICATED, Login.FIRST);
            } else {
                connection.guards.refuse(
                        ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), shown(connection, e.answered()));
            }
            return null;
        }
        return connection.identity().isEmpty() ? hub.login.first(connection, frame) : dispatch(connection, frame);
    }

    private @Nullable Pending dispatch(LiveConnection connection, ClientFrame frame) {
        switch (frame.type()) {
            case "ping" -> {
                if (connection.guards.ping()) {
                    connection.control(Frames.PONG);
                }
                return null;
            }
            case "auth" -> {
                return hub.login.refresh(connection, frame);
            }
            case "join", "leave", "members" -> {
                return aboutRoom(connection, frame);
            }
            default -> {
                return publishing.said(connection, frame);
            }
        }
    }

    /** Joins the room of the URL, if it names one. */
    @Nullable
    Pending joinOfUrl(LiveConnection connection) {
        String room = connection.handshake().parameter("room").orElse(null);
        String name = room == null ? null : nameOf(connection, room);
        return name == null
                ? null
                : join(connection, name, null, positionOfUrl(connection), new Frames.Cause("join", name, null));
    }

    private @Nullable Pending aboutRoom(LiveConnection connection, ClientFrame frame) {
        String room = roomOf(connection, frame);
        if (room == null) {
            return null;
        }
        if (frame.type().equals("join")) {
            return join(connection, room, frame.meta(), frame.from(), shown(connection, frame.cause()));
        }
        Membership member = memberOf(connection, frame, room);
        if (member == null) {
            return null;
        }
        if (frame.type().equals("leave")) {
            return new Pending(hub.joining.leave(connection, room), Kind.GATE);
        }
        CompletionStage<?> space = connection.outbox.rosterSpace();
        return new Pending(
                space == null
                        ? tellMembers(member)
                        : space.thenComposeAsync(free -> tellMembers(member), hub.workers::executeSurely),
                Kind.HANDLER);
    }

    private CompletionStage<@Nullable Void> tellMembers(Membership member) {
        CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
        if (!member.room.append(new LaneEntry.Asked(member, told))) {
            told.complete(null);
        }
        hub.resume(member.room);
        return told;
    }

    /** Where the client left off; one that is none is one that cannot be recovered from. */
    private static @Nullable Position positionOfUrl(LiveConnection connection) {
        String epoch = connection.handshake().parameter("epoch").orElse("");
        String offset = connection.handshake().parameter("offset").orElse("");
        if (epoch.isEmpty() && offset.isEmpty()) {
            return null;
        }
        boolean sound = epoch.length() <= Position.MAX_EPOCH_LENGTH && offset.matches("[0-9]{1,18}");
        return sound && !epoch.isEmpty() ? new Position(epoch, Long.parseLong(offset)) : NOWHERE;
    }

    private Pending join(
            LiveConnection connection,
            String room,
            @Nullable Content meta,
            @Nullable Position from,
            Frames.Cause cause) {
        Content clean;
        try {
            clean = meta == null ? null : hub.settings.sanitizer.clean(meta);
            if (clean != null && clean.size() > hub.settings.limit(Limit.META_BYTES)) {
                hub.hit(Limit.META_BYTES, connection);
                throw new IllegalArgumentException("it is too large");
            }
        } catch (IllegalArgumentException e) {
            connection.guards.refuse(ErrorCode.BAD_REQUEST, "meta: " + e.getMessage(), cause);
            return new Pending(CompletableFuture.completedFuture(null), Kind.GATE);
        } catch (Throwable e) {
            Publishing.logSanitizer(connection, e);
            connection.guards.refuse(ErrorCode.INTERNAL, "it could not be done", cause);
            return new Pending(CompletableFuture.completedFuture(null), Kind.GATE);
        }
        int generation = connection.grantGeneration();
        CompletionStage<?> joined = hub.then(hub.permissions.mayJoin(connection, room), (granted, failure) -> {
            if (!Boolean.TRUE.equals(granted)) {
                connection.guards.refuse(ErrorCode.FORBIDDEN, "this user may not be in the room", cause);
                return CompletableFuture.completedFuture(null);
            }
            return hub.joining
                    .join(connection, room, clean, from)
                    .handle((entry, broken) -> told(connection, entry, broken, cause))
                    .thenCompose(entry -> connection.grantGeneration() == generation
                            ? CompletableFuture.completedFuture(null)
                            : hub.permissions.recheckElsewhere(connection));
        });
        return new Pending(joined, Kind.GATE);
    }

    private static LiveConnection.@Nullable Entry told(
            LiveConnection connection,
            LiveConnection.@Nullable Entry entry,
            @Nullable Throwable failure,
            Frames.Cause cause) {
        if (failure != null) {
            refuse(connection, failure, cause);
        } else if (entry == LiveConnection.Entry.TOO_MANY) {
            connection.guards.refuse(ErrorCode.TOO_MANY_ROOMS, "the connection is in too many rooms", cause);
        }
        return entry;
    }

    /** The room that a message is about, by the name under which it is known; null if that was refused. */
    @Nullable
    String roomOf(LiveConnection connection, ClientFrame frame) {
        String room = frame.room() != null
                ? frame.room()
                : connection.handshake().parameter("room").orElse(null);
        if (room == null) {
            connection.guards.refuse(ErrorCode.BAD_REQUEST, "room is missing, and the URL named none", frame.cause());
            return null;
        }
        String name = nameOf(connection, room);
        if (name == null) {
            hub.hit(Limit.NAME_LENGTH, connection);
            connection.guards.refuse(
                    ErrorCode.BAD_REQUEST,
                    "room has no usable name once it is safe to show",
                    shown(connection, frame.cause()));
        }
        return name;
    }

    /** A client may name a room as it did when it joined, or as it is shown the name; null if it cannot be shown. */
    private @Nullable String nameOf(LiveConnection connection, String room) {
        return connection.joined.in(room) != null ? room : hub.settings.shown(room);
    }

    /** What an error says it answers: with the room's name as others are shown it, for a page may show that, too. */
    Frames.Cause shown(LiveConnection connection, Frames.Cause cause) {
        String room = cause.room();
        return room == null ? cause : new Frames.Cause(cause.type(), nameOf(connection, room), cause.id());
    }

    @Nullable
    Membership memberOf(LiveConnection connection, ClientFrame frame, String room) {
        Membership member = connection.joined.in(room);
        if (member == null) {
            connection.guards.refuse(
                    ErrorCode.NOT_JOINED, "the connection is not in this room", shown(connection, frame.cause()));
        }
        return member;
    }

    static void refuse(LiveConnection connection, Throwable failure, Frames.Cause cause) {
        Throwable root = Hub.rootOf(failure);
        if (root instanceof BridgeException refusal) {
            ErrorCode code = switch (refusal.reason()) {
                case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
                case ID_CONFLICT -> ErrorCode.ID_CONFLICT;
                case TOO_MANY_IDS -> ErrorCode.RATE_LIMITED;
            };
            connection.guards.refuse(code, String.valueOf(refusal.getMessage()), cause, refusal.retryAfter());
        } else {
            connection.hub.settings.faults.fault(System.Logger.Level.ERROR, "The bridge failed", connection, root);
            connection.guards.refuse(ErrorCode.INTERNAL, "it could not be done", cause, Duration.ZERO);
        }
    }
}

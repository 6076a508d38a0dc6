package dev.roomcast;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a client says in a room, on its way through the last gates: is it a message at all, is the client in the room, is its
 * content clean, may it say that; then the host's handler, which passes it on.
 */
final class Publishing {

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
        if (connection.isLeaving()) {
            refuse(connection, frame, ErrorCode.UNAVAILABLE, "the connection is about to be closed");
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
        return ask(new Said(connection, frame, frame.isVolatile() ? written.asVolatile() : written));
    }

    /** A message on its way through the gates. */
    private record Said(LiveConnection connection, ClientFrame frame, Message message) {}

    /** Asks whether it may be said, and goes on with the answer. */
    private @Nullable Pending ask(Said said) {
        int generation = said.connection.grantGeneration();
        // A check that only waits for a thread is no reason to be strict with the client.
        Kind kind = hub.hostThreads.mayRun(hub.hostThreads.access) ? Kind.GATE : Kind.HANDLER;
        CompletableFuture<Boolean> granted = hub.permissions
                .mayPublish(said.connection, said.message.room(), said.message.type())
                .toCompletableFuture();
        if (granted.isDone()) {
            return judged(said, granted.join(), generation);
        }
        return new Pending(
                hub.then(granted, (answer, failure) -> stageOf(judged(said, Boolean.TRUE.equals(answer), generation))),
                kind);
    }

    private static CompletionStage<?> stageOf(@Nullable Pending pending) {
        return pending == null ? CompletableFuture.completedFuture(null) : pending.stage();
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

    private @Nullable Pending judged(Said said, boolean granted, int generation) {
        if (!granted) {
            refuse(said.connection, said.frame, ErrorCode.FORBIDDEN, "this user may not say that here");
            return null;
        }
        if (protocol.memberOf(said.connection, said.frame, said.message.room()) == null) {
            return null;
        }
        if (said.connection.grantGeneration() != generation) {
            // A recheck came while the answer was on its way, so that is the answer to an old question.
            return ask(said);
        }
        Executor executor = hub.settings.executor;
        if (executor == null && mayHandleHere()) {
            handle(said);
            return null;
        }
        CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
        try {
            (executor == null ? hub.hostThreads.handler : executor).execute(() -> run(said, generation, handled));
        } catch (Throwable e) {
            if (!(e instanceof RejectedExecutionException)) {
                hub.settings.faults.hostFault(System.Logger.Level.WARNING, "The executor of the host failed", null, e);
            }
            refuse(said.connection, said.frame, ErrorCode.UNAVAILABLE, "the application takes no messages now");
            return null;
        }
        return new Pending(handled, Kind.HANDLER);
    }

    private boolean mayHandleHere() {
        return hub.settings.handler == Relaying.EVERYTHING || hub.hostThreads.mayRun(hub.hostThreads.handler);
    }

    /** On the executor of the host or a thread of the hub for that, which may have taken its time: a recheck meanwhile counts here, too. */
    private void run(Said said, int generation, CompletableFuture<@Nullable Void> handled) {
        Pending[] again = new Pending[1];
        try {
            hub.turns.run(() -> {
                if (protocol.memberOf(said.connection, said.frame, said.message.room()) == null) {
                    return;
                }
                if (said.connection.grantGeneration() == generation) {
                    handle(said);
                } else {
                    again[0] = ask(said);
                }
            });
        } finally {
            stageOf(again[0]).whenComplete((result, failure) -> handled.complete(null));
        }
    }

    private void handle(Said said) {
        Relaying relaying =
                new Relaying(hub, said.connection, protocol.shown(said.connection, said.frame.cause()), said.message);
        try {
            hub.settings.handler.onMessage(said.connection, hub.room(said.message.room()), said.message, relaying);
            relaying.end();
        } catch (Throwable e) {
            hub.settings.faults.hostFault(System.Logger.Level.ERROR, "The message handler failed", said.connection, e);
            relaying.fail();
        }
    }

    /** A sanitizer of the host failed. Its class alone: the message may quote the content. */
    static void logSanitizer(LiveConnection connection, Throwable failure) {
        connection.hub.settings.faults.fault(
                System.Logger.Level.ERROR,
                "The sanitizer failed",
                connection + ", " + failure.getClass().getName(),
                null);
    }

    private void refuse(LiveConnection connection, ClientFrame frame, ErrorCode code, String message) {
        connection.guards.refuse(code, message, protocol.shown(connection, frame.cause()));
    }
}

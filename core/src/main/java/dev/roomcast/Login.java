package dev.roomcast;

import dev.roomcast.Inbox.Kind;
import dev.roomcast.Inbox.Pending;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Credentials;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who a connection belongs to, before anything else. Without an authenticator that is the {@code user} of the URL.
 * With one it is asked about the handshake, and if that does not say, about the token of the first message; a first message
 * that is anything else ends the connection, and so does the deadline, which no traffic moves.
 *
 * <p>Stateless but for the count of those who are not in yet; each step runs in the connection's {@link Inbox}, so what comes
 * meanwhile only queues.
 */
final class Login {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");
    static final String FIRST = "the first message is an auth with a token";
    private static final String REFUSED = "nobody vouches for this user";
    private static final String UNKNOWN = "who this is cannot be found out now";

    private final Hub hub;
    private final AtomicInteger pending = new AtomicInteger();

    Login(Hub hub) {
        this.hub = hub;
    }

    boolean isFull() {
        return pending.get() >= hub.settings.limit(Limit.PENDING_CONNECTIONS);
    }

    /** A connection is there of which nothing is known. */
    void begin() {
        pending.incrementAndGet();
    }

    /** A connection is in, or has ended before it was. */
    void end() {
        pending.decrementAndGet();
    }

    /** The first step of a connection. */
    @Nullable
    Pending opened(LiveConnection connection) {
        if (connection
                .handshake()
                .parameter("room")
                .filter(room -> !hub.settings.fits(room) || hub.settings.shown(room) == null)
                .isPresent()) {
            connection.close(CloseCode.BAD_REQUEST, "the room of the URL has no usable name");
            return null;
        }
        Authenticator authenticator = hub.settings.authenticator;
        if (authenticator == null) {
            Optional<String> user = connection.handshake().parameter("user");
            if (user.filter(hub.settings::fits).map(hub.settings::shown).isEmpty()) {
                connection.close(CloseCode.BAD_REQUEST, "the URL needs a usable user");
                return null;
            }
            return admit(connection, Identity.of(user.get()));
        }
        connection.startDeadline();
        return ask(authenticator, connection, null, identity -> identity == null ? null : admit(connection, identity));
    }

    /** A message of a connection that is not in yet. */
    @Nullable
    Pending first(LiveConnection connection, ClientFrame frame) {
        Authenticator authenticator = hub.settings.authenticator;
        if (authenticator == null || frame.token() == null || !frame.type().equals("auth")) {
            connection.close(CloseCode.UNAUTHENTICATED, FIRST);
            return null;
        }
        return ask(authenticator, connection, frame.token(), identity -> {
            if (identity == null) {
                refuse(connection);
                return null;
            }
            return admit(connection, identity);
        });
    }

    /** An {@code auth} of a connection that is in: the same user stays for longer. */
    @Nullable
    Pending refresh(LiveConnection connection, ClientFrame frame) {
        Authenticator authenticator = hub.settings.authenticator;
        if (authenticator == null || frame.token() == null) {
            String why = authenticator == null ? "no authentication is asked for here" : "token is missing";
            connection.guards.refuse(ErrorCode.BAD_REQUEST, why, frame.cause());
            return null;
        }
        return ask(authenticator, connection, frame.token(), identity -> {
            if (identity == null || isOver(identity) || !isSame(connection, identity)) {
                refuse(connection);
                return null;
            }
            connection.identify(identity, connection.userId());
            welcome(connection, identity);
            return new Pending(hub.permissions.recheck(connection), Kind.GATE);
        });
    }

    /** Everyday: a token is wrong, or has expired. */
    private static void refuse(LiveConnection connection) {
        LOG.log(System.Logger.Level.DEBUG, "{0} showed a token that nobody vouches for", connection);
        connection.close(CloseCode.UNAUTHENTICATED, REFUSED);
    }

    /** The time has come in which somebody had to vouch for it; who has shown a token and is not answered has done nothing wrong. */
    static void over(LiveConnection connection, String why) {
        if (connection.inbox.isJudged()) {
            connection.close(CloseCode.UNAVAILABLE, UNKNOWN);
        } else {
            connection.close(CloseCode.UNAUTHENTICATED, why);
        }
    }

    private @Nullable Pending admit(LiveConnection connection, Identity identity) {
        Optional<String> fault = Names.fault(identity.userId(), hub.settings.count(Limit.NAME_LENGTH));
        if (fault.isPresent() || isOver(identity)) {
            connection.close(
                    CloseCode.UNAUTHENTICATED,
                    fault.map(f -> "the user's name " + f).orElse("expired"));
            return null;
        }
        String shown = hub.settings.shown(identity.userId());
        if (shown == null) {
            connection.close(CloseCode.UNAUTHENTICATED, "the user has no usable name once it is safe to show");
            return null;
        }
        Users.Entry user = hub.users.enter(connection, shown);
        if (user == null) {
            return null;
        }
        CompletionStage<Boolean> announced = hub.users.announce(connection, shown);
        if (announced.toCompletableFuture().isDone()) {
            return letIn(
                    connection,
                    user,
                    identity,
                    shown,
                    announced.toCompletableFuture().join());
        }
        CompletionStage<?> done = hub.then(announced, (isWanted, never) -> {
            Pending next = letIn(connection, user, identity, shown, isWanted);
            return next == null ? CompletableFuture.completedFuture(null) : next.stage();
        });
        return new Pending(done, Kind.LOGIN);
    }

    private @Nullable Pending letIn(
            LiveConnection connection, Users.Entry user, Identity identity, String shown, boolean isWanted) {
        if (!isWanted) {
            hub.users.refused(connection, shown);
            return null;
        }
        if (!connection.admit(user, identity, shown)) {
            return null;
        }
        // First, since a client that has seen its welcome goes on at once.
        connection.inbox.letIn();
        welcome(connection, identity);
        connection.guards.welcome();
        hub.welcomed(connection);
        connection.tellStatus();
        hub.observe(observer -> observer.onOpen(connection));
        return hub.protocol.joinOfUrl(connection);
    }

    private void welcome(LiveConnection connection, Identity identity) {
        Instant expiry = identity.expiresAt();
        Duration lifetime = expiry == null ? null : until(expiry, hub.time.millis());
        connection.control(Frames.welcome(connection.id(), connection.userId(), hub.heartbeat.interval(), lifetime));
    }

    private static boolean isSame(LiveConnection connection, Identity identity) {
        return connection
                .identity()
                .filter(known -> known.userId().equals(identity.userId()))
                .isPresent();
    }

    private boolean isOver(Identity identity) {
        Instant expiry = identity.expiresAt();
        return expiry != null && until(expiry, hub.time.millis()).isZero();
    }

    /** What to do with the answer; runs as a part of the connection's step. */
    @FunctionalInterface
    private interface Answer {
        @Nullable
        Pending to(@Nullable Identity identity);
    }

    private Pending ask(Authenticator authenticator, LiveConnection connection, @Nullable String token, Answer answer) {
        CompletionStage<@Nullable Identity> asked = hub.hostThreads.ask(
                "the authenticator",
                hub.hostThreads.authenticator,
                () -> authenticator.authenticate(new Credentials(connection.handshake(), token)));
        CompletionStage<?> done = hub.then(asked, (identity, failure) -> {
            if (failure != null) {
                // Its class alone: the message of an exception may quote the token.
                hub.settings.faults.fault(
                        System.Logger.Level.WARNING,
                        "The authenticator failed",
                        connection + ", " + Hub.rootOf(failure).getClass().getName(),
                        null);
                // Not a no: what it asks may just be away, and its users are to come back when it is there.
                connection.close(CloseCode.UNAVAILABLE, UNKNOWN);
                return CompletableFuture.completedFuture(null);
            }
            Pending next = connection.isOpen() ? answer.to(identity) : null;
            return next == null ? CompletableFuture.completedFuture(null) : next.stage();
        });
        return new Pending(done, Kind.LOGIN);
    }

    /** The rest of the time that a connection has. Also for the far end of time, which is no number of milliseconds. */
    static Duration until(Instant expiry, long nowMillis) {
        Duration left = Duration.between(Instant.ofEpochMilli(nowMillis), expiry);
        return left.isNegative() ? Duration.ZERO : left;
    }
}

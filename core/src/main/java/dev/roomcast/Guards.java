package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gates that a client's message passes before it is looked into, in this order: size, rate, the bounded inbox; and the
 * count of what was refused, so that a client that goes on and on is closed. Decoding and what follows is the
 * {@link Protocol}'s.
 *
 * <p>The counts of rarer offences exist only once there was one. Guarded by {@code this}; nothing foreign is called while
 * it is held.
 */
final class Guards {

    private static final long SECOND = 1_000_000_000;
    private static final Duration BACKLOG_PAUSE = Duration.ofSeconds(1);

    private final LiveConnection connection;

    /** From the first message on: most say nothing. */
    private Rate.@Nullable Bucket messages;

    private Users.@Nullable Entry user;
    private @Nullable Offences badRequests;
    private @Nullable Offences refusals;
    private @Nullable Offences pings;
    private boolean welcome;

    /** Pings of the hub that were not answered yet. However late an answer comes, it is no offence. */
    private int pongsDue;

    private @Nullable Offences pongs;

    Guards(LiveConnection connection) {
        this.connection = connection;
    }

    /** Ends a connection that sends larger messages than it may. */
    void tooBig() {
        tooBig(sizeLimit());
    }

    private void tooBig(Limit limit) {
        long most = connection.hub.settings.limit(limit);
        connection.hub.hit(limit, connection);
        CloseCode code = limit == Limit.LOGIN_BYTES ? CloseCode.POLICY : CloseCode.TOO_BIG;
        connection.close(code, "a message has at most " + most + " bytes");
    }

    /** The limit of the size of a message that holds now. */
    Limit sizeLimit() {
        Settings settings = connection.hub.settings;
        boolean isLess = settings.limit(Limit.LOGIN_BYTES) < settings.limit(Limit.MESSAGE_BYTES);
        return isLess && connection.identity().isEmpty() ? Limit.LOGIN_BYTES : Limit.MESSAGE_BYTES;
    }

    /**
     * Lets messages in that came in one piece. What is published goes out when all have been read: as one turn. Not if a
     * handler of the host may block, since what was said before must not wait for it; and a turn ends where a message has to
     * wait for what an earlier one began, a join perhaps, which may be over as soon as its room has been looked after.
     */
    void texts(List<String> texts) {
        Hub hub = connection.hub;
        if (hub.settings.mayBlock()) {
            texts.forEach(connection::text);
            return;
        }
        Iterator<String> rest = texts.iterator();
        while (rest.hasNext()) {
            hub.turns.run(() -> {
                do {
                    connection.text(rest.next());
                } while (rest.hasNext() && !connection.inbox.isAwaiting());
            });
        }
    }

    /** Lets a message in, or says why not. */
    void text(String text) {
        int size = Utf8.length(text);
        Limit most = sizeLimit();
        if (size > connection.hub.settings.limit(most)) {
            tooBig(most);
            return;
        }
        Duration wait = takeMessage(connection.hub.time.nanos());
        if (!wait.isZero()) {
            refuse(ErrorCode.RATE_LIMITED, "too many messages", Frames.Cause.UNKNOWN, wait);
            return;
        }
        Limit full = connection.inbox.frame(() -> connection.hub.protocol.received(connection, text), size);
        if (full == null) {
            return;
        }
        connection.hub.hit(full, connection);
        if (full == Limit.BACKLOG_MESSAGES || full == Limit.BACKLOG_BYTES) {
            refuse(ErrorCode.RATE_LIMITED, "too many messages wait", Frames.Cause.UNKNOWN, BACKLOG_PAUSE);
        } else {
            connection.close(CloseCode.POLICY, "too many messages before the answer to an earlier one");
        }
    }

    void refuse(ErrorCode code, String message, Frames.Cause cause) {
        refuse(code, message, cause, Duration.ZERO);
    }

    /** Tells the client, and everyone who counts, that one of its messages was refused. */
    void refuse(ErrorCode code, String message, Frames.Cause cause, Duration retryAfter) {
        if (code == ErrorCode.BAD_REQUEST && connection.identity().isEmpty()) {
            // A binary message, behind what came before it. Of a stranger, like any other message that is no token.
            connection.inbox.frame(() -> refused(message, cause), 1);
            return;
        }
        connection.hub.counters.refused(code);
        connection.hub.observe(observer -> observer.onRefuse(connection, code, message));
        connection.control(Frames.error(code, message, cause, retryAfter));
        if (code == ErrorCode.BAD_REQUEST && isOneTooMany(Limit.BAD_REQUESTS_PER_MINUTE)) {
            connection.hub.hit(Limit.BAD_REQUESTS_PER_MINUTE, connection);
            connection.close(CloseCode.BAD_REQUEST, "too many malformed messages");
        } else if (code == ErrorCode.RATE_LIMITED && isOneTooMany(Limit.RATE_REFUSALS_PER_TEN_SECONDS)) {
            connection.hub.hit(Limit.RATE_REFUSALS_PER_TEN_SECONDS, connection);
            connection.close(CloseCode.TOO_MANY, "too many messages");
        }
    }

    private Inbox.@Nullable Pending refused(String message, Frames.Cause cause) {
        if (connection.identity().isEmpty()) {
            connection.close(CloseCode.UNAUTHENTICATED, Login.FIRST);
        } else {
            refuse(ErrorCode.BAD_REQUEST, message, cause);
        }
        return null;
    }

    /** Lets a {@code ping} message pass; false if the connection was closed for it. */
    boolean ping() {
        boolean pass;
        synchronized (this) {
            pings = pings == null ? pingsAtMost() : pings;
            pass = !pings.add(connection.hub.time.nanos());
        }
        if (!pass) {
            tooManyPings();
        }
        return pass;
    }

    void tooManyPings() {
        if (connection.isOpen()) {
            connection.hub.hit(Limit.PINGS_PER_SECOND, connection);
            connection.close(CloseCode.TOO_MANY, "too many pings");
        }
    }

    /** The hub pings the client, so one pong is due. */
    void pinged() {
        synchronized (this) {
            pongsDue++;
        }
    }

    /** Closes a connection that sends too many pongs which answer no ping of the hub. */
    void pong() {
        boolean pass;
        synchronized (this) {
            if (pongsDue > 0) {
                pongsDue--;
                return;
            }
            pongs = pongs == null ? pingsAtMost() : pongs;
            pass = !pongs.add(connection.hub.time.nanos());
        }
        if (!pass) {
            tooManyPings();
        }
    }

    /** The limit says how many may come, an offence is one more. */
    private Offences pingsAtMost() {
        long most = 1 + connection.hub.settings.limit(Limit.PINGS_PER_SECOND);
        return new Offences((int) Math.min(Integer.MAX_VALUE, most), SECOND);
    }

    /** From now on what the connection says counts for its user, too. */
    void ofUser(Users.Entry known) {
        synchronized (this) {
            user = known;
        }
    }

    /** What was left to an earlier connection of the user: to reconnect must gain nothing. */
    void goOnWith(Rate.Bucket left) {
        synchronized (this) {
            messages = left;
        }
    }

    /** The connection has ended; returns what was left to it, null if it said nothing. */
    Rate.@Nullable Bucket end() {
        synchronized (this) {
            Rate.Bucket left = messages;
            messages = null;
            return left;
        }
    }

    private Duration takeMessage(long now) {
        Users.Entry known;
        synchronized (this) {
            messages = messages == null ? connection.hub.settings.rate.bucket(now) : messages;
            Duration wait = messages.take(now);
            if (!wait.isZero() || user == null) {
                return wait;
            }
            known = user;
        }
        return connection.hub.users.take(known, connection.userId(), now);
    }

    /** Counts an offence; the n-th within the period of the limit is one too many. */
    private boolean isOneTooMany(Limit limit) {
        long now = connection.hub.time.nanos();
        int most = connection.hub.settings.count(limit);
        synchronized (this) {
            if (limit == Limit.BAD_REQUESTS_PER_MINUTE) {
                badRequests = badRequests == null ? new Offences(most, 60 * SECOND) : badRequests;
                return badRequests.add(now);
            }
            refusals = refusals == null ? new Offences(most, 10 * SECOND) : refusals;
            return refusals.add(now);
        }
    }

    /** Its client has been told who it is. */
    void welcome() {
        synchronized (this) {
            welcome = true;
        }
    }

    boolean isWelcome() {
        synchronized (this) {
            return welcome;
        }
    }
}

package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The gates that a client's message passes before it is looked into, in this order: size, rate, the bounded inbox; and the
 * count of what was refused, so that a client that goes on and on is closed. Decoding and what follows is the
 * {@link Protocol}'s.
 *
 * <p>The buckets of rarer offences exist only once there was one. Guarded by {@code this}; nothing foreign is called while
 * it is held.
 */
final class Guards {

    private static final Duration BACKLOG_PAUSE = Duration.ofSeconds(1);

    private final LiveConnection connection;
    private final Hub hub;
    private final Rate.Bucket messages;
    private Users.@Nullable User user;
    private Rate.@Nullable Bucket badRequests;
    private Rate.@Nullable Bucket refusals;
    private Rate.@Nullable Bucket pings;

    Guards(LiveConnection connection, Hub hub) {
        this.connection = connection;
        this.hub = hub;
        this.messages = hub.settings.rate.bucket(hub.time.nanos());
    }

    /** Lets a message in, or says why not. */
    void text(String text) {
        int size = Utf8.length(text);
        if (size > hub.settings.limit(Limit.MESSAGE_BYTES)) {
            hub.hit(Limit.MESSAGE_BYTES, connection);
            connection.close(
                    CloseCode.TOO_BIG, "a message has at most " + hub.settings.limit(Limit.MESSAGE_BYTES) + " bytes");
            return;
        }
        Duration wait = takeMessage(hub.time.nanos());
        if (!wait.isZero()) {
            refuse(ErrorCode.RATE_LIMITED, "too many messages", Frames.Cause.UNKNOWN, wait);
            return;
        }
        Limit full = connection.inbox.frame(() -> hub.protocol.received(connection, text), size);
        if (full == null) {
            return;
        }
        hub.hit(full, connection);
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
        hub.counters.refused(code);
        hub.observe(observer -> observer.onRefuse(connection, code, message));
        connection.control(Frames.error(code, message, cause, retryAfter));
        if (code == ErrorCode.BAD_REQUEST && isOneTooMany(Limit.BAD_REQUESTS_PER_MINUTE)) {
            hub.hit(Limit.BAD_REQUESTS_PER_MINUTE, connection);
            connection.close(CloseCode.BAD_REQUEST, "too many malformed messages");
        } else if (code == ErrorCode.RATE_LIMITED && isOneTooMany(Limit.RATE_REFUSALS_PER_TEN_SECONDS)) {
            hub.hit(Limit.RATE_REFUSALS_PER_TEN_SECONDS, connection);
            connection.close(CloseCode.TOO_MANY, "too many messages");
        }
    }

    /** Lets a {@code ping} message pass; false if the connection was closed for it. */
    boolean ping() {
        boolean pass;
        synchronized (this) {
            long now = hub.time.nanos();
            int most = hub.settings.count(Limit.PINGS_PER_SECOND);
            pings = pings == null ? new Rate(most, most).bucket(now) : pings;
            pass = pings.take(now).isZero();
        }
        if (!pass) {
            hub.hit(Limit.PINGS_PER_SECOND, connection);
            connection.close(CloseCode.TOO_MANY, "too many pings");
        }
        return pass;
    }

    /** From now on what the connection says counts for its user, too. */
    void ofUser(Users.User known) {
        synchronized (this) {
            user = known;
        }
    }

    private Duration takeMessage(long now) {
        Users.User known;
        synchronized (this) {
            Duration wait = messages.take(now);
            if (!wait.isZero() || user == null) {
                return wait;
            }
            known = user;
        }
        return known.take(now);
    }

    /** Counts an offence; the n-th within the period of the limit is one too many. */
    private boolean isOneTooMany(Limit limit) {
        long now = hub.time.nanos();
        int most = hub.settings.count(limit);
        if (most <= 1) {
            return true;
        }
        synchronized (this) {
            if (limit == Limit.BAD_REQUESTS_PER_MINUTE) {
                badRequests = badRequests == null ? new Rate(most / 60.0, most - 1).bucket(now) : badRequests;
                return !badRequests.take(now).isZero();
            }
            refusals = refusals == null ? new Rate(most / 10.0, most - 1).bucket(now) : refusals;
            return !refusals.take(now).isZero();
        }
    }
}

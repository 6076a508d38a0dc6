package dev.roomcast;

import static dev.roomcast.Limit.Unit.BYTES;
import static dev.roomcast.Limit.Unit.COUNT;
import static dev.roomcast.Limit.Unit.MILLIS;

/**
 * Every limit of a hub: its default, its unit, and what happens when it is hit. Change one with
 * {@link RoomsBuilder#limit(Limit, long)}. Each has a counter of its own name, read by {@link Stats#hits(Limit)} and
 * reported to {@link Observer#onLimit}.
 */
public enum Limit {
    /** Largest message of a client, in UTF-8. Beyond: close {@link CloseCode#TOO_BIG}. */
    MESSAGE_BYTES(64 * 1024, 1, BYTES),
    /** Deepest nesting of JSON in a message. Beyond: error {@link ErrorCode#BAD_REQUEST}. */
    JSON_DEPTH(64, 1, COUNT),
    /** Longest name of a user, a room or a type, in characters. Beyond: {@code BAD_REQUEST}, in a URL close 4400. */
    NAME_LENGTH(255, 1, COUNT),
    /** Largest {@code meta} of a member, in UTF-8. Beyond: error {@link ErrorCode#BAD_REQUEST}. */
    META_BYTES(4 * 1024, 2, BYTES),
    /** Rooms that one connection may be in. Beyond: error {@link ErrorCode#TOO_MANY_ROOMS}. */
    ROOMS_PER_CONNECTION(128, 1, COUNT),
    /** Malformed messages of one connection within a minute. At this number: close {@link CloseCode#BAD_REQUEST}. */
    BAD_REQUESTS_PER_MINUTE(20, 1, COUNT),
    /** Messages refused as {@code RATE_LIMITED} within ten seconds. At this number: close {@link CloseCode#TOO_MANY}. */
    RATE_REFUSALS_PER_TEN_SECONDS(500, 1, COUNT),
    /**
     * {@code ping} messages of one connection within a second; pongs that answer no ping of the hub likewise, and in the
     * standalone server pings of the WebSocket protocol together with unfinished fragments without payload. Beyond: close
     * {@link CloseCode#TOO_MANY}.
     */
    PINGS_PER_SECOND(10, 1, COUNT),
    /**
     * How long a client may take to say who it is, whatever else it sends. Beyond: close 4401; 4503 if the authenticator is
     * what has not answered.
     */
    AUTH_DEADLINE(10_000, 1, MILLIS),
    /**
     * Largest message of a client whose identity is unknown, and bytes that wait while it is being authenticated; of
     * messages, {@link #INBOX_MESSAGES}. Beyond: close 1008.
     */
    LOGIN_BYTES(8 * 1024, 1, BYTES),
    /** Connections that have not said who they are. Beyond: new ones are refused with HTTP 503. */
    PENDING_CONNECTIONS(10_000, 1, COUNT),
    /** Connections of one user, on all instances (on each while the bridge is away). Beyond: the newest, or the oldest, is closed with 4409. */
    CONNECTIONS_PER_USER(64, 1, COUNT),
    /** Addresses whose handshakes are counted. Beyond: the one that was quiet longest is forgotten. Never an error. */
    ADDRESSES(10_000, 1, COUNT),
    /**
     * Users without a connection whose rate is remembered until they may send a whole burst again. Beyond: the one who has been
     * away longest starts anew. Never an error.
     */
    RESTING_USERS(10_000, 0, COUNT),
    /**
     * Messages that wait while a join of the same connection is pending, or an answer of the access or the authenticator.
     * Beyond: close {@link CloseCode#POLICY}.
     */
    INBOX_MESSAGES(32, 1, COUNT),
    /** The same in bytes. Beyond: close {@link CloseCode#POLICY}. */
    INBOX_BYTES(64 * 1024, 1, BYTES),
    /**
     * Messages that wait while earlier ones of the same connection are handled. Beyond: error
     * {@link ErrorCode#RATE_LIMITED}.
     */
    BACKLOG_MESSAGES(256, 1, COUNT),
    /** The same in bytes. Beyond: error {@link ErrorCode#RATE_LIMITED}. */
    BACKLOG_BYTES(1024 * 1024, 1, BYTES),
    /**
     * Bytes of room traffic that wait for one connection. Beyond: what {@link Overflow} says. That is heap, and not all that
     * a member costs that does not read: {@link #CONTROL_BYTES} and one write come on top, and outside the heap the send
     * buffer of its socket, which Linux lets grow to 4 MiB unless the container bounds it. {@code RoomServer} does, and its
     * Javadoc says what bounds it elsewhere.
     */
    OUTBOX_BYTES(1024 * 1024, 1, BYTES),
    /** Frames of room traffic that wait for one connection. Beyond: what {@link Overflow} says. */
    OUTBOX_FRAMES(4096, 1, COUNT),
    /**
     * Bytes of answers (welcome, ack, error …) that wait for one connection. Beyond: close {@code TOO_SLOW}. As many bytes may
     * wait of answers that carry a roster ({@code joined}, {@code members}); beyond, the client's next join waits.
     */
    CONTROL_BYTES(64 * 1024, 1, BYTES),
    /** How long one write may take. Beyond: close {@link CloseCode#TOO_SLOW}. */
    WRITE_DEADLINE(10_000, 1, MILLIS),
    /**
     * How long the bridge, an authenticator or an access check may take to answer; not a publish, which a bridge bounds by
     * itself. Beyond: as if it had failed.
     */
    ANSWER_DEADLINE(30_000, 1, MILLIS),
    /** How long a closing handshake may take. Beyond: the connection is cut. */
    CLOSE_DEADLINE(5_000, 1, MILLIS),
    /** How long {@link Rooms#close()} waits for connections to end, and a drain for answers. Beyond: they are cut. */
    SHUTDOWN_DEADLINE(5_000, 0, MILLIS),
    /** Messages that wait in one room for delivery. Beyond: error {@link ErrorCode#UNAVAILABLE}. */
    LANE_MESSAGES(8192, 1, COUNT),
    /** Events of one room that wait for the host's listener. Beyond: the event is dropped and counted. */
    LISTENER_EVENTS(1024, 1, COUNT),
    /** Members of a room up to which each coming and going is told. Beyond: a count and a sample once a second. */
    PRESENCE_MEMBERS(100, 0, COUNT),
    /** Members named in {@code joined} and {@code members} of a room beyond {@link #PRESENCE_MEMBERS}. Never an error. */
    PRESENCE_SAMPLE(20, 0, COUNT),
    /** How long a user whose connection was lost is waited for before the others are told. Never an error. */
    GRACE(10_000, 0, MILLIS),
    /** Events of all rooms that wait for the host's listener. Beyond: the event is dropped and counted. */
    LISTENER_EVENTS_TOTAL(65_536, 1, COUNT),
    /**
     * History of all rooms in memory, its overhead included; by default half of {@link #MEMORY_BYTES} if that is less. Beyond:
     * the largest rooms lose their oldest messages; no room and no user holds more than a sixteenth. Never an error.
     */
    HISTORY_TOTAL_BYTES(256L * 1024 * 1024, 0, BYTES),
    /**
     * Message ids remembered in all rooms in memory; by default what an eighth of {@link #MEMORY_BYTES} can hold if that is
     * less. Beyond, and beyond a sixteenth of them for one user: a new one is refused as {@link ErrorCode#RATE_LIMITED}.
     */
    IDS_TOTAL(1_000_000, 0, COUNT),
    /**
     * What other instances want done for users here, and what is for everyone, in bytes that wait. Beyond: it is dropped; of
     * this instance, refused as {@link ErrorCode#UNAVAILABLE}.
     */
    SIGNAL_BYTES(16L * 1024 * 1024, 1, BYTES),
    /**
     * Memory that connections, queues, members, history and ids take together; by default a third of
     * {@link Runtime#maxMemory()}. As it fills up, a slow connection may queue less than {@link #OUTBOX_BYTES}. Beyond: the
     * connections that hold most are closed with {@code TOO_SLOW}, then history is shortened; handshakes are refused with
     * HTTP 503, joins and messages as {@link ErrorCode#UNAVAILABLE}.
     */
    MEMORY_BYTES(Runtime.getRuntime().maxMemory() / 3, 1024 * 1024, BYTES);

    /** What a limit counts. */
    public enum Unit {
        /** Bytes. */
        BYTES,
        /** Things. */
        COUNT,
        /** Milliseconds. */
        MILLIS
    }

    private final long defaultValue;
    private final long smallest;
    private final Unit unit;

    Limit(long defaultValue, long smallest, Unit unit) {
        this.defaultValue = defaultValue;
        this.smallest = smallest;
        this.unit = unit;
    }

    /**
     * The value when the host sets none.
     *
     * @return the default, in {@link #unit()}
     */
    public long defaultValue() {
        return defaultValue;
    }

    /**
     * The smallest value that can be set.
     *
     * @return a number in {@link #unit()}
     */
    public long smallest() {
        return smallest;
    }

    /**
     * What the number counts.
     *
     * @return the unit
     */
    public Unit unit() {
        return unit;
    }
}

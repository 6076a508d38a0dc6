package dev.roomcast;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a connection was closed by the hub, and what a client should do about it. This table is the whole list; the numbers
 * are part of the wire protocol. Codes below 4000 are those of RFC 6455 section 7.4.
 */
public enum CloseCode {
    /** The host closed the connection in order. */
    NORMAL(1000, Advice.STAY_AWAY, true),
    /** The instance is going down; another one, or the next one, serves. */
    GOING_AWAY(1001, Advice.RECONNECT, false),
    /** The client broke a rule of the protocol that has no code of its own, such as flooding a pending join. */
    POLICY(1008, Advice.STAY_AWAY, true),
    /** A message was larger than {@link Limit#MESSAGE_BYTES}. */
    TOO_BIG(1009, Advice.STAY_AWAY, true),
    /** The client does not read as fast as its rooms talk. */
    TOO_SLOW(4008, Advice.RECONNECT, false),
    /** The handshake was not usable, or too many messages were malformed. */
    BAD_REQUEST(4400, Advice.STAY_AWAY, true),
    /** Nobody vouches for this user, or no longer. */
    UNAUTHENTICATED(4401, Advice.NEW_TOKEN, true),
    /** This user may not be here. */
    FORBIDDEN(4403, Advice.STAY_AWAY, true),
    /** Nothing was heard of the client, not even an answer to a ping, for a whole round. */
    HEARTBEAT_LOST(4408, Advice.RECONNECT, false),
    /** The user has too many connections. */
    CONNECTION_LIMIT(4409, Advice.STAY_AWAY, true),
    /** The client kept sending more than it may. */
    TOO_MANY(4429, Advice.BACK_OFF, true),
    /** The hub cannot serve the connection now. */
    UNAVAILABLE(4503, Advice.BACK_OFF, false);

    /** What a client should do after a close. */
    public enum Advice {
        /** Come back, with the usual spread of reconnects. */
        RECONNECT,
        /** Come back, after a longer pause. */
        BACK_OFF,
        /** Come back only with a new token. */
        NEW_TOKEN,
        /** Do not come back by yourself: the same request would end the same way. */
        STAY_AWAY
    }

    private final int code;
    private final Advice advice;
    private final boolean leavesAtOnce;

    CloseCode(int code, Advice advice, boolean leavesAtOnce) {
        this.code = code;
        this.advice = advice;
        this.leavesAtOnce = leavesAtOnce;
    }

    /**
     * The number on the wire.
     *
     * @return a WebSocket close code
     */
    public int code() {
        return code;
    }

    /**
     * What the client should do.
     *
     * @return the advice
     */
    public Advice advice() {
        return advice;
    }

    /**
     * Whether the user leaves its rooms at once, or is waited for ({@link Limit#GRACE}) as after a lost connection.
     *
     * @return true if members are told right away
     */
    public boolean leavesAtOnce() {
        return leavesAtOnce;
    }

    /**
     * The constant of a number.
     *
     * @param code a WebSocket close code
     * @return the constant; empty if the hub does not use the code
     */
    public static Optional<CloseCode> of(int code) {
        return Arrays.stream(values()).filter(c -> c.code == code).findFirst();
    }
}

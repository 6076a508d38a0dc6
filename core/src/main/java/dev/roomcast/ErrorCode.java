package dev.roomcast;

import java.util.Locale;

/**
 * Why one message of a client was refused while its connection lives on. On the wire the name stands in lower case in the
 * {@code code} of an {@code error} frame; the names are stable.
 */
public enum ErrorCode {
    /** Not one JSON object of the protocol, a reserved type, a wrong field. Repeating it changes nothing. */
    BAD_REQUEST,
    /** The connection is not in that room. */
    NOT_JOINED,
    /** The user may not do that. */
    FORBIDDEN,
    /**
     * More than the client may send; {@code retryAfter} says when to go on. Told before the message is read, it names neither
     * {@code re} nor {@code id}: reading what is refused would cost what the limit saves.
     */
    RATE_LIMITED,
    /** The connection is in {@link Limit#ROOMS_PER_CONNECTION} rooms already. */
    TOO_MANY_ROOMS,
    /** The message's {@code id} was used before with other content. */
    ID_CONFLICT,
    /** The message could not be put into the room's order now; it may be sent again with the same {@code id}. */
    UNAVAILABLE,
    /** The host's handler failed; the message was not broadcast by the hub. */
    INTERNAL;

    /**
     * The name on the wire.
     *
     * @return lower case, words joined by {@code _}
     */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

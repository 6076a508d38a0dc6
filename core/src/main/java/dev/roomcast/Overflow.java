package dev.roomcast;

/** What happens when more room traffic waits for a slow connection than {@link Limit#OUTBOX_BYTES} allows. */
public enum Overflow {
    /**
     * The default. What waits is dropped, and once the connection has taken what was on its way it gets everything it missed
     * from the room's history, in order, as fast as it reads; the client need not do anything and notices nothing. Where
     * history does not reach back so far, a client that speaks {@code roomcast.v1} is told {@code gap}, and any other is
     * closed with {@link CloseCode#TOO_SLOW}.
     */
    RESYNC,
    /** The connection is closed with {@link CloseCode#TOO_SLOW}. */
    DISCONNECT,
    /** The oldest messages that wait are dropped, and the client is told {@code gap}. */
    DROP_OLDEST
}

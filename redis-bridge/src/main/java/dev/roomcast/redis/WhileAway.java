package dev.roomcast.redis;

/**
 * What becomes of a message that is to be kept while Redis is away, in a room that has members on this instance. In all
 * other rooms it waits.
 *
 * <p>Volatile messages are delivered among this instance's members either way, and joins and leaves go on.
 */
public enum WhileAway {

    /**
     * It waits, seen by nobody, and goes out in its order when Redis is back; it is refused as unavailable after ten seconds,
     * or when 10,000 messages or 16 MiB wait. There is one order for all instances. The default.
     */
    WAIT,

    /**
     * It is delivered among this instance's members at once, in an order of this instance's own, and acknowledged with its
     * position there. Members on other instances never see it, and history forgets it when Redis is back.
     *
     * <p>In a room in which that happened the members of this instance, plain clients too, are told {@code gap} twice: before
     * the first such message, since nobody knows what others say meanwhile, and on return, from the last such message to
     * where the room stands by then. What others said meanwhile is not delivered afterwards. A room in which nothing was said
     * here has no gap; what it missed is delivered on return.
     *
     * <p>Whoever joins meanwhile and names a position that is not one of this instance's own, or where the room was left,
     * gets {@code recovered: false}, and so does whoever comes back later with a position of this instance's own. Who has
     * been slow, and misses more than is kept here, gets {@code gap}, or as a plain client a close with 4008.
     *
     * <p>A message whose id was used here within the last five minutes, before, during or after the absence, is not said
     * again and gets the first position; on another instance, or if the limits of ids were hit, it is taken for a new one. A
     * message on whose way to Redis the connection was lost is not delivered here, as Redis may have it: it is sent again on
     * return, behind what was said meanwhile, or refused as unavailable after ten seconds.
     *
     * <p>For rooms in which being heard by those nearby, now, is worth more than one order for all: a game's lobby, a help
     * desk, typing beside a shared document. Each cut of a connection to Redis, however short, is such an absence.
     */
    LOCAL
}

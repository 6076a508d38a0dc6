package dev.roomcast.transport;

import java.util.List;

/**
 * The way in from one client: what an adapter calls when something arrives. Made by {@code rooms.accept}.
 *
 * <p>The calls of one connection must come one at a time and in the order of arrival, as a Jakarta container makes them;
 * they may come on any thread. None of them throws, whatever the client sent. {@code text} may run the host's message
 * handler on the calling thread, unless the hub was given an executor for that; the others never block.
 */
public interface Inbound {

    /**
     * A whole text message arrived.
     *
     * @param text the message
     */
    void text(String text);

    /**
     * Whole text messages arrived in one piece, by one read of a socket. The same as {@link #text} for each, in their
     * order; but what they lead to may go out together: ten messages that came in one piece are one write to each member of
     * their room then, and not ten. Who has no such piece calls {@link #text}.
     *
     * @param pieces the messages
     */
    void texts(List<String> pieces);

    /** A binary message arrived. Roomcast speaks text; the client is told so. */
    void binary();

    /**
     * The largest message that the client may send now: {@code LOGIN_BYTES} until its identity is known, then
     * {@code MESSAGE_BYTES}. An adapter asks again for each part of a message that it holds back, and reports
     * {@link #tooBig} at the first part that exceeds the bound. Never shrinks. Cheap, and safe for use by any thread.
     *
     * @return bytes
     */
    int maxMessageBytes();

    /**
     * What the adapter holds of a message that is not whole yet, over all its parts. Called when that changes, so that the hub
     * can count it among what its clients cost. May be called at any time by any thread that reads for the connection, also
     * while another call is under way; never blocks. {@link #closed} voids it. Does nothing by default.
     *
     * @param bytes held now, not those added; 0 when the message is whole or was dropped
     */
    default void unfinished(int bytes) {}

    /**
     * A message arrived, or has begun to, that is larger than the adapter takes, which is at least
     * {@link #maxMessageBytes}. The hub counts it and closes with 1009, or with 1008 while the identity of the client is
     * unknown. Nothing but {@link #pong} and {@link #closed} may follow.
     */
    void tooBig();

    /**
     * The client sends protocol pings, or unfinished fragments without payload, faster than {@code PINGS_PER_SECOND}. Called
     * by adapters that see such frames. The hub counts it and closes with 4429. Nothing but {@link #pong} and
     * {@link #closed} may follow.
     */
    void tooManyFrames();

    /**
     * A pong arrived, asked for or not. The hub closes with 4429 when more than {@code PINGS_PER_SECOND} come within a
     * second that answer none of its own pings.
     */
    void pong();

    /**
     * The connection has ended; nothing can be written any more. Idempotent.
     *
     * @param code the close code that was seen: the peer's, ours, or 1006 if there was no closing handshake
     */
    void closed(int code);
}

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
     * A message arrived, or has begun to, that is larger than the adapter takes, which is at least the hub's own limit. The
     * hub counts it and closes with 1009. Nothing but {@link #pong} and {@link #closed} may follow.
     */
    void tooBig();

    /** A pong arrived, asked for or not. */
    void pong();

    /**
     * The connection has ended; nothing can be written any more. Idempotent.
     *
     * @param code the close code that was seen: the peer's, ours, or 1006 if there was no closing handshake
     */
    void closed(int code);
}

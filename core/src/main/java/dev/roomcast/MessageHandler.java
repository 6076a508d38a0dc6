package dev.roomcast;

import dev.roomcast.message.Message;

/**
 * What happens with a message that a client sent to a room it is in, after all guards have passed it. The default,
 * {@link #relay()}, broadcasts it.
 *
 * <p>Messages of one connection come one at a time and in order. The thread is the container's, or one of the executor given
 * to {@link RoomsBuilder#executor}; without an executor a message that had to wait (for a login, a join, an answer of
 * {@link dev.roomcast.guard.Access}) is handled by a thread of the hub, one of as many as cores that do nothing else. A handler that throws costs
 * the sender an {@code error internal}; nobody else notices.
 */
@FunctionalInterface
public interface MessageHandler {

    /**
     * Handles a message.
     *
     * @param sender the connection it came from
     * @param room the room it is for
     * @param message the message, with its sender and room, without a position
     * @param delivery passes the message on: as it is, changed, or, if it is not called, not at all
     */
    void onMessage(Connection sender, Room room, Message message, Relay delivery);

    /** Passes one message on, and answers its sender. */
    @FunctionalInterface
    interface Relay {
        /**
         * Broadcasts to the room the message is for. If the sender gave an {@code id} it gets an {@code ack} or an error: a
         * message that is not passed on before the handler returns is answered with {@code error forbidden}, and so is one
         * that the handler has made volatile, which goes out but has no position to acknowledge.
         *
         * @param message the message, or a changed copy of it
         * @throws IllegalArgumentException if the type is reserved
         * @throws IllegalStateException if it was called before, or the handler has returned: its sender has been told then.
         *     Who decides later takes {@link Room#publish(Message)}
         */
        void broadcast(Message message);
    }

    /**
     * The handler that broadcasts every message as it is.
     *
     * @return the default handler
     */
    static MessageHandler relay() {
        return Relaying.EVERYTHING;
    }
}

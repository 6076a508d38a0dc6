package dev.roomcast.jakarta;

import java.util.List;
import java.util.function.IntSupplier;

/**
 * The socket under a session, in a server of our own. Jakarta WebSocket has no way down to it, and needs none: it lets the
 * server hand an object of its choice to {@code modifyHandshake} in the place of the HTTP session. Methods may be called
 * from any thread and do not block. What is written here and what the container writes by itself (pongs, the close frame)
 * keep their order, and no frame is written after the close frame.
 */
interface Link extends Outlet {

    /**
     * Bounds what the client may send, before its first message. Beyond, nothing is read any more and the {@link Receiver}
     * is told; where there is none the connection is closed.
     *
     * @param bytes largest message, over all its fragments; asked for anew at each frame
     * @param idlePerSecond how many frames that say nothing may come within a second: pings, and unfinished fragments
     *     without payload
     */
    void expect(IntSupplier bytes, int idlePerSecond);

    /**
     * Says whether what takes a message may block. The thread that reads from all sockets must not do it then. Until this is
     * said, it is assumed.
     *
     * @param mayBlock whether
     */
    void mayBlock(boolean mayBlock);

    /**
     * Names who takes what comes, as far as the link itself finds it. Until then, and for what the link does not look into,
     * it is the container.
     *
     * @param receiver who
     * @param texts whether text messages go there that come whole in one frame; only for a session without extensions
     */
    void receive(Receiver receiver, boolean texts);

    /** Who takes what comes. Called by the thread that reads, one call at a time, beside the container's own. */
    interface Receiver {

        /**
         * Messages came whole, by one read.
         *
         * @param texts the messages, in their order; at least one
         */
        void texts(List<String> texts);

        /** A message is larger than expected; nothing is read any more. Called once. */
        void tooBig();

        /**
         * What has come of a message that is not whole yet; told when it changes.
         *
         * @param bytes held now; 0 when it is whole or dropped
         */
        void unfinished(int bytes);

        /** More frames that say nothing come than expected; nothing is read any more. Called once. */
        void tooManyFrames();
    }
}

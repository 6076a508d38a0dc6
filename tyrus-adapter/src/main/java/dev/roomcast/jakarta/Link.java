package dev.roomcast.jakarta;

/**
 * The socket under a session, in a server of our own. Jakarta WebSocket has no way down to it, and needs none: it lets the
 * server hand an object of its choice to {@code modifyHandshake} in the place of the HTTP session. Methods may be called
 * from any thread and do not block. What is written here and what the container writes by itself (pongs, the close frame)
 * keep their order, and no frame is written after the close frame.
 */
interface Link extends Outlet {

    /**
     * Bounds what the client may send, before its first message.
     *
     * @param bytes largest message, over all its fragments; beyond, nothing is read any more and the connection is
     *     closed with 1009
     */
    void expect(long bytes);

    /**
     * Says whether what takes a message may block. The thread that reads from all sockets must not do it then. Until this is
     * said, it is assumed.
     *
     * @param mayBlock whether
     */
    void mayBlock(boolean mayBlock);

    /**
     * Names who closes when a message is larger than expected, in the place of the link itself.
     *
     * @param hub called once, by the thread that reads
     */
    void whenTooBig(Runnable hub);
}

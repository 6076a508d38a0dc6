package dev.roomcast.transport;

import org.jspecify.annotations.Nullable;

/**
 * The way out to one client. Implemented by an adapter, called by the hub.
 *
 * <p>Duties of an implementation:
 * <ul>
 *   <li>No method blocks: the caller may be the thread that delivers to all other members, or the timer thread.
 *   <li>No method throws. A failure is told to the completion; what fails before a completion exists is told to
 *       {@link Inbound#closed}.
 *   <li>A completion is called exactly once, on any thread, also inline before the method returns.
 *   <li>After the connection has ended, {@code write} and {@code ping} fail their completion; {@code close} and
 *       {@code abort} do nothing.
 * </ul>
 *
 * <p>The hub in turn starts no {@code write} and no {@code ping} before the completion of the previous one. {@code close}
 * and {@code abort} may come at any moment, from any thread.
 */
public interface Transport {

    /** Told once when a {@code write} or {@code ping} has ended. */
    @FunctionalInterface
    interface Completion {
        /**
         * The operation has ended.
         *
         * @param failure why it failed; null if the container took all of it
         */
        void done(@Nullable Throwable failure);
    }

    /**
     * Sends text messages, each as a WebSocket message of its own, in the order of the batch. The same batch may be handed
     * to other connections at the same time.
     *
     * @param batch what to send
     * @param completion told when the container can take the next write
     */
    void write(FrameBatch batch, Completion completion);

    /**
     * Sends a protocol ping with an empty payload. The peer's pong is reported to {@link Inbound#pong()}.
     *
     * @param completion told when the container can take the next write
     */
    void ping(Completion completion);

    /**
     * Starts the closing handshake. If it cannot be completed the hub calls {@link #abort()} within 5 s.
     *
     * @param code WebSocket close code
     * @param reason at most 123 bytes of UTF-8
     */
    void close(int code, String reason);

    /** Cuts the connection without a closing handshake; a dead peer must not be waited for. */
    void abort();
}

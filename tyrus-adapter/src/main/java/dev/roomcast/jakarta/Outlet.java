package dev.roomcast.jakarta;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport.Completion;

/**
 * The way in which the frames of one session leave. Called with at most one operation in flight, never after the session's
 * end was told, from any thread. No method blocks beyond what the container's own asynchronous send does, none throws, and
 * each completion is called once, inline or later.
 */
interface Outlet {

    void write(FrameBatch batch, Completion completion);

    void ping(Completion completion);

    /** Runs a call of the session's that may block in this container. */
    default void run(Runnable call) {
        call.run();
    }

    /** Ends the connection at once, whatever waits to be written. Idempotent; may come at any moment. */
    void cut();
}

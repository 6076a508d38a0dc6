package dev.roomcast.client;

/**
 * What a session wants done outside of it. All methods but {@link #isBehind} are called one after the other, without the
 * session's lock, on whatever thread has changed the session; none blocks. What they lead to comes back as a call of the
 * session, at once or later.
 *
 * <p>Connections are told apart by the number that {@link #dial} gives them; the session ignores what comes from any but the
 * latest.
 */
interface Outlet {

    /** Asks the application for a token; the answer is a call of {@link Session#token}. */
    void askToken(int question);

    /** Opens a connection: {@link Session#opened} or {@link Session#lost}. */
    void dial(int link);

    /** Writes a text frame, behind the earlier ones. */
    void write(int link, String text);

    /** Reads the next frame: {@link Session#arrived}, then {@link Session#received}. */
    void readOn(int link);

    /** Closes in order, behind what was written. */
    void close(int link);

    /** Cuts the connection. Without effect on one that has ended. */
    void abort(int link);

    /** Runs code of the application, behind what was told before. */
    void tell(Runnable callback);

    /** Nothing will be told any more behind what was told before: threads may end. */
    void finish();

    /** Whether frames wait for the socket. Called under the session's lock. */
    boolean isBehind();
}

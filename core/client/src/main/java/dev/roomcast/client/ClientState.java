package dev.roomcast.client;

/** Where a client stands with its server. */
public enum ClientState {
    /** A connection is being opened, or the server has not said yet that it knows the user. */
    CONNECTING,
    /** The server knows the user; rooms are joined, and sends go out. */
    ONLINE,
    /** There is no connection, and there will be another try. */
    WAITING,
    /** It is over: closed by the application, or sent away by the server. There is no way back. */
    CLOSED
}

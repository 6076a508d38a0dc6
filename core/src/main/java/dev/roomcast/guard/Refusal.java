package dev.roomcast.guard;

/**
 * Why a handshake is refused before it becomes a connection.
 *
 * @param status HTTP status to answer with
 * @param reason one line for the log; not for the client
 */
public record Refusal(int status, String reason) {}

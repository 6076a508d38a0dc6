package dev.roomcast.message;

/**
 * Who does not receive a message: one connection, on whatever instance. It also names the connection's user, since a
 * connection's id is gone after a reconnect: when history is replayed, the message is left out for that user.
 *
 * @param connectionId id of the connection to leave out of live delivery
 * @param userId its user, left out when history is replayed
 */
public record Exclusion(String connectionId, String userId) {}

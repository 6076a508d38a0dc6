package dev.roomcast.bridge;

import dev.roomcast.message.Content;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done with the connections of one user, or of everyone, on whatever instance they are. It belongs to no
 * room, has no position and is kept by nobody.
 */
public sealed interface Signal {

    /**
     * Whose connections it is about.
     *
     * @return the user, as others are shown the name; null for everyone
     */
    @Nullable
    String userId();

    /**
     * An event of the application outside any room.
     *
     * @param userId who gets it; null for everyone
     * @param type the application's own name for it
     * @param content any JSON value
     * @param timestamp when it was sent, in milliseconds since 1970-01-01T00:00Z
     */
    record Send(@Nullable String userId, String type, Content content, long timestamp) implements Signal {}

    /**
     * Closes all connections of a user.
     *
     * @param userId the user
     * @param code a WebSocket close code of the hub's
     * @param reason for the client's log
     */
    record Disconnect(String userId, int code, String reason) implements Signal {}

    /**
     * Asks again what a user may.
     *
     * @param userId the user
     */
    record Recheck(String userId) implements Signal {}

    /**
     * Closes one connection of a user, which has to make way for a newer one. Made by a {@link Directory} alone.
     *
     * @param userId the user
     * @param connectionId the connection
     */
    record Evict(String userId, String connectionId) implements Signal {}

    /**
     * Says that a user has sent messages on another instance, which count for the rate of the user here too.
     *
     * @param userId the user
     * @param messages how many, more than 0
     */
    record Spent(String userId, int messages) implements Signal {}
}

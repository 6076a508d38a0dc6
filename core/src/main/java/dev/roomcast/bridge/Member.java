package dev.roomcast.bridge;

import dev.roomcast.message.Content;
import org.jspecify.annotations.Nullable;

/**
 * One user in one room, however many connections the user has there.
 *
 * @param userId the user
 * @param connections how many connections of the user are in the room, on all instances, when this was read; 0 while the
 *     user is away but still within the grace
 * @param meta what the application keeps with the member, a JSON object; null if nothing
 */
public record Member(
        String userId, int connections, @Nullable Content meta) {}

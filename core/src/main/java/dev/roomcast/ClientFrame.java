package dev.roomcast;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent, decoded and checked for form.
 *
 * @param type {@code chat} if it named none
 * @param room the room it named
 * @param content what it carries
 * @param id the sender's name for the message
 * @param isVolatile whether it is worth nothing when late
 * @param key what it is the latest of
 * @param from where a join leaves off
 * @param meta what a join brings along, a JSON object
 * @param token what an auth brings along
 */
record ClientFrame(
        String type,
        @Nullable String room,
        @Nullable Content content,
        @Nullable String id,
        boolean isVolatile,
        @Nullable String key,
        @Nullable Position from,
        @Nullable Content meta,
        @Nullable String token) {

    /** Not what it says: a token must not get into a log. */
    @Override
    public String toString() {
        return "ClientFrame[" + type + "]";
    }

    Frames.Cause cause() {
        return new Frames.Cause(type, room, id);
    }
}

package dev.roomcast.redis;

import dev.roomcast.message.Position;

/**
 * Is told where a room's order had to go on although something of it may be missing here. Between two messages appended to
 * the delivery: those appended before the call stand at or before {@code after}, those appended behind it follow
 * {@code resumed}. Called with the room's lock held, so it only takes note.
 */
@FunctionalInterface
interface Gaps {

    /**
     * Anything past a position may be missing.
     *
     * @param room the room
     * @param after the last position that nothing is missing up to
     * @param resumed where the order goes on: the next message is right behind it
     */
    void gap(String room, Position after, Position resumed);
}

package dev.roomcast.client;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.Optional;

/**
 * What a client tells its application. Every method does nothing by default.
 *
 * <p>All methods of one client are called one after the other, in the order in which things happened, on the client's own
 * thread or on the {@linkplain RoomcastClientBuilder#executor executor} of the application; never on a thread of the HTTP
 * client, and never while a lock is held, so every method of the client may be called from here.
 *
 * <p>A method may block: the client then reads no further, so nothing piles up here. But it should return within the server's
 * heartbeat, and sooner than the room fills what the server keeps for a slow member; else the connection is closed, and opened
 * again. Whoever waits here for the outcome of a send waits in vain, for the outcome comes over the same thread. What a method
 * throws is logged and harms nothing.
 */
public interface ClientListener {

    /**
     * The client has changed its state. Changes that follow each other faster than this method returns may be told as one.
     *
     * @param state the state now
     */
    default void onState(ClientState state) {}

    /**
     * It is over; the last call but {@link #onState}.
     *
     * @param code the close code that decided it; 1000 if the application has closed the client
     * @param reason for people
     */
    default void onClosed(int code, String reason) {}

    /**
     * Something was said in a room. The user's own messages come, too.
     *
     * @param room where
     * @param message what; {@link Message#position()} is null for volatile messages and those with a key
     */
    default void onMessage(ClientRoom room, Message message) {}

    /**
     * The application behind the server said something to this connection alone.
     *
     * @param message what; its room is empty
     */
    default void onDirect(Message message) {}

    /**
     * The client is in a room for the first time. From here on it gets every message of it. Also told of a room that the
     * server's application has let the client into by itself; the client goes back to it after a loss like to any other.
     *
     * @param room the room
     */
    default void onJoined(ClientRoom room) {}

    /**
     * The client is in a room again, after a loss or where an earlier one left off, and what it has missed follows.
     *
     * @param room the room
     */
    default void onRecovered(ClientRoom room) {}

    /**
     * Messages of a room may be missing for good: whatever state was built from them is to be fetched anew.
     *
     * @param room the room
     * @param after everything up to here came; anything behind it may be missing
     * @param resumed the next message comes from behind here
     */
    default void onGap(ClientRoom room, Position after, Position resumed) {}

    /**
     * The client is in a room no longer, or could not get in, and will not try again by itself.
     *
     * @param room the room
     * @param code {@code left} if the server took the client out, else the code of its error
     */
    default void onLeft(ClientRoom room, String code) {}

    /**
     * A user has come into a room where the client was before. Of those who came and went while there was no connection, only
     * {@link #onMembers} tells.
     *
     * @param room the room
     * @param userId the user
     */
    default void onUserJoined(ClientRoom room, String userId) {}

    /**
     * A user has left a room.
     *
     * @param room the room
     * @param userId the user
     */
    default void onUserLeft(ClientRoom room, String userId) {}

    /**
     * {@link ClientRoom#members()} or {@link ClientRoom#memberCount()} has changed in any way; told after the two above.
     *
     * @param room the room
     */
    default void onMembers(ClientRoom room) {}

    /**
     * The instance that the client is connected to has lost, or found again, what connects it with others.
     *
     * @param state {@code isolated} or {@code connected}
     */
    default void onStatus(String state) {}

    /**
     * The server refused something that is no send, a handshake failed, or no token was to be had. The client goes on by
     * itself. A join that is refused for the moment ({@code rate_limited}, {@code unavailable}) is repeated and not told.
     *
     * @param room the room it is about, if any
     * @param code a word that does not change
     * @param message for people
     */
    default void onError(Optional<ClientRoom> room, String code, String message) {}
}

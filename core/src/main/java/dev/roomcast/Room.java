package dev.roomcast;

import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Member;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A named group of connections, on all instances together. This is a handle: getting one costs nothing, and it stays valid
 * whether anyone is in the room or not. Safe for use by any thread; no method blocks.
 *
 * <p>Stages are complete when they are returned, or are completed by threads of the hub that do nothing else, as many as
 * cores: what is chained to a stage may block and holds up only what is chained to others.
 */
public interface Room {

    /**
     * Names the room.
     *
     * @return its name
     */
    String name();

    /**
     * Sends a message to everyone in the room, as the application: {@code userId} is absent.
     *
     * @param type the application's own name for it, or {@code chat}
     * @param content any value that {@link dev.roomcast.message.Content#of(Object)} takes
     * @return true if the message was accepted; false if it was refused at once, because the hub is closed or the room's
     *     queue is full
     * @throws IllegalArgumentException if the type is reserved or the content is not JSON
     */
    boolean broadcast(String type, @Nullable Object content);

    /**
     * Sends a message to everyone in the room, without waiting for its position.
     *
     * @param message what to send; its room and timestamp are set here
     * @return as {@link #broadcast(String, Object)}
     * @throws IllegalArgumentException if the type is reserved
     */
    boolean broadcast(Message message);

    /**
     * Sends a message to everyone in the room and tells where it stands.
     *
     * @param message what to send; its room and timestamp are set here
     * @return completes with the position when the message is in the room's order, with null if it is volatile; fails with
     *     {@link dev.roomcast.bridge.BridgeException} if it was refused
     * @throws IllegalArgumentException if the type is reserved
     */
    CompletionStage<@Nullable Position> publish(Message message);

    /**
     * Reads who is in the room, on all instances.
     *
     * @return completes with the members, in the order in which they came
     */
    CompletionStage<List<Member>> members();

    /**
     * Replaces a member's metadata and tells the room: {@code user_updated}. It holds until one of the user's connections
     * joins with other {@code meta}, and again when that connection goes.
     *
     * @param userId the member
     * @param meta a JSON object, or null for none
     * @return completes with true, or false if the user is not in the room
     * @throws IllegalArgumentException if {@code meta} is not a JSON object
     */
    CompletionStage<Boolean> update(String userId, @Nullable Object meta);

    /**
     * Reads kept messages.
     *
     * @param after the position behind which to start; null for the oldest kept
     * @param limit how many at most, at least 1
     * @return completes with the messages
     */
    CompletionStage<HistorySlice> history(@Nullable Position after, int limit);

    /**
     * Lets a connection of this hub join, as if its client had asked.
     *
     * @param connection one of this hub's connections
     * @return completes with true when it is in the room; with false if it has ended, is in too many rooms, or has not said
     *     yet who it is
     */
    CompletionStage<Boolean> join(Connection connection);

    /**
     * Takes a connection of this hub out. Its client is told {@code left}.
     *
     * @param connection one of this hub's connections
     * @return completes with true when it is out; with false if it was not in the room
     */
    CompletionStage<Boolean> leave(Connection connection);
}

package dev.roomcast.client;

import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A room that a client is in, or wants to be in, also while there is no connection. Its methods may be called by any thread
 * and never block.
 */
public final class ClientRoom {

    private final Session session;
    private final RoomState state;

    ClientRoom(Session session, RoomState state) {
        this.session = session;
        this.state = state;
    }

    /**
     * The room's name, as it was asked for.
     *
     * @return the name
     */
    public String name() {
        return state.name;
    }

    /**
     * The first time in the room.
     *
     * @return completes with this room once the server has let the client in; fails with {@link SendException} if it refuses,
     *     or if the client is closed or leaves before
     */
    public CompletionStage<ClientRoom> joined() {
        return state.joined.minimalCompletionStage();
    }

    /**
     * Says something of type {@value Message#CHAT}.
     *
     * @param content any value that {@link Content#of(Object)} takes
     * @return as for {@link #send(String, Object)}
     */
    public CompletionStage<Position> send(@Nullable Object content) {
        return send(Message.CHAT, content);
    }

    /**
     * Says something, once: now, or when there is a connection and the client is in the room. Until the server has answered,
     * the message is kept and repeated under the same id, for four minutes from its first write.
     *
     * <p>What one client sends to one room is said in the order in which it was sent, except that a message which the server
     * refuses for the moment (too many, or not available) and gets again later may stand behind its followers.
     *
     * @param type the application's own name for it
     * @param content any value that {@link Content#of(Object)} takes
     * @return completes, on the thread of the listener (on the caller's once the client is closed), with the message's place in the room's order; fails with
     *     {@link SendException}, whose code says whether it may have been said all the same
     * @throws IllegalArgumentException if the type is no name, or the content cannot be written as JSON
     */
    public CompletionStage<Position> send(String type, @Nullable Object content) {
        return session.send(state, type, Content.of(content), null).minimalCompletionStage();
    }

    /**
     * Says something as {@link #send(String, Object)} does, under an id of the application's own, such as the key of an order.
     * Within five minutes the room has one message of this user under it, also if another process sends it again because
     * nobody knows how far the first one came.
     *
     * @param type the application's own name for it
     * @param content any value that {@link Content#of(Object)} takes; the same each time, or the send fails with
     *     {@link SendException#ID_CONFLICT}
     * @param id 1 to {@value Message#MAX_ID_BYTES} bytes of UTF-8, unique among all that this user sends
     * @return as for {@link #send(String, Object)}; the place of the first one if it was said before
     * @throws IllegalArgumentException if the type is no name, the content cannot be written as JSON, or the id is too long or
     *     empty
     */
    public CompletionStage<Position> send(String type, @Nullable Object content, String id) {
        return session.send(state, type, Content.of(content), Send.checkId(id)).minimalCompletionStage();
    }

    /**
     * Says something that is worth nothing when late: it is not kept here, not acknowledged, and dropped for members that are
     * behind.
     *
     * @param type the application's own name for it
     * @param content any value that {@link Content#of(Object)} takes
     * @return false if it was dropped here: there is no connection, the client is not in the room, or waits for an answer
     * @throws IllegalArgumentException if the type is no name, or the content cannot be written as JSON
     */
    public boolean sendVolatile(String type, @Nullable Object content) {
        return session.sendVolatile(state, type, Content.of(content));
    }

    /**
     * Says something that takes the place of what was said before under the same key: a price, a position. Only the latest
     * matters, so it waits while there is no connection until a later one replaces it, is not acknowledged, and has no place in
     * the room's order. It may overtake messages without a key that wait for their turn. What is on its way when the connection
     * is lost, and what the server refuses because it is too much at once (50 messages a second, 100 in a burst, unless the
     * host allows more), is not sent again: whoever must not miss a value says it again from time to time.
     *
     * @param type the application's own name for it
     * @param key names what it is the latest of, in this room
     * @param content any value that {@link Content#of(Object)} takes
     * @return false if it is not sent: the client is closed or not in the room, it is too large, or too much waits
     * @throws IllegalArgumentException if the type or the key is no name, or the content cannot be written as JSON
     */
    public boolean sendLatest(String type, String key, @Nullable Object content) {
        return session.sendLatest(state, type, key, Content.of(content));
    }

    /**
     * Up to where the client has seen the room. It moves when a message is taken in, which is before the listener is told.
     *
     * @return empty before the first {@link #joined()}
     */
    public Optional<Position> position() {
        return session.read(() -> Optional.ofNullable(state.position));
    }

    /**
     * Who is in the room; of a big one a sample. While there is no connection: who was.
     *
     * @return a copy: users with their metadata, {@link Content#NULL} for those without
     */
    public Map<String, Content> members() {
        return session.read(() -> state.members.copy());
    }

    /**
     * How many users are in the room, also where {@link #members()} is a sample.
     *
     * @return their number; 0 before the first {@link #joined()}
     */
    public long memberCount() {
        return session.read(() -> state.members.count());
    }

    /** Goes out of the room, and forgets how far it was seen. What was sent is answered if it was written, else refused. */
    public void leave() {
        session.leave(state);
    }

    @Override
    public String toString() {
        return "ClientRoom[" + state.name + "]";
    }
}

package dev.roomcast.message;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One message. Immutable: the {@code with…}-style methods return changed copies.
 *
 * <p>A message lives in two states. As it is written by a sender it has a type, content and options. When a
 * {@code Broadcaster} has taken it, it also has a {@link #position()} and is the same for every member on every instance.
 *
 * <p>Options:
 * <ul>
 *   <li><em>volatile</em>: worth nothing when late (a cursor, a typing sign). It has no position, is not kept in history,
 *       and is dropped for a member whose outgoing queue is not empty. It never holds up others.
 *   <li><em>latest of a key</em>: a newer one takes the place of one that waits for a slow connection (a price, a position
 *       on a map). It has no position either, but is not dropped for a busy connection.
 *   <li><em>excluding</em>: one connection does not receive it.
 *   <li><em>id</em>: names the message among those of its user and room, so that a repeated send is recognised and gets
 *       the position of the first.
 * </ul>
 */
public final class Message {

    /** The type of a message that names none. */
    public static final String CHAT = "chat";

    /** Longest {@link #id()}, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 64;

    private final String room;
    private final String type;
    private final @Nullable String userId;
    private final Content content;
    private final long timestamp;
    private final @Nullable String id;
    private final boolean isVolatile;
    private final @Nullable String key;
    private final @Nullable Exclusion exclusion;
    private final @Nullable Position position;

    private Message(
            String room,
            String type,
            @Nullable String userId,
            Content content,
            long timestamp,
            @Nullable String id,
            boolean isVolatile,
            @Nullable String key,
            @Nullable Exclusion exclusion,
            @Nullable Position position) {
        this.room = room;
        this.type = type;
        this.userId = userId;
        this.content = content;
        this.timestamp = timestamp;
        this.id = id;
        this.isVolatile = isVolatile;
        this.key = key;
        this.exclusion = exclusion;
        this.position = position;
    }

    /**
     * A message of type {@value #CHAT}.
     *
     * @param content any value that {@link Content#of(Object)} takes
     * @return the message, not yet addressed to a room
     */
    public static Message chat(@Nullable Object content) {
        return of(CHAT, content);
    }

    /**
     * A message of any type.
     *
     * @param type the application's own name for it
     * @param content any value that {@link Content#of(Object)} takes
     * @return the message, not yet addressed to a room
     */
    public static Message of(String type, @Nullable Object content) {
        return new Message("", type, null, Content.of(content), 0, null, false, null, null, null);
    }

    /**
     * Names the sender.
     *
     * @param userId the user it comes from; null for the application itself
     * @return a copy
     */
    public Message from(@Nullable String userId) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * Addresses the message. It has no position there yet, whatever it had before.
     *
     * @param room name of the room
     * @param timestamp when it was accepted, in milliseconds since 1970-01-01T00:00Z
     * @return a copy
     */
    public Message in(String room, long timestamp) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, null);
    }

    /**
     * Gives the message its place in the order of its room. Only a {@code Broadcaster} does that.
     *
     * @param position where it stands
     * @return a copy
     */
    public Message at(Position position) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * Replaces the content.
     *
     * @param content the new content
     * @return a copy
     */
    public Message content(Content content) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * Names the message, so that a repeat is recognised.
     *
     * @param id unique among the messages of this user in this room, at most {@value #MAX_ID_BYTES} bytes; null for none
     * @return a copy
     * @throws IllegalArgumentException if it is longer
     */
    public Message id(@Nullable String id) {
        if (id != null && id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
            throw new IllegalArgumentException("an id has at most " + MAX_ID_BYTES + " bytes");
        }
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * Makes the message volatile.
     *
     * @return a copy
     */
    public Message asVolatile() {
        return new Message(room, type, userId, content, timestamp, id, true, key, exclusion, position);
    }

    /**
     * Makes the message the latest of its key: it takes the place of an older one of the same key and room that still waits
     * for a slow connection. Like a volatile one it has no position and is not kept.
     *
     * @param key the application's own name for what is replaced, for example {@code cursor:ann}; null for none
     * @return a copy
     */
    public Message latestOf(@Nullable String key) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * Leaves one connection out.
     *
     * @param exclusion who does not receive it; null for nobody
     * @return a copy
     */
    public Message excluding(@Nullable Exclusion exclusion) {
        return new Message(room, type, userId, content, timestamp, id, isVolatile, key, exclusion, position);
    }

    /**
     * The room it is addressed to.
     *
     * @return its name; empty while not addressed
     */
    public String room() {
        return room;
    }

    /**
     * What kind of message it is.
     *
     * @return {@value #CHAT} or the application's own type
     */
    public String type() {
        return type;
    }

    /**
     * Who sent it.
     *
     * @return the user; null if it comes from the application
     */
    public @Nullable String userId() {
        return userId;
    }

    /**
     * What it says.
     *
     * @return the content
     */
    public Content content() {
        return content;
    }

    /**
     * When it was accepted.
     *
     * @return milliseconds since 1970-01-01T00:00Z; 0 while not addressed
     */
    public long timestamp() {
        return timestamp;
    }

    /**
     * The sender's name for it.
     *
     * @return the id; null if it has none
     */
    public @Nullable String id() {
        return id;
    }

    /**
     * Whether it is worth nothing when late.
     *
     * @return true for a message without position and history
     */
    public boolean isVolatile() {
        return isVolatile;
    }

    /**
     * What it is the latest of.
     *
     * @return the key; null if it replaces nothing
     */
    public @Nullable String key() {
        return key;
    }

    /**
     * Whether it gets a position and is kept in history.
     *
     * @return false if it is volatile or has a key
     */
    public boolean isRecoverable() {
        return !isVolatile && key == null;
    }

    /**
     * Who does not receive it.
     *
     * @return the exclusion; null if everyone receives it
     */
    public @Nullable Exclusion exclusion() {
        return exclusion;
    }

    /**
     * Where it stands.
     *
     * @return the position; null while not published, and for a volatile message
     */
    public @Nullable Position position() {
        return position;
    }

    /** Names the message without its content, which stays out of logs. */
    @Override
    public String toString() {
        return "Message[" + type + " in " + room + " at " + position + "]";
    }
}

/**
 * Rooms for the WebSocket server you already run: {@link dev.roomcast.Rooms} is the hub a host builds, and
 * {@link dev.roomcast.Room} the group that talks.
 *
 * <p>The life of a message, and the classes that tell it, in the order in which to read them:
 *
 * <ol>
 *   <li>The container gives a text to the adapter, and the adapter to {@code LiveConnection}.
 *   <li>{@code Guards} look at its size and rate; {@code Inbox} keeps the messages of one connection in order, also past a
 *       step that completes later.
 *   <li>{@code FrameDecoder} reads it, {@code Protocol} knows what it asks for, and the host's
 *       {@link dev.roomcast.MessageHandler} passes it on.
 *   <li>The {@link dev.roomcast.bridge.Broadcaster} gives it a {@link dev.roomcast.message.Position}, remembers it, and
 *       appends it to the {@code Lane} of the room on every instance, through {@link dev.roomcast.bridge.Delivery}.
 *   <li>Whoever finds the lane idle drains it: {@code LiveRoom} has {@code Frames} encode each message once and hands the
 *       same {@code RoomBatch} to the {@code Outbox} of each member in the {@code MemberSet}; a {@code Fanout} does it with
 *       several threads when the members are many.
 *   <li>The outbox writes to the {@link dev.roomcast.transport.Transport} with one write in flight, and is bounded: a
 *       member that does not read harms nobody but itself. What it misses, and what one that was away has missed,
 *       {@code Replays} read from history.
 * </ol>
 *
 * <p>Who comes and goes takes the same road: {@code Joining} asks the {@link dev.roomcast.bridge.Roster}, whose changes
 * enter the lane among the messages, where {@code Presence} tells them. Nothing flows backwards: delivery cannot publish,
 * and a transport knows nothing of rooms.
 *
 * <p>What is done with a {@link dev.roomcast.User} wherever the user is belongs to no room: {@code Signals} do it for the
 * connections here, and give it to the {@link dev.roomcast.bridge.Directory} for the others.
 */
@NullMarked
package dev.roomcast;

import org.jspecify.annotations.NullMarked;

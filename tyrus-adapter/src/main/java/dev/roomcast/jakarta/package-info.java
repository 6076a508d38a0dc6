/**
 * Rooms as a Jakarta WebSocket endpoint. {@link dev.roomcast.jakarta.RoomEndpoint} goes into any container of Jakarta
 * WebSocket 2.1 or later; {@link dev.roomcast.jakarta.RoomServer} is a small one to start with.
 *
 * <p>One connection, from top to bottom: the container asks the {@code Doorman}, who describes the request and lets the hub
 * judge it; {@code RoomEndpoint} feeds what arrives to the hub; {@code SessionTransport} writes what the hub sends, each
 * session by the {@code Outlet} that {@code Outlets} has chosen for it. Below them in the server of our own stand
 * {@code HttpFilter}, which answers requests until one is a {@code WebSocketUpgrade}, {@code SocketFilter} and
 * {@code GrizzlyLink}, which is the outlet there. In a servlet container {@link dev.roomcast.jakarta.RoomFilter} judges
 * first. Classes that name Tyrus or Grizzly are touched only where those are present.
 */
@NullMarked
package dev.roomcast.jakarta;

import org.jspecify.annotations.NullMarked;

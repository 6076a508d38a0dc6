/**
 * A client of Roomcast for services, bots and tests: many rooms on one connection, which comes back by itself.
 *
 * <p>What it does for the application, beside carrying messages:
 * <ul>
 *   <li>a connection that is lost, or that has fallen silent, is opened again after a pause, and each room gets what it has
 *       missed, in order and once, before what is live; where history no longer has all of it, the listener is told of the
 *       gap;
 *   <li>what is sent is kept until the server has acknowledged it, and repeated under the same id: it is in the room once, or
 *       its sender is told that nobody knows;
 *   <li>close codes decide whether it comes back, and a token that expires is replaced in time;
 *   <li>what the server says and cannot be read may have been a message: the connection is given up, and the next recovers.
 * </ul>
 *
 * <p>How it is made: {@code Session} holds everything that outlives a connection (rooms with their positions, sends without an
 * answer) and the {@code Phase} it is in; it knows no socket, has a clock that tests turn by hand, and says what is to be done
 * through an {@code Outlet}. {@code JdkSocket} is one connection. What the application is told goes over the {@code Desk}, one
 * thing after the other, and never while a lock is held.
 *
 * <pre>{@code
 * RoomcastClient client = RoomcastClient.connect(URI.create("ws://localhost:8080/rooms"))
 *         .user("bot")
 *         .listener(new ClientListener() {
 *             @Override
 *             public void onMessage(ClientRoom room, Message message) {
 *                 System.out.println(message.userId() + ": " + message.content().text());
 *             }
 *         })
 *         .open();
 * ClientRoom lobby = client.join("lobby");
 * lobby.send("hello").thenAccept(position -> System.out.println("said at " + position));
 * }</pre>
 */
@NullMarked
package dev.roomcast.client;

import org.jspecify.annotations.NullMarked;

/**
 * The seam to whatever carries the frames. An adapter implements {@link dev.roomcast.transport.Transport} for one
 * connection and feeds the {@link dev.roomcast.transport.Inbound} it gets for it. The life of a connection, as calls:
 *
 * <ol>
 *   <li>the adapter describes the request as a {@link dev.roomcast.transport.Handshake} and asks
 *       {@code rooms.refusal(handshake)}; a refusal is answered with its HTTP status and nothing follows;
 *   <li>the socket is open: {@code Inbound inbound = rooms.accept(handshake, transport)};
 *   <li>any number of {@code inbound.text / binary / pong}, one at a time and in the order of arrival; meanwhile, on other
 *       threads, {@code transport.write / ping}, at most one of them in flight;
 *   <li>at most one {@code transport.close}, and at most one {@code transport.abort}, from any thread at any moment;
 *   <li>exactly one {@code inbound.closed}, whoever ended it. Nothing is called after that which has an effect.
 * </ol>
 */
@NullMarked
package dev.roomcast.transport;

import org.jspecify.annotations.NullMarked;

package dev.roomcast;

import dev.roomcast.bridge.Signal;
import dev.roomcast.guard.Refusal;
import dev.roomcast.message.Content;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The hub: finds rooms and users, and accepts connections. A host builds one, registers it with its server through an
 * adapter, and closes it when the server stops.
 *
 * <pre>{@code
 * Rooms rooms = Rooms.builder()
 *         .allowedOrigins("https://app.example.com")
 *         .build();
 * }</pre>
 *
 * <p>A process that only publishes builds one with a bridge and accepts nothing: it is in no room and receives no traffic.
 *
 * <p>Safe for use by any thread. No method blocks but {@link #close()} and {@link #close(Duration)}.
 */
public final class Rooms implements AutoCloseable {

    private final Hub hub;

    Rooms(RoomsBuilder builder) {
        this.hub = new Hub(builder);
    }

    /**
     * Starts the settings of a hub.
     *
     * @return a builder for one hub
     */
    public static RoomsBuilder builder() {
        return new RoomsBuilder();
    }

    /**
     * A room by its name. Rooms need not be made: a room is there when someone talks in it.
     *
     * @param name the name
     * @return a handle
     * @throws IllegalArgumentException if the name is longer than {@link Limit#NAME_LENGTH}, or none that
     *     {@link dev.roomcast.guard.Names} lets pass
     */
    public Room room(String name) {
        return hub.room(name);
    }

    /**
     * The connections of this instance that have said who they are and were welcomed. {@link Stats#connections()} counts the
     * others, too.
     *
     * @return a copy
     */
    public Collection<Connection> connections() {
        return hub.connections.values().stream()
                .filter(connection -> connection.guards.isWelcome())
                .<Connection>map(connection -> connection)
                .toList();
    }

    /**
     * What the hub holds and has done.
     *
     * @return a reading of this moment
     */
    public Stats stats() {
        return hub.stats();
    }

    /**
     * Whether the bridge's backend is there. {@link RoomListener#onStatus} tells changes.
     *
     * @return how the hub stands at this moment
     */
    public Status status() {
        return hub.isolation.status();
    }

    /**
     * The value of a limit in this hub.
     *
     * @param limit which
     * @return the value, in the limit's unit
     */
    public long limit(Limit limit) {
        return hub.settings.limit(limit);
    }

    /**
     * All connections of a user, on all instances.
     *
     * @param id the user, as others are shown the name
     * @return a handle
     * @throws IllegalArgumentException if the name is longer than {@link Limit#NAME_LENGTH}, or none that
     *     {@link dev.roomcast.guard.Names} lets pass
     */
    public User user(String id) {
        return hub.user(id);
    }

    /**
     * Sends to everyone who is connected, on all instances, outside any room:
     * {@code {"type":…,"content":…,"timestamp":…}}. Nothing of it is kept: whoever is not connected now never gets it.
     *
     * @param type the application's own name for it, not one of the protocol's
     * @param content any value that {@link dev.roomcast.message.Content#of(Object)} takes
     * @return completes with the number of instances with connections that it was handed to, this one included; fails with
     *     {@link dev.roomcast.bridge.BridgeException} as unavailable while the bridge is away, though the connections of
     *     this instance get it then; or, for those too, while {@link Limit#SIGNAL_BYTES} is hit
     * @throws IllegalArgumentException if the type is reserved or the content is not JSON
     */
    public CompletionStage<Integer> broadcast(String type, @Nullable Object content) {
        ReservedTypes.check(type);
        return hub.hostThreads.told(
                hub.signals.raise(new Signal.Send(null, type, Content.of(content), hub.time.millis())));
    }

    /**
     * The same as {@link User#recheck()} of that user.
     *
     * @param userId the user, as others are shown the name
     * @return completes as that does
     */
    public CompletionStage<@Nullable Void> recheck(String userId) {
        return user(userId).recheck().thenApply(instances -> null);
    }

    /**
     * Whether {@link dev.roomcast.transport.Inbound#text} may block: when the host has a handler of its own and has given no
     * executor. An adapter whose thread moves bytes of many connections hands the text to another one then, and need not
     * otherwise.
     *
     * @return true if code of the host may run on the thread that brings a message
     */
    public boolean mayBlock() {
        return hub.settings.mayBlock();
    }

    /**
     * Judges a handshake. Adapters ask before they accept the WebSocket, and answer a refusal with its HTTP status.
     *
     * @param handshake the request
     * @return a refusal; empty if the connection may come
     */
    public Optional<Refusal> refusal(Handshake handshake) {
        return hub.refusal(handshake);
    }

    /**
     * Accepts a connection. Called by adapters when the WebSocket is open; what the client sends goes into the result.
     *
     * @param handshake the request
     * @param transport the way out
     * @return the way in
     */
    public Inbound accept(Handshake handshake, Transport transport) {
        return hub.accept(handshake, transport);
    }

    /**
     * Ends the hub: refuses new connections, tells every client {@link CloseCode#GOING_AWAY}, waits for the connections to
     * end ({@link Limit#SHUTDOWN_DEADLINE} at most, then cuts them), closes the bridge and ends every thread the hub has
     * started. Blocks meanwhile. Idempotent; a second call returns at once. During {@link #close(Duration)} it ends the
     * drain.
     */
    @Override
    public void close() {
        hub.close();
    }

    /**
     * Ends the hub as {@link #close()} does, but lets the clients go one after the other, so that those who come back to
     * other instances do not come together. At once new connections are refused, and every client is sent {@code reconnect}
     * with the moment that is its own, spread evenly over the time; at that moment its connection is closed with
     * {@link CloseCode#GOING_AWAY}, behind the answers to what it has said ({@link Limit#SHUTDOWN_DEADLINE} at most, then
     * they are refused as {@link ErrorCode#UNAVAILABLE}). Until then all goes on as usual, for those who are still here. Its
     * user is waited for as after a lost connection, so the others see nobody leave who is back within {@link Limit#GRACE}.
     *
     * <p>Blocks until all is over, earlier than after the whole time if all have gone: at most the time and twice
     * {@link Limit#SHUTDOWN_DEADLINE}, and the bridge's end. An interrupt ends the drain. Without effect if the hub is being
     * closed already. Not to be called by a handler or listener. Its place is the shutdown hook, where the host's own
     * server is still up:
     *
     * <pre>{@code
     * Runtime.getRuntime().addShutdownHook(new Thread(() -> {
     *     rooms.close(Duration.ofSeconds(10));
     *     server.close();
     * }));
     * }</pre>
     *
     * @param grace how long the last one may stay; zero lets all go at once, with their answers
     * @throws IllegalArgumentException if it is negative
     */
    public void close(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("a time to close is not negative: " + grace);
        }
        hub.close(grace.compareTo(Settings.LONGEST) > 0 ? Settings.LONGEST : grace);
    }
}

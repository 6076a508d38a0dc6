package dev.roomcast.bridge;

import dev.roomcast.message.Content;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who is in which room, on all instances together.
 *
 * <p>A user is in a room from the first connection there until the last has left. Every such change, and every change of a
 * member's metadata, raises the room's {@code rev} by one and is appended to {@link Delivery} as a {@link RosterChange}, in
 * ascending {@code rev}, on every instance with a subscription for the room. A second connection of a user changes counts
 * only, unless it brings or takes along metadata: no {@code rev}, no change is told.
 *
 * <p>A member's metadata is what one of its connections brought last. A connection that goes, or is lost, takes along what it
 * brought, and what the newest of the others brought holds again; of more than 16 the oldest are forgotten. What the last
 * connection brought stays during the grace, and is then that of the connection with which the user is back. An
 * {@link #update} voids all that was brought before and belongs to no connection: it holds until a connection brings
 * something, and again when that one goes.
 *
 * <p>No method blocks. Stages may complete later and on any thread, also inline, and within a bounded time. Calls for one
 * connection and room are made one after the other: a {@code leave} is never called before the stage of the {@code join}
 * has completed.
 *
 * <p>While the bridge has said that its backend is {@linkplain Delivery#isolated away}, {@code join} and {@code leave} complete
 * at once and are carried out when it is back, if they are true by then; {@code update} and {@code read} fail at once. The hub
 * tells its members who comes and goes here by itself meanwhile, and reads the roster when the backend is back. By then the
 * connections of this instance are in it.
 */
public interface Roster {

    /** What {@link #join} completes with if the backend is away: the connection enters the roster when it is back. */
    long LATER = -1;

    /**
     * Adds a connection. If the user's last connection was lost and its grace still runs, the user has never left.
     * Idempotent for one connection; a repeat with other metadata updates it.
     *
     * @param room the room
     * @param userId the connection's user
     * @param connectionId the connection, unique among all instances
     * @param meta metadata that the connection brings, a JSON object; null keeps what is there
     * @return completes with the room's {@code rev}, the join included; the change, if there was one, has been appended to
     *     {@link Delivery} of this instance by then. With {@link #LATER} if the backend is away
     */
    CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta);

    /**
     * Takes a connection out. If it was the user's last one the user leaves: at once, or after a grace unless the user is
     * back by then on whatever instance. Unknown connections are ignored.
     *
     * @param room the room
     * @param userId the connection's user
     * @param connectionId the connection
     * @param cause why
     * @param grace how long the user may be away without having left; zero to leave at once
     * @return completes when the connection is out; the change, if there was one, has been appended to {@link Delivery} of
     *     this instance by then
     */
    CompletionStage<@Nullable Void> leave(
            String room, String userId, String connectionId, RosterChange.Cause cause, Duration grace);

    /**
     * Replaces a member's metadata.
     *
     * @param room the room
     * @param userId the member
     * @param meta a JSON object; null to remove it
     * @return completes with true, or with false if there is no such member
     */
    CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta);

    /**
     * Reads the roster of a room.
     *
     * @param room the room
     * @return completes with the members, at a {@code rev} not older than any that was appended before the call
     */
    CompletionStage<RosterSnapshot> read(String room);
}

package dev.roomcast;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How a connection gets into a room and out again. Joining, in order: hold the room; have this instance's interest
 * confirmed and read the top; enter the roster; enter the connection's own list; arrive in the lane, which sends
 * {@code joined}. A connection that ends meanwhile finds out at its own list, and what was done is undone.
 *
 * <p>A room is held by each membership, and for a while after a connection was lost, so that this instance still sees and
 * tells the host that the user has left when the grace is over.
 */
final class Joining {

    /** What the lane and the roster may take to work off the end of a grace. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(1);

    /** When a join that is refused for want of memory may be tried again. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Hub hub;

    Joining(Hub hub) {
        this.hub = hub;
    }

    /**
     * Completes with what became of it once the client has been told {@code joined}; fails if the bridge did.
     *
     * @param from where the client left off, if it wants what it has missed
     */
    CompletionStage<LiveConnection.Entry> join(
            LiveConnection connection, String name, @Nullable Content meta, @Nullable Position from) {
        CompletionStage<@Nullable Void> space = connection.outbox.rosterSpace();
        if (space == null) {
            return enter(connection, name, meta, from);
        }
        // Each joined carries a roster. A client that pipelines joins and is slow for a moment has to be waited for.
        connection.inbox.relax();
        return space.thenComposeAsync(free -> enter(connection, name, meta, from), hub.workers::executeSurely);
    }

    private CompletionStage<LiveConnection.Entry> enter(
            LiveConnection connection, String name, @Nullable Content meta, @Nullable Position from) {
        Membership known = connection.joined.in(name);
        if (known == null && connection.joined.count() >= hub.settings.limit(Limit.ROOMS_PER_CONNECTION)) {
            hub.hit(Limit.ROOMS_PER_CONNECTION, connection);
            return CompletableFuture.completedFuture(LiveConnection.Entry.TOO_MANY);
        }
        if (known == null && hub.memory.isExhausted()) {
            hub.hit(Limit.MEMORY_BYTES, connection);
            return CompletableFuture.failedFuture(
                    new BridgeException(BridgeException.Reason.UNAVAILABLE, "the server is short of memory", SOON));
        }
        LiveRoom room = hub.rooms.hold(name);
        Membership member = known == null ? new Membership(connection, room) : known;
        if (known == null) {
            member.count(hub.memory, meta);
        }
        // Completed by the lane itself, so that what the client says next need not wait.
        CompletableFuture<LiveConnection.Entry> outcome = new CompletableFuture<>();
        connection
                .joined
                .departure(name)
                .thenCompose(gone -> room.subscription().top())
                .thenCompose(top -> hub.bridge
                        .roster()
                        .join(name, connection.userId(), connection.id(), meta)
                        .thenCompose(rev -> {
                            LiveConnection.Entry entry = known == null
                                    ? connection.joined.enter(member, hub.settings.limit(Limit.ROOMS_PER_CONNECTION))
                                    : stillThere(member);
                            return arrive(new LaneEntry.Arrived(member, top, from, rev, meta, outcome, entry));
                        }))
                .whenComplete((entry, failure) -> {
                    if (failure != null) {
                        undo(member, known == null);
                        outcome.completeExceptionally(failure);
                    }
                    if (entry != LiveConnection.Entry.ENTERED) {
                        hub.rooms.release(room);
                    }
                    if (known == null && (entry == null || entry == LiveConnection.Entry.ALREADY_IN)) {
                        hub.memory.add(-member.free());
                    }
                });
        return outcome;
    }

    private CompletionStage<LiveConnection.Entry> arrive(LaneEntry.Arrived arrival) {
        Membership member = arrival.member();
        LiveConnection.Entry entry = arrival.entry();
        if (entry == LiveConnection.Entry.ENDED || entry == LiveConnection.Entry.TOO_MANY) {
            // As the connection ended: one that was lost leaves its user the grace that may be running already.
            Cause cause = entry == LiveConnection.Entry.ENDED ? member.connection.joined.endCause() : Cause.LEAVE;
            hub.rooms.holdAgain(member.room);
            return out(member, cause)
                    .thenApply(done -> entry)
                    .whenComplete((done, failure) -> arrival.outcome().complete(entry));
        }
        if (entry == LiveConnection.Entry.ENTERED) {
            hub.counters.memberships.increment();
        }
        member.count(hub.memory, arrival.meta());
        if (!member.room.append(arrival)) {
            // Taken out again before it arrived, and the room has gone with it.
            arrival.outcome().complete(LiveConnection.Entry.ENDED);
        }
        hub.resume(member.room);
        return CompletableFuture.completedFuture(entry);
    }

    /** Whether a join that failed was carried out all the same is not known. */
    private void undo(Membership member, boolean isNew) {
        LiveConnection connection = member.connection;
        if (isNew && connection.joined.in(member.room.name) == null) {
            String room = member.room.name;
            connection.joined.departing(
                    room,
                    hub.bridge.roster().leave(room, connection.userId(), connection.id(), Cause.LEAVE, Duration.ZERO));
        }
    }

    /** Who has been taken out while it joined once more has entered the roster behind its own leaving. */
    private static LiveConnection.Entry stillThere(Membership member) {
        return member.connection.joined.in(member.room.name) == member
                ? LiveConnection.Entry.ALREADY_IN
                : LiveConnection.Entry.ENDED;
    }

    /** Takes a connection out of one room as its client wants; completes with false if it was not there. */
    CompletionStage<Boolean> leave(LiveConnection connection, String name) {
        return leave(connection, name, Cause.LEAVE);
    }

    /** Takes a connection out of one room; completes with false if it was not there. */
    CompletionStage<Boolean> leave(LiveConnection connection, String name, Cause cause) {
        CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
        Membership member = connection.joined.takeOut(name, gone);
        return member == null
                ? CompletableFuture.completedFuture(false)
                : depart(member, cause, true)
                        .whenComplete((done, failure) -> gone.complete(null))
                        .thenApply(done -> true);
    }

    /** Takes a connection out of the rooms it was in. */
    void leaveAll(LiveConnection connection, Collection<Membership> members, Cause cause) {
        members.forEach(member -> Workers.guarded(() -> depart(member, cause, false)));
    }

    private CompletionStage<@Nullable Void> depart(Membership member, Cause cause, boolean tell) {
        hub.counters.memberships.decrement();
        member.room.append(new LaneEntry.Departed(member, cause, tell));
        CompletionStage<@Nullable Void> left = out(member, cause);
        hub.resume(member.room);
        return left;
    }

    /** Takes a connection out of the roster, and gives its hold of the room back when all of that is over. */
    private CompletionStage<@Nullable Void> out(Membership member, Cause cause) {
        LiveConnection connection = member.connection;
        LiveRoom room = member.room;
        Duration grace = hub.settings.grace(cause);
        CompletionStage<@Nullable Void> left =
                hub.bridge.roster().leave(room.name, connection.userId(), connection.id(), cause, grace);
        connection.joined.departing(room.name, left);
        return left.whenComplete((done, failure) -> {
            long bytes = member.free();
            if (grace.isZero()) {
                hub.memory.add(-bytes);
                hub.rooms.release(room);
            } else {
                hub.memory.addLeaving(bytes);
                hub.time.after(grace.plus(AFTER_GRACE), () -> {
                    hub.memory.addLeaving(-bytes);
                    hub.memory.add(-bytes);
                    hub.rooms.release(room);
                });
            }
        });
    }
}

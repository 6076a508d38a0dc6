package dev.roomcast;

import dev.roomcast.Replays.Found;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import dev.roomcast.transport.TextFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells the members of one room who comes and goes, and lets new ones in. Owned by the room's lane.
 *
 * <p>A connection that arrives waits until the {@link RosterView} has reached the revision of its own join; so its
 * {@code joined} holds itself, and what it is told afterwards follows on without hole or repeat.
 *
 * <p>In a room with more than {@link Limit#PRESENCE_MEMBERS} members nobody wants each coming and going: ten thousand joins
 * would be a hundred million frames. There a {@code members} frame with a count and a sample goes out instead, at most once
 * a second, and once more with all names when the room has become small again.
 */
final class Presence {

    private static final Duration DIGEST_EVERY = Duration.ofSeconds(1);
    private static final Duration READ_AGAIN_AFTER = Duration.ofSeconds(1);

    private final LiveRoom room;
    private final Hub hub;
    private final RosterView view = new RosterView();

    /** Arrivals that wait for the roster, and those whose missed messages are looked for. */
    private final List<LaneEntry.Arrived> waiting = new ArrayList<>(1);

    private final List<LaneEntry.Arrived> recovering = new ArrayList<>(0);

    /** Those of {@link #waiting} who were there when the timer was set that ends their wait. */
    private List<LaneEntry.Arrived> watched = List.of();

    private Time.@Nullable Timer waitTimer;
    private boolean reading;

    /** How often members were told of someone here without the roster; and how often when the reading under way began. */
    private int guesses;

    private int guessesBefore;

    /** Whether the room is held for a reading that is to be tried again. */
    private boolean triesAgain;

    private final Awaited awaited;

    private long digestAt;
    private Time.@Nullable Timer digestTimer;

    Presence(LiveRoom room, Hub hub) {
        this.room = room;
        this.hub = hub;
        this.awaited = new Awaited(hub.time, () -> {
            room.append(new LaneEntry.GracesOver());
            hub.drainElsewhere(room);
        });
        this.digestAt = hub.time.nanos() - DIGEST_EVERY.toNanos();
    }

    void changed(RosterChange change) {
        int before = view.size();
        RosterChange applied = view.apply(change);
        if (applied != null) {
            tell(List.of(applied), before);
        }
        goOn();
    }

    void moved(long rev) {
        view.needs(rev);
        goOn();
    }

    /** The bridge's backend is back. */
    void returned() {
        goOn();
    }

    void read(@Nullable RosterSnapshot snapshot) {
        reading = false;
        if (snapshot == null) {
            tryAgainLater();
            if (hub.isolation.isIsolated()) {
                goOn();
            }
        } else if (guesses != guessesBefore) {
            // It may know nothing of who came or went meanwhile.
            goOn();
            room.released();
        } else {
            int before = view.size();
            tell(view.replace(snapshot, room.name, hub.time.millis()), before);
            goOn();
            // Behind it: another reading that is needed holds the room by itself.
            room.released();
        }
    }

    /** The room is held until then if the host was told of someone: it is to hear of the going, too. */
    private void tryAgainLater() {
        if (view.size() > 0 && !triesAgain) {
            triesAgain = true;
        } else {
            room.released();
        }
        hub.time.after(READ_AGAIN_AFTER, () -> {
            room.append(new LaneEntry.LookAgain());
            hub.drainElsewhere(room);
        });
    }

    /** A while after a reading that has failed. */
    void lookAgain() {
        goOn();
        if (triesAgain) {
            triesAgain = false;
            room.released();
        }
    }

    void arrived(LaneEntry.Arrived arrival) {
        if (arrival.member().departed) {
            arrival.outcome().complete(LiveConnection.Entry.ENDED);
            return;
        }
        waiting.add(arrival);
        view.needs(arrival.rev());
        goOn();
    }

    /** Answered here, since the lane may be closed before what they wait for is there. */
    void departed(LaneEntry.Departed departure) {
        end(waiting, departure.member());
        end(recovering, departure.member());
        watchWaiting();
    }

    private static void end(List<LaneEntry.Arrived> arrivals, Membership member) {
        arrivals.removeIf(arrival -> {
            boolean same = arrival.member() == member;
            if (same) {
                arrival.outcome().complete(LiveConnection.Entry.ENDED);
            }
            return same;
        });
    }

    /** A member has gone. While the roster cannot be told, others are told by this instance alone. */
    void left(LaneEntry.Departed departure) {
        if (!hub.isolation.isIsolated()) {
            return;
        }
        LiveConnection connection = departure.member().connection;
        Duration grace = hub.settings.grace(departure.cause());
        if (grace.isZero()) {
            gone(connection.userId(), departure.cause());
        } else {
            awaited.add(connection.userId(), grace);
        }
    }

    /** If the roster can be asked by now it says by itself who has left. */
    void gracesOver() {
        for (String userId : awaited.over()) {
            if (hub.isolation.isIsolated()) {
                gone(userId, Cause.LOST);
            }
        }
    }

    private void gone(String userId, Cause cause) {
        boolean comes = Stream.concat(waiting.stream(), recovering.stream())
                .anyMatch(arrival -> arrival.member().connection.userId().equals(userId));
        if (!comes && !room.hasUser(userId)) {
            int before = view.size();
            guess(before, view.went(room.name, userId, cause, hub.time.millis()));
        }
    }

    /** Someone has come while the roster could not be asked. */
    private void came(LaneEntry.Arrived arrival) {
        String userId = arrival.member().connection.userId();
        int before = view.size();
        guess(before, view.came(room.name, userId, arrival.meta(), hub.time.millis()));
    }

    private void guess(int before, @Nullable RosterChange change) {
        guesses++;
        if (change != null) {
            tell(List.of(change), before);
        }
        readIfBehind();
    }

    /** Reads the roster if the view misses something and no reading is under way. */
    private void readIfBehind() {
        if (reading || !view.isBehind()) {
            return;
        }
        if (hub.isolation.isIsolated()) {
            hub.isolation.await(room);
            return;
        }
        if (!hub.rooms.holdAgain(room)) {
            return;
        }
        guessesBefore = guesses;
        // Held until the answer is there: or the host would be told of a coming and never of the going.
        reading = true;
        view.asks();
        hub.bridge.roster().read(room.name).whenComplete((snapshot, failure) -> {
            room.append(new LaneEntry.Read(failure == null ? snapshot : null));
            hub.resume(room);
        });
    }

    /** The answer to who is here. */
    TextFrame members() {
        return Frames.members(room.name, view, hub.settings);
    }

    void digest() {
        digestTimer = null;
        digestAt = hub.time.nanos();
        room.toAll(members());
    }

    private void goOn() {
        readIfBehind();
        List<LaneEntry.Arrived> arrivals = new ArrayList<>(1);
        boolean alone = !reading && hub.isolation.isIsolated();
        waiting.removeIf(arrival -> {
            boolean ready = alone || view.rev() >= arrival.rev();
            if (ready) {
                arrivals.add(arrival);
            }
            return ready;
        });
        watchWaiting();
        // Not while the list is being changed: an arrival that is let in may bring others here.
        arrivals.forEach(arrival -> Workers.guarded(() -> ready(arrival)));
    }

    /** Nobody waits for ever for a roster that does not come: with one timer, which a waiter meets once or twice. */
    private void watchWaiting() {
        if (waiting.isEmpty() && waitTimer != null) {
            waitTimer.cancel();
            waitTimer = null;
            watched = List.of();
        } else if (!waiting.isEmpty() && waitTimer == null) {
            watched = List.copyOf(waiting);
            waitTimer = hub.time.after(hub.settings.duration(Limit.ANSWER_DEADLINE), () -> {
                room.append(new LaneEntry.WaitedLong());
                hub.drainElsewhere(room);
            });
        }
    }

    /** Lets in who has waited too long, as while the roster cannot be asked. */
    void waitedLong() {
        List<LaneEntry.Arrived> late =
                watched.stream().filter(waiting::contains).toList();
        waitTimer = null;
        watched = List.of();
        waiting.removeAll(late);
        watchWaiting();
        late.forEach(arrival -> {
            hub.hit(Limit.ANSWER_DEADLINE, arrival.member().connection);
            Workers.guarded(() -> ready(arrival));
        });
    }

    private void ready(LaneEntry.Arrived arrival) {
        if (arrival.rev() == Roster.LATER || arrival.rev() > view.rev()) {
            came(arrival);
        }
        Position from = arrival.from();
        if (from == null || arrival.entry() != LiveConnection.Entry.ENTERED) {
            admit(arrival, from, Found.NO);
        } else {
            recovering.add(arrival);
            room.replays.find(from, found -> {
                recovering.remove(arrival);
                admit(arrival, from, found);
            });
        }
    }

    /**
     * Whoever cannot be told yet whether all it missed can be had is promised that it comes, or a gap: its position stands
     * where it was until the bridge's backend is back. One that stands where the room stands here misses nothing so far.
     */
    private void admit(LaneEntry.Arrived arrival, @Nullable Position from, Found found) {
        Membership member = arrival.member();
        LiveConnection connection = member.connection;
        if (member.departed) {
            arrival.outcome().complete(LiveConnection.Entry.ENDED);
            return;
        }
        Position stands = room.admit(member, arrival.top());
        // One that joins once more while it is being brought up goes on from where it is.
        Position behind = connection.outbox.behind(member);
        Position position = behind == null ? stands : behind;
        boolean supplied = false;
        // The backend may have come back between the question for the top and the reading: then the room stands in
        // an order of this instance's own until it is placed.
        if (from != null && found == Found.YES && from.comparableTo(stands)) {
            connection.outbox.holdBack(member, from);
            supplied = true;
        } else if (from != null && found != Found.NO && !from.equals(stands)) {
            room.deferred.add(member, from, found);
            position = from;
        }
        // Joined stands before whatever the client's next message is answered with, but is not written before that
        // message finds the inbox free.
        boolean paused = connection.outbox.pause();
        try {
            connection.inbox.relax();
            connection.outbox.roster(
                    Frames.joined(room.name, position, from != null, found != Found.NO, view, hub.settings));
            connection.control(Frames.userJoined(room.name, connection.userId(), hub.time.millis(), view));
            if (supplied) {
                room.replays.supply(member);
            }
        } finally {
            arrival.outcome().complete(arrival.entry());
            if (paused) {
                connection.outbox.goOn();
            }
        }
    }

    private void tell(List<RosterChange> changes, int before) {
        boolean big = Math.max(before, view.size()) > hub.settings.limit(Limit.PRESENCE_MEMBERS);
        for (RosterChange change : changes) {
            if (!big) {
                room.toAll(Frames.change(change));
            }
            hub.events.tell(change);
        }
        if (big && !changes.isEmpty() && digestTimer == null) {
            Duration left = DIGEST_EVERY.minusNanos(hub.time.nanos() - digestAt);
            digestTimer = hub.time.after(left.isNegative() ? Duration.ZERO : left, () -> {
                room.append(new LaneEntry.DigestDue());
                hub.drainElsewhere(room);
            });
        }
    }
}

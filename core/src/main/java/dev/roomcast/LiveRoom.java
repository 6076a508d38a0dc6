package dev.roomcast;

import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A room while it has members on this instance: its lane, and what the lane owns.
 *
 * <p>Everything here but {@link #append}, {@link #drain} and the subscription is touched by the lane's drainer only, one
 * batch after the other, so it needs no lock. Consecutive messages of a batch are encoded once and handed to each member in
 * one go; when the members are many, by several threads (see {@link Fanout}).
 *
 * <p>The seam. A member that arrives carries the top of the room's order, read after this instance's interest was confirmed.
 * The lane may be ahead of it (messages went by while the member was on its way) or behind (messages are on their way to the
 * lane). Either way the member stands at the further of the two, is told so in {@code joined}, and skips what is not beyond:
 * no message before its {@code joined}, none twice, none missing. A member that has to be brought up first, because it came
 * back or because its connection was slow, is held at its own position by its outbox until {@link Replays} has handed it
 * everything up to the lane.
 */
final class LiveRoom implements Lane.Consumer<LaneEntry> {

    final String name;
    final Presence presence;
    final Replays replays;
    final Deferred deferred;
    final CatchUp catchUp;

    private final Hub hub;
    final Lane<LaneEntry> lane;
    private final AtomicBoolean workerAsked = new AtomicBoolean();
    private final Object subscribing = new Object();

    /** Written with {@code subscribing} held. */
    private volatile @Nullable Subscription subscription;

    /** Memberships, pending joins and readings that need this room. Guarded by the {@link LiveRooms} entry. */
    int holders;

    /** Whether the members are more than one thread serves in a moment. Written by the lane's drainer. */
    private volatile boolean wide;

    // All below: owned by the lane's drainer.
    private final MemberSet members = new MemberSet();
    private List<LaneEntry> batch = List.of();
    private int next;
    private String epoch = "";
    private long last;

    /** No member stands beyond this offset. */
    private long newestSeam;

    /** Whether an {@link LaneEntry.Unneeded} is on its way: with two of them the lane would never be dry. */
    private boolean leaving;

    LiveRoom(String name, Hub hub) {
        this.name = name;
        this.hub = hub;
        this.lane = new Lane<>(this, hub.workers, hub.time);
        this.presence = new Presence(this, hub);
        this.replays = new Replays(this, hub);
        this.deferred = new Deferred(this, hub);
        this.catchUp = new CatchUp(this);
    }

    /** Queues an entry; false if the room has gone. Any thread. */
    boolean append(LaneEntry entry) {
        long bytes = entry instanceof LaneEntry.Said said ? said.memory() : 0;
        hub.memory.add(bytes);
        boolean taken = lane.append(entry);
        if (!taken) {
            hub.memory.add(-bytes);
        }
        return taken;
    }

    /** Whether a worker has to be asked to drain; false if one is on its way already. */
    boolean wantsWorker() {
        return workerAsked.compareAndSet(false, true);
    }

    /** A worker has come; what is appended from now on needs another one. */
    void hasWorker() {
        workerAsked.set(false);
    }

    /** Delivers what is queued, unless another thread is at it. Not to be called within a turn. */
    void drain() {
        lane.drain();
    }

    boolean hasSpace() {
        return lane.size() < hub.settings.limit(Limit.LANE_MESSAGES);
    }

    /** Interest in the room's messages, asked for when first needed. */
    Subscription subscription() {
        Subscription known = subscription;
        if (known != null) {
            return known;
        }
        Subscription fresh = hub.bridge.broadcaster().subscribe(name);
        Subscription first = publish(fresh);
        if (first != fresh) {
            fresh.close();
        }
        return first;
    }

    /** Whoever sees the subscription appends behind its entry, which forgets what stands before it. */
    private Subscription publish(Subscription fresh) {
        synchronized (subscribing) {
            Subscription known = subscription;
            if (known == null) {
                append(new LaneEntry.Subscribed());
                subscription = fresh;
                return fresh;
            }
            return known;
        }
    }

    /** Nothing comes into the lane any more, unless something waits in it: then it stays open. */
    boolean close() {
        return lane.close();
    }

    /** Nobody needs the room on this instance any more. */
    void dismiss() {
        Subscription known = subscription;
        if (known != null) {
            known.close();
        }
    }

    /** Called by the lane. */
    @Override
    public boolean consume(List<LaneEntry> entries) {
        batch = entries;
        next = 0;
        boolean[] done = new boolean[1];
        hub.turns.run(() -> done[0] = proceed());
        return done[0];
    }

    @Override
    public boolean isWide() {
        return wide;
    }

    /** Goes on behind a delivery that others have finished. Called by the last of them. */
    void goOn() {
        hub.turns.run(() -> {
            if (proceed()) {
                lane.resume();
            }
        });
    }

    /** Works off the batch; false if a delivery has not ended, and who ends it goes on. */
    private boolean proceed() {
        while (next < batch.size()) {
            if (batch.get(next) instanceof LaneEntry.Said) {
                if (!deliver(takeSaid())) {
                    return false;
                }
            } else {
                LaneEntry entry = batch.get(next++);
                Workers.guarded(() -> entry.in(this));
            }
        }
        batch = List.of();
        next = 0;
        return true;
    }

    /** The next messages of one epoch that are new to the room. */
    private List<Message> takeSaid() {
        List<Message> fresh = new ArrayList<>(batch.size() - next);
        while (next < batch.size() && batch.get(next) instanceof LaneEntry.Said said) {
            Position position = said.message().position();
            if (position != null && !position.epoch().equals(epoch)) {
                if (!fresh.isEmpty()) {
                    return fresh;
                }
                change(position);
            }
            if (position == null || position.offset() > last) {
                last = position == null ? last : position.offset();
                fresh.add(said.message());
            }
            hub.memory.add(-said.memory());
            next++;
        }
        return fresh;
    }

    /** The order began anew. Whoever is here cannot know what was said between. */
    private void change(Position first) {
        Position now = new Position(first.epoch(), Math.max(0, first.offset() - 1));
        if (epoch.isEmpty()) {
            stand(now);
        } else {
            lost(new Position(epoch, last), now);
        }
    }

    private boolean deliver(List<Message> messages) {
        if (messages.isEmpty() || (members.size() == 0 && !replays.isListening())) {
            return true;
        }
        try {
            List<TextFrame> frames = messages.stream().map(Frames::message).toList();
            replays.heard(messages, frames);
            return fan(RoomBatch.of(messages, frames));
        } catch (Throwable e) {
            hub.settings.faults.hostFault(
                    System.Logger.Level.ERROR, "A batch of messages could not be delivered", null, e);
            return true;
        }
    }

    private boolean fan(List<RoomBatch> batches) {
        int helpers = Math.min(hub.workers.helpers(), (members.size() - 1) / Fanout.STRIPE);
        if (helpers < 1) {
            give(0, members.size(), batches);
            return true;
        }
        Fanout fanout = new Fanout(this, batches, members.size(), helpers + 1);
        askForHelp(fanout, helpers);
        return fanout.work();
    }

    /** If there is no thread to be had those who are at it do it all; to give up would leave the lane to two of them. */
    private void askForHelp(Fanout fanout, int helpers) {
        try {
            for (int i = 0; i < helpers; i++) {
                hub.workers.execute(() -> hub.turns.run(fanout));
            }
        } catch (Throwable e) {
            hub.settings.faults.fault(System.Logger.Level.ERROR, "No thread to be had for a delivery", null, e);
        }
    }

    /** Hands batches to some of the members. By one thread for each of them. */
    void give(int from, int to, List<RoomBatch> batches) {
        long delivered = 0;
        for (int i = from; i < to; i++) {
            try {
                delivered += give(members.get(i), batches);
            } catch (Throwable e) {
                // Of one member: those behind it and the lane must not suffer.
                hub.settings.faults.hostFault(System.Logger.Level.ERROR, "A delivery to one member failed", null, e);
            }
        }
        hub.counters.delivered.add(delivered);
    }

    private long give(Membership member, List<RoomBatch> batches) {
        long delivered = 0;
        for (RoomBatch each : batches) {
            RoomBatch part = partFor(member, each);
            if (part != null && member.connection.outbox.offer(member, part)) {
                delivered += part.count();
            }
        }
        return delivered;
    }

    private @Nullable RoomBatch partFor(Membership member, RoomBatch batch) {
        Exclusion exclusion = batch.exclusion;
        if (exclusion != null && exclusion.connectionId().equals(member.connection.id())) {
            return null;
        }
        return batch.isBehind(newestSeam) ? batch : batch.beyond(member.since);
    }

    /** Sends a frame of the roster to all members. */
    void toAll(TextFrame frame) {
        give(0, members.size(), List.of(RoomBatch.presence(frame)));
    }

    // What the lane's entries do.

    /** Forgets what came before this instance was interested. */
    void begin() {
        if (members.size() == 0) {
            epoch = "";
            last = 0;
            newestSeam = 0;
        }
    }

    /** Makes a connection a member and tells the position at which it stands. */
    Position admit(Membership member, Position top) {
        if (epoch.isEmpty()) {
            stand(top);
        }
        if (members.add(member)) {
            wide = members.size() > Fanout.STRIPE;
            standAt(member, top.epoch().equals(epoch) ? Math.max(top.offset(), last) : last);
        }
        return new Position(epoch, Math.max(member.since, last));
    }

    /** Says that messages up to an offset are not for a member. */
    void standAt(Membership member, long offset) {
        member.since = offset;
        newestSeam = Math.max(newestSeam, offset);
    }

    void departed(LaneEntry.Departed departure) {
        departure.member().departed = true;
        presence.departed(departure);
        if (!hub.isolation.isIsolated()) {
            members.forgetUsers();
        }
        members.remove(departure.member());
        wide = members.size() > Fanout.STRIPE;
        deferred.remove(departure.member());
        presence.left(departure);
        departure.member().connection.outbox.left(this);
        if (departure.tell()) {
            departure.member().connection.control(Frames.left(name));
        }
    }

    /** Tells everyone that messages are lost. */
    void lost(Position after, Position upTo) {
        stand(upTo);
        newestSeam = 0;
        replays.forget(!after.epoch().equals(upTo.epoch()));
        TextFrame gap = Frames.gap(name, after, upTo);
        for (int i = 0; i < members.size(); i++) {
            Membership member = members.get(i);
            member.since = 0;
            Workers.guarded(() -> member.connection.lost(member, gap));
        }
    }

    /** Whether a user has a connection among the members. Of use while the roster cannot be asked. */
    boolean hasUser(String userId) {
        return members.has(userId);
    }

    void released() {
        if (hub.rooms.letGo(this) && !leaving) {
            lookWhenDry();
        }
    }

    void goIfUnneeded() {
        leaving = false;
        if (!hub.rooms.remove(this, next == batch.size())) {
            lookWhenDry();
        }
    }

    private void lookWhenDry() {
        leaving = true;
        append(new LaneEntry.Unneeded());
    }

    /** Under which the lane stands; empty before the first message or member. */
    String epoch() {
        return epoch;
    }

    /** Whether the lane has delivered more than up to a position, or stands in another epoch. */
    boolean isBeyond(Position position) {
        return !epoch.isEmpty() && (!position.epoch().equals(epoch) || position.offset() < last);
    }

    Position position() {
        return new Position(epoch, last);
    }

    private void stand(Position position) {
        epoch = position.epoch();
        last = position.offset();
    }
}

package dev.roomcast;

import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A room while it has members on this instance: its lane, and what the lane owns.
 *
 * <p>Everything here but {@link #append}, {@link #drain} and the subscription is touched by the lane's drainer only, one
 * batch after the other, so it needs no lock. Consecutive messages of a batch are encoded once and handed to each member in
 * one go.
 *
 * <p>The seam. A member that arrives carries the top of the room's order, read after this instance's interest was confirmed.
 * The lane may be ahead of it (messages went by while the member was on its way) or behind (messages are on their way to the
 * lane). Either way the member stands at the further of the two, is told so in {@code joined}, and skips what is not beyond:
 * no message before its {@code joined}, none twice, none missing.
 */
final class LiveRoom {

    private static final System.Logger LOG = System.getLogger("dev.roomcast");

    final String name;

    private final Hub hub;
    private final Lane<LaneEntry> lane;
    private final Presence presence;
    private final AtomicReference<@Nullable Subscription> subscription = new AtomicReference<>();

    /** Memberships and pending joins that need this room. Guarded by the {@link LiveRooms} entry. */
    int holders;

    // All below: owned by the lane's drainer.
    private final MemberSet members = new MemberSet();
    private String epoch = "";
    private long last;
    private long newestSeam;

    LiveRoom(String name, Hub hub) {
        this.name = name;
        this.hub = hub;
        this.lane = new Lane<>(batch -> hub.turns.run(() -> consume(batch)), hub.workers, hub.time);
        this.presence = new Presence(this, hub);
    }

    /** Queues an entry. Any thread. */
    void append(LaneEntry entry) {
        lane.append(entry);
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
        Subscription known = subscription.get();
        if (known != null) {
            return known;
        }
        Subscription fresh = hub.bridge.broadcaster().subscribe(name);
        if (subscription.compareAndSet(null, fresh)) {
            return fresh;
        }
        fresh.close();
        return subscription();
    }

    /** Nobody needs the room on this instance any more. */
    void dismiss() {
        Subscription known = subscription.get();
        if (known != null) {
            known.close();
        }
    }

    private void consume(List<LaneEntry> batch) {
        List<Message> said = new ArrayList<>(batch.size());
        for (LaneEntry entry : batch) {
            if (entry instanceof LaneEntry.Said message) {
                said.add(message.message());
            } else {
                deliver(said);
                said.clear();
                Workers.guarded(() -> handle(entry));
            }
        }
        deliver(said);
    }

    private void handle(LaneEntry entry) {
        if (entry instanceof LaneEntry.Changed changed) {
            presence.changed(changed.change());
        } else if (entry instanceof LaneEntry.Read read) {
            presence.read(read.snapshot());
        } else if (entry instanceof LaneEntry.LookAgain) {
            presence.readIfBehind();
        } else if (entry instanceof LaneEntry.Arrived arrived) {
            presence.arrived(arrived);
        } else if (entry instanceof LaneEntry.Asked asked) {
            asked.member().connection.control(presence.members());
        } else if (entry instanceof LaneEntry.DigestDue) {
            presence.digest();
        } else if (entry instanceof LaneEntry.Departed departed) {
            departed.member().departed = true;
            presence.departed(departed);
            members.remove(departed.member());
            if (departed.tell()) {
                departed.member().connection.control(Frames.left(name));
            }
        }
    }

    /** Makes a connection a member and tells the position at which it stands. */
    Position admit(Membership member, Position top) {
        if (epoch.isEmpty()) {
            epoch = top.epoch();
            last = top.offset();
        }
        if (members.add(member)) {
            member.since = top.epoch().equals(epoch) ? Math.max(top.offset(), last) : last;
            newestSeam = Math.max(newestSeam, member.since);
        }
        return new Position(epoch, Math.max(member.since, last));
    }

    /** Sends a frame of the room to all its members. */
    void toAll(TextFrame frame) {
        List<TextFrame> frames = List.of(frame);
        for (int i = 0; i < members.size(); i++) {
            members.get(i).connection.outbox.offer(frames, frame.size());
        }
        hub.counters.delivered.add(members.size());
    }

    private void deliver(List<Message> messages) {
        List<Message> fresh = messages.stream().filter(this::advance).toList();
        if (fresh.isEmpty() || members.size() == 0) {
            return;
        }
        try {
            List<TextFrame> frames = fresh.stream().map(Frames::message).toList();
            if (fresh.stream().allMatch(this::isForAll)) {
                toAll(frames);
            } else {
                for (int i = 0; i < frames.size(); i++) {
                    toSome(fresh.get(i), frames.get(i));
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "A batch of messages could not be delivered", e);
        }
    }

    /** Moves the room's position to a message; false if that was delivered before. */
    private boolean advance(Message message) {
        Position position = message.position();
        if (position == null) {
            return true;
        }
        if (!position.epoch().equals(epoch)) {
            epoch = position.epoch();
            last = 0;
            newestSeam = 0;
            for (int i = 0; i < members.size(); i++) {
                members.get(i).since = 0;
            }
        }
        if (position.offset() <= last) {
            return false;
        }
        last = position.offset();
        return true;
    }

    private boolean isForAll(Message message) {
        Position position = message.position();
        return position != null && message.exclusion() == null && position.offset() > newestSeam;
    }

    private void toAll(List<TextFrame> frames) {
        int bytes = frames.stream().mapToInt(TextFrame::size).sum();
        for (int i = 0; i < members.size(); i++) {
            members.get(i).connection.outbox.offer(frames, bytes);
        }
        hub.counters.delivered.add((long) members.size() * frames.size());
    }

    private void toSome(Message message, TextFrame frame) {
        List<TextFrame> frames = List.of(frame);
        Position position = message.position();
        Exclusion exclusion = message.exclusion();
        int receivers = 0;
        for (int i = 0; i < members.size(); i++) {
            Membership member = members.get(i);
            boolean excluded = exclusion != null && exclusion.connectionId().equals(member.connection.id());
            boolean known = position != null && position.offset() <= member.since;
            if (excluded || known) {
                continue;
            }
            if (position == null) {
                member.connection.outbox.offerVolatile(frames, frame.size());
            } else {
                member.connection.outbox.offer(frames, frame.size());
            }
            receivers++;
        }
        hub.counters.delivered.add(receivers);
    }
}

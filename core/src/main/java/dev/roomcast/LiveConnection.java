package dev.roomcast;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.guard.Identity;
import dev.roomcast.message.Content;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client: the point where its transport, its queues, its rooms and its limits meet.
 *
 * <p>Life: OPEN until someone closes it; CLOSING while the last frames and the closing handshake go out, bounded by
 * {@link Limit#CLOSE_DEADLINE}; CLOSED when the adapter has said so, or when the deadline has cut it. The rooms are left on
 * the way out of OPEN, by whoever makes that step.
 *
 * <p>Lock: {@code this}, for the state; nothing foreign is called while it is held.
 */
final class LiveConnection implements Connection, Inbound, Heartbeat.Peer, Outbox.Owner {

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    /** What became of an attempt to add a membership. */
    enum Entry {
        ENTERED,
        ALREADY_IN,
        TOO_MANY,
        ENDED
    }

    final Outbox outbox;
    final Inbox inbox;
    final Guards guards;
    final JoinedRooms joined = new JoinedRooms();
    final Hub hub;
    private final String id;
    private final Handshake handshake;
    private final Transport transport;
    private volatile String userId = "";

    /** Bytes of a message that is not whole yet, as the adapter tells. */
    private volatile int unfinished;

    private volatile @Nullable Identity identity;

    /** Made when first asked for, with the lock held. */
    private volatile @Nullable Seldom seldom;

    // Written with the lock held.
    private volatile State state = State.OPEN;
    private volatile Heartbeat.@Nullable Watch watch;

    // Guarded by this.
    private @Nullable CloseCode ours;
    private boolean pending;

    LiveConnection(Hub hub, Handshake handshake, Transport transport) {
        this.hub = hub;
        this.handshake = handshake;
        this.transport = transport;
        this.id = Ids.next();
        this.outbox = new Outbox(transport, this, WireFormat.of(handshake), hub.settings, hub.deadlines);
        this.inbox = new Inbox(hub);
        this.guards = new Guards(this);
    }

    /** Starts the watch and the first step. */
    void open(Inbox.Step first) {
        Heartbeat.Watch started = hub.heartbeat.watch(this);
        synchronized (this) {
            watch = started;
            pending = true;
        }
        if (!isOpen()) {
            started.stop();
        }
        inbox.host(first, () -> {});
    }

    /** Gives the connection a bounded time to say who it is. */
    void startDeadline() {
        seldom().identityTimer().start(hub.settings.duration(Limit.AUTH_DEADLINE), () -> {
            hub.hit(Limit.AUTH_DEADLINE, this);
            Login.over(this, "too late");
        });
    }

    /** Lets the connection in as one of a user; false if it has ended meanwhile. */
    boolean admit(Users.Entry user, Identity who, String shown) {
        identify(who, shown);
        guards.ofUser(user);
        endLogin();
        if (!isOpen()) {
            hub.users.leave(this, shown);
            return false;
        }
        return true;
    }

    /** Sets who it is, until when that holds. */
    void identify(Identity who, String shown) {
        identity = who;
        userId = shown;
        Instant expiry = who.expiresAt();
        if (expiry != null) {
            seldom().identityTimer().start(Login.until(expiry, hub.time.millis()), () -> Login.over(this, "expired"));
        } else if (seldom != null) {
            seldom().identityTimer().stop();
        }
    }

    private void endLogin() {
        boolean was;
        synchronized (this) {
            was = pending;
            pending = false;
        }
        if (was) {
            hub.login.end();
        }
    }

    // What the adapter calls.

    @Override
    public void text(String text) {
        heard();
        if (isOpen()) {
            guards.text(text);
        }
    }

    @Override
    public void texts(List<String> texts) {
        guards.texts(texts);
    }

    @Override
    public int maxMessageBytes() {
        return hub.settings.count(guards.sizeLimit());
    }

    @Override
    public void unfinished(int bytes) {
        unfinished = bytes;
    }

    /** Bytes that the adapter holds of a message which is not whole yet. */
    int unfinished() {
        return unfinished;
    }

    @Override
    public void tooBig() {
        if (isOpen()) {
            guards.tooBig();
        }
    }

    @Override
    public void tooManyFrames() {
        guards.tooManyPings();
    }

    @Override
    public void binary() {
        heard();
        if (isOpen()) {
            guards.refuse(ErrorCode.BAD_REQUEST, "binary messages are not spoken here", Frames.Cause.UNKNOWN);
        }
    }

    @Override
    public void pong() {
        heard();
        guards.pong();
    }

    @Override
    public void closed(int code) {
        CloseCode reason;
        Cause cause = code == CloseEvents.ABNORMAL ? Cause.LOST : Cause.LEAVE;
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            reason = ours;
        }
        Collection<Membership> left = joined.end(cause);
        stopEverything();
        seldom().cutTimer().end();
        outbox.kill();
        hub.joining.leaveAll(this, left, cause);
        hub.ended(this, code, reason);
    }

    // What the host calls.

    @Override
    public String id() {
        return id;
    }

    @Override
    public String userId() {
        return userId;
    }

    @Override
    public Optional<Identity> identity() {
        return Optional.ofNullable(identity);
    }

    @Override
    public Handshake handshake() {
        return handshake;
    }

    @Override
    public Set<String> rooms() {
        return joined.names();
    }

    @Override
    public boolean isOpen() {
        return state == State.OPEN;
    }

    @Override
    public boolean send(String type, @Nullable Object content) {
        ReservedTypes.check(type);
        return control(Frames.direct(type, Content.of(content), hub.time.millis()));
    }

    @Override
    public void close(CloseCode code, String reason) {
        Cause cause = code.leavesAtOnce() ? Cause.REMOVED : Cause.LOST;
        synchronized (this) {
            if (state != State.OPEN) {
                return;
            }
            state = State.CLOSING;
            ours = code;
        }
        Collection<Membership> left = joined.end(cause);
        hub.counters.closed(code);
        stopEverything();
        cutAfterDeadline();
        hub.joining.leaveAll(this, left, cause);
        boolean discard = code == CloseCode.TOO_SLOW || code == CloseCode.HEARTBEAT_LOST;
        outbox.finish(code.code(), CloseEvents.shorten(reason), discard);
    }

    // What the hub calls.

    /** Sends an answer to this client. */
    boolean control(TextFrame frame) {
        return outbox.answer(frame);
    }

    /** Tells how the hub stands, unless this client knows. Who comes while another thread is at it leaves it to that one. */
    void tellStatus() {
        Status now = hub.isolation.status();
        if (seldom == null && now == Status.CONNECTED) {
            return;
        }
        Seldom told = seldom();
        for (Status news = told.takeStatus(now); news != null; news = told.takeStatus(hub.isolation.status())) {
            control(Frames.status(news));
            told.toldStatus();
        }
    }

    /** Messages of a room are lost for everyone; whoever is behind anyway hears of it when it is brought up. */
    void lost(Membership member, TextFrame gap) {
        if (outbox.behind(member) == null) {
            control(gap);
        }
    }

    /** What a member missed cannot be had any more. A client that can be told goes on from where the room stands. */
    void cannotBeBroughtUp(Membership member, TextFrame gap) {
        if (WireFormat.of(handshake) == WireFormat.PLAIN && !outbox.isSuspended(member)) {
            close(CloseCode.TOO_SLOW, "missed more than is kept");
        } else {
            control(gap);
            outbox.goOn(member);
        }
    }

    /** Cuts the connection: what could not be closed in time is aborted. */
    void cut() {
        Workers.guarded(transport::abort);
        closed(CloseEvents.ABNORMAL);
    }

    /** Its closing handshake has taken as long as it may; without effect if it has ended. */
    void overdue() {
        if (state != State.CLOSED) {
            hub.hit(Limit.CLOSE_DEADLINE, this);
            cut();
        }
    }

    /** What few connections have. */
    Seldom seldom() {
        Seldom known = seldom;
        if (known != null) {
            return known;
        }
        synchronized (this) {
            Seldom made = seldom == null ? new Seldom(hub.time) : seldom;
            seldom = made;
            return made;
        }
    }

    /** How often access was forgotten, see {@link Grants#generation}. */
    int grantGeneration() {
        Seldom known = seldom;
        return known == null ? 0 : known.grantGeneration();
    }

    /** Whether it ends as soon as its client has its answers. */
    boolean isLeaving() {
        Seldom known = seldom;
        return known != null && known.isLeaving();
    }

    // What heartbeat and outbox call.

    @Override
    public void ping() {
        guards.pinged();
        outbox.ping();
    }

    @Override
    public void dead() {
        close(CloseCode.HEARTBEAT_LOST, "no sign of life");
    }

    @Override
    public void tooSlow(Limit limit) {
        hub.hit(limit, this);
        close(CloseCode.TOO_SLOW, "reads too slowly");
    }

    @Override
    public void overflowed(Limit limit) {
        hub.hit(limit, this);
    }

    @Override
    public void drained(List<Membership> behind) {
        for (Membership member : behind) {
            member.room.append(new LaneEntry.Behind(member));
            hub.drainElsewhere(member.room);
        }
    }

    @Override
    public void dropped(int frames) {
        hub.counters.dropped.add(frames);
        hub.observe(observer -> observer.onDrop(this, frames));
    }

    /** The container usually says more: the close code. It gets the time of a closing handshake to do so. */
    @Override
    public void writeFailed(Throwable failure) {
        cutAfterDeadline();
    }

    /** Without effect if it was called before: the first deadline holds. */
    private void cutAfterDeadline() {
        seldom().cutTimer().startOnce(hub.settings.duration(Limit.CLOSE_DEADLINE), this::overdue);
    }

    private void heard() {
        Heartbeat.Watch watching = watch;
        if (watching != null) {
            watching.heard();
        }
    }

    private void stopEverything() {
        Heartbeat.Watch watching = watch;
        if (watching != null) {
            watching.stop();
        }
        seldom().endIdentity();
        inbox.stop();
        endLogin();
        hub.users.leave(this, userId);
    }

    @Override
    public String toString() {
        return "Connection[" + id + "]";
    }
}

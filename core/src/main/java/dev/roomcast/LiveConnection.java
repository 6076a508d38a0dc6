package dev.roomcast;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Names;
import dev.roomcast.message.Content;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
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
    private volatile @Nullable Identity identity;

    /** From the first answer on that was late. Set with the lock held. */
    private volatile @Nullable Unanswered unanswered;

    // Guarded by this.
    private State state = State.OPEN;
    private @Nullable CloseCode ours;
    private boolean pending;
    private boolean knowsIsolation;
    private boolean tellingStatus;
    private Heartbeat.@Nullable Watch watch;
    private @Nullable OneTimer cutTimer;
    private boolean stopped;

    /** Only where someone has to say who it is, or may be it for a while only. */
    private @Nullable OneTimer identityTimer;

    /** Only where access is asked for. */
    private @Nullable Grants grants;

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
        boolean open;
        synchronized (this) {
            watch = started;
            pending = true;
            open = state == State.OPEN;
        }
        if (!open) {
            started.stop();
        }
        inbox.host(first, () -> {});
    }

    /** Gives the connection a bounded time to say who it is. */
    void startDeadline() {
        identityTimer().start(hub.settings.duration(Limit.AUTH_DEADLINE), () -> {
            hub.hit(Limit.AUTH_DEADLINE, this);
            close(CloseCode.UNAUTHENTICATED, "too late");
        });
    }

    /** Lets the connection in as one of a user; false if it has ended meanwhile. */
    boolean admit(Users.Entry user, Identity who, String shown) {
        identify(who, shown);
        guards.ofUser(user);
        endLogin();
        boolean open = isOpen();
        if (!open) {
            hub.users.leave(this, shown);
        }
        return open;
    }

    /** Sets who it is, until when that holds. */
    void identify(Identity who, String shown) {
        identity = who;
        userId = shown;
        Instant expiry = who.expiresAt();
        if (expiry == null) {
            stopIdentityTimer(false);
        } else {
            identityTimer()
                    .start(Login.until(expiry, hub.time.millis()), () -> close(CloseCode.UNAUTHENTICATED, "expired"));
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

    /**
     * What is published goes out when all have been read: as one turn. Not if a handler of the host may block, since what was
     * said before must not wait for it; and a turn ends where a message has to wait for what an earlier one began, a join
     * perhaps, which may be over as soon as its room has been looked after.
     */
    @Override
    public void texts(List<String> texts) {
        if (hub.settings.mayBlock()) {
            texts.forEach(this::text);
            return;
        }
        Iterator<String> rest = texts.iterator();
        while (rest.hasNext()) {
            hub.turns.run(() -> {
                do {
                    text(rest.next());
                } while (rest.hasNext() && !inbox.isAwaiting());
            });
        }
    }

    @Override
    public void tooBig() {
        heard();
        if (isOpen()) {
            guards.tooBig();
        }
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
        cutTimer().end();
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
        synchronized (this) {
            return state == State.OPEN;
        }
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
        for (Status news = takeStatus(); news != null; news = takeStatus()) {
            control(Frames.status(news));
            synchronized (this) {
                tellingStatus = false;
            }
        }
    }

    private @Nullable Status takeStatus() {
        synchronized (this) {
            Status now = hub.isolation.status();
            boolean isolated = now == Status.ISOLATED;
            if (tellingStatus || knowsIsolation == isolated) {
                return null;
            }
            tellingStatus = true;
            knowsIsolation = isolated;
            return now;
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
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
        }
        hub.hit(Limit.CLOSE_DEADLINE, this);
        cut();
    }

    Unanswered unanswered() {
        synchronized (this) {
            Unanswered known = unanswered == null ? new Unanswered() : unanswered;
            unanswered = known;
            return known;
        }
    }

    /** Whether it ends as soon as its client has its answers. */
    boolean isLeaving() {
        Unanswered known = unanswered;
        return known != null && known.isLast();
    }

    // What heartbeat and outbox call.

    @Override
    public void ping() {
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
        cutTimer().startOnce(hub.settings.duration(Limit.CLOSE_DEADLINE), this::overdue);
    }

    /** From the end of the connection on. */
    private OneTimer cutTimer() {
        synchronized (this) {
            cutTimer = cutTimer == null ? new OneTimer(hub.time) : cutTimer;
            return cutTimer;
        }
    }

    private OneTimer identityTimer() {
        synchronized (this) {
            if (identityTimer == null) {
                identityTimer = new OneTimer(hub.time);
                if (stopped) {
                    identityTimer.end();
                }
            }
            return identityTimer;
        }
    }

    private void stopIdentityTimer(boolean forGood) {
        OneTimer timer;
        synchronized (this) {
            stopped |= forGood;
            timer = identityTimer;
        }
        if (timer != null && forGood) {
            timer.end();
        } else if (timer != null) {
            timer.stop();
        }
    }

    /** What access was granted so far. */
    Grants grants() {
        synchronized (this) {
            grants = grants == null ? new Grants() : grants;
            return grants;
        }
    }

    /** How often access was forgotten, see {@link Grants#generation}. */
    int grantGeneration() {
        Grants known;
        synchronized (this) {
            known = grants;
        }
        return known == null ? 0 : known.generation();
    }

    private void heard() {
        Heartbeat.Watch watching;
        synchronized (this) {
            watching = watch;
        }
        if (watching != null) {
            watching.heard();
        }
    }

    private void stopEverything() {
        Heartbeat.Watch watching;
        synchronized (this) {
            watching = watch;
        }
        if (watching != null) {
            watching.stop();
        }
        stopIdentityTimer(true);
        inbox.stop();
        endLogin();
        hub.users.leave(this, userId);
    }

    @Override
    public String toString() {
        return "Connection[" + id + "]";
    }

    /** The grace of a cause. */
    Duration grace(Cause cause) {
        return cause == Cause.LOST ? hub.settings.duration(Limit.GRACE) : Duration.ZERO;
    }

    /** Checks a name that a handshake brings. */
    boolean fits(String name) {
        return Names.fault(name, hub.settings.count(Limit.NAME_LENGTH)).isEmpty();
    }
}

package dev.roomcast.client;

import dev.roomcast.CloseCode;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a client that outlives a connection: the rooms it wants to be in and how far it has seen them, the sends that
 * have no answer, and the {@link Phase} it is in with its connection.
 *
 * <p>It knows no socket and no thread. What happens comes in by the methods of the first part, from any thread, and changes
 * the state under the lock of this object; what is to be done outside is put down under the lock and done without it, in
 * order, through the {@link Outlet}. So nothing foreign is ever called while the lock is held, and a test with a clock turned
 * by hand sees every step.
 */
final class Session {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.client");

    final ClientSettings settings;
    final ClientListener listener;
    final Time time;
    final Outlet outlet;
    final Backoff backoff;
    final RoomTable rooms;
    final Sending sending;
    final ShownTokens tokens = new ShownTokens();

    private final Supplier<String> ids;
    private final Outputs outputs = new Outputs();

    // All below: guarded by this.
    private Phase phase;
    private int link;
    private int question;
    private long heardAt;
    private boolean busy;
    String userId = "";

    private long slot = Long.MIN_VALUE;
    private boolean stateTold;
    private boolean finished;
    private @Nullable ClientState lastState;

    Session(
            ClientSettings settings,
            ClientListener listener,
            Time time,
            Outlet outlet,
            RandomGenerator random,
            Supplier<String> ids) {
        this.settings = settings;
        this.listener = listener;
        this.time = time;
        this.outlet = outlet;
        this.ids = ids;
        this.backoff = new Backoff(settings.shortestPause(), settings.longestPause(), random);
        this.rooms = new RoomTable(this);
        this.sending = new Sending(this);
        this.phase = new Waiting(this, Duration.ZERO);
    }

    // What comes from outside, without the lock.

    void in(Runnable step) {
        synchronized (this) {
            step.run();
        }
        outputs.run();
    }

    <T> T read(Supplier<T> value) {
        synchronized (this) {
            return value.get();
        }
    }

    void start() {
        in(this::connect);
    }

    void hurry() {
        in(() -> phase.hurry());
    }

    void close() {
        in(() -> phase.close());
    }

    void token(int answered, @Nullable String given, @Nullable Throwable failure) {
        in(() -> {
            if (answered == question) {
                question++;
                phase.token(given, failure);
            }
        });
    }

    void opened(int from) {
        onLink(from, () -> phase.opened());
    }

    /** A sign of life; the server's frame itself may still wait for its turn. */
    void heard(int from) {
        onLink(from, () -> {});
    }

    void arrived(int from) {
        onLink(from, () -> busy = true);
    }

    /** The application has been told all that came, and the next frame may come. */
    void reads(int from) {
        onLink(from, () -> busy = false);
    }

    /** Called on the thread on which the application is told: reading large frames is work. */
    void received(int from, String text) {
        ServerFrame.Lines lines = ServerFrame.all(text);
        onLink(from, () -> {
            try {
                take(from, lines);
            } finally {
                outputs.add(() -> outlet.readOn(from));
            }
        });
    }

    /** What cannot be read may have been a message: by another connection it is recovered. */
    private void take(int from, ServerFrame.Lines lines) {
        String fault = lines.fault();
        try {
            for (ServerFrame frame : lines.frames()) {
                if (from == link) {
                    phase.frame(frame);
                }
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "A frame of the server could not be handled", e);
            fault = "a frame could not be handled";
        }
        if (fault != null && from == link) {
            LOG.log(System.Logger.Level.WARNING, "The server sent what is no frame: {0}", fault);
            phase.lost(1006, fault);
        }
    }

    void lost(int from, int code, String reason) {
        onLink(from, () -> phase.lost(code, reason));
    }

    private void onLink(int from, Runnable step) {
        in(() -> {
            if (from == link) {
                heardAt = time.nanos();
                step.run();
            }
        });
    }

    // What the application asks for.

    ClientRoom join(String name, @Nullable Content meta, @Nullable Position from) {
        Send.checkName("room", name);
        RoomState fresh = new RoomState(name, meta);
        fresh.position = from;
        fresh.face = new ClientRoom(this, fresh);
        RoomState[] room = {fresh};
        in(() -> {
            if (phase.shown() == ClientState.CLOSED) {
                fail(fresh.joined, SendException.CLOSED, "the client is closed");
                return;
            }
            room[0] = rooms.add(fresh);
            phase.pump();
        });
        return room[0].face();
    }

    /** A room that the server's application has let the client into; null if it cannot be in more. Under the lock. */
    @Nullable
    RoomState joinedByServer(String name) {
        if (rooms.isFull()) {
            return null;
        }
        RoomState fresh = new RoomState(name, null);
        fresh.face = new ClientRoom(this, fresh);
        return rooms.add(fresh);
    }

    void leave(RoomState room) {
        in(() -> {
            rooms.leave(room);
            phase.pump();
        });
    }

    CompletableFuture<Position> send(RoomState room, String type, Content content, @Nullable String own) {
        String id = own == null ? ids.get() : own;
        Send send = new Send(room, id, Send.text(room, type, content, "id", id));
        List<CompletableFuture<Position>> result = new ArrayList<>(1);
        in(() -> {
            String refusal = refusal(send);
            if (refusal != null) {
                refuse(send, refusal, "it was not sent");
                result.add(send.result);
            } else {
                result.add(sending.add(send));
                phase.pump();
            }
        });
        return result.get(0);
    }

    boolean sendVolatile(RoomState room, String type, Content content) {
        String text = Send.text(room, type, content, "volatile", true);
        boolean[] sent = new boolean[1];
        in(() -> {
            sent[0] = phase instanceof Online online
                    && online.isQuiet()
                    && room.wanted
                    && room.stage == RoomState.Stage.IN
                    && Send.bytes(text) <= settings.messageBytes()
                    && !outlet.isBehind();
            if (sent[0]) {
                write(text);
            }
        });
        return sent[0];
    }

    boolean sendLatest(RoomState room, String type, String key, Content content) {
        Send.checkName("key", key);
        Send send = new Send(room, "", Send.text(room, type, content, "key", key));
        boolean[] taken = new boolean[1];
        in(() -> {
            taken[0] = refusal(send) == null && sending.addLatest(key, send);
            phase.pump();
        });
        return taken[0];
    }

    private @Nullable String refusal(Send send) {
        if (phase.shown() == ClientState.CLOSED) {
            return SendException.CLOSED;
        }
        if (!rooms.has(send.room)) {
            return SendException.NOT_JOINED;
        }
        return send.bytes > settings.messageBytes() ? SendException.TOO_BIG : null;
    }

    // What phases do, under the lock.

    void become(Phase next) {
        phase.leave();
        phase = next;
        tellState();
        next.enter();
    }

    void connect() {
        become(settings.hasTokens() ? new Asking(this) : new Dialing(this, null));
    }

    void askToken() {
        int asked = ++question;
        outputs.add(() -> outlet.askToken(asked));
    }

    void dial() {
        int dialled = ++link;
        busy = false;
        outputs.add(() -> outlet.dial(dialled));
    }

    void write(String text) {
        int to = link;
        outputs.add(() -> outlet.write(to, text));
    }

    void authenticate(String shown) {
        tokens.show(shown);
        write(Online.auth(shown));
    }

    void welcomed(@Nullable String user) {
        userId = user == null ? userId : user;
        tokens.accepted();
        slot = Long.MIN_VALUE;
        sending.restart();
    }

    /** The server will close the connection, and wants the client back then and not before. */
    void slotIn(long millis) {
        slot = time.nanos() + millis * 1_000_000;
    }

    /** The connection has ended, or is given up. What the code says decides what is next. */
    void comeBack(int code, String reason) {
        CloseCode.Advice advice = CloseCode.of(code).map(CloseCode::advice).orElse(CloseCode.Advice.RECONNECT);
        switch (advice) {
            case STAY_AWAY -> end(code, reason);
            case NEW_TOKEN -> {
                if (settings.hasTokens() && tokens.refused()) {
                    waitFor(tokens.pause(backoff.next(false)));
                } else {
                    end(code, reason);
                }
            }
            case BACK_OFF -> waitFor(backoff.next(true));
            case RECONNECT -> waitFor(slot == Long.MIN_VALUE ? backoff.next(false) : untilSlot());
        }
    }

    /** Without the usual pause, since the server spreads its clients; but one that only sends them away is a failure. */
    private Duration untilSlot() {
        boolean isFirst = backoff.isUnused();
        Duration pause = backoff.next(false);
        Duration left = Duration.ofNanos(Math.max(0, slot - time.nanos()));
        return isFirst || left.compareTo(pause) > 0 ? left : pause;
    }

    private void waitFor(Duration pause) {
        slot = Long.MIN_VALUE;
        disconnect();
        become(new Waiting(this, pause));
    }

    void end(int code, String reason) {
        disconnect();
        become(new Ended(this, code, reason, true));
    }

    private void disconnect() {
        int gone = link++;
        outputs.add(() -> outlet.abort(gone));
        rooms.allOut();
        sending.restart();
    }

    /** Closes in order the connection that is there. */
    void hangUp() {
        int to = link;
        outputs.add(() -> outlet.close(to));
    }

    void finish() {
        finished = true;
        int gone = link++;
        outputs.add(() -> outlet.abort(gone));
        outputs.add(outlet::finish);
    }

    void pump() {
        phase.pump();
    }

    boolean isBusy() {
        return busy;
    }

    long heardAt() {
        return heardAt;
    }

    // What the application is told.

    void tell(Runnable callback) {
        outputs.add(() -> outlet.tell(callback));
    }

    void error(@Nullable RoomState room, String code, String message) {
        Optional<ClientRoom> about = room == null ? Optional.empty() : Optional.of(room.face());
        tell(() -> listener.onError(about, code, message));
    }

    void fail(CompletableFuture<?> future, String code, String message) {
        Runnable failing = () -> future.completeExceptionally(new SendException(code, message));
        if (finished) {
            // Nobody is left to tell it but the caller's own thread.
            outputs.add(failing);
        } else {
            tell(failing);
        }
    }

    /** Told on the caller's thread: however many it sends, nothing of what is refused waits for the application. */
    void refuse(Send send, String code, String message) {
        outputs.add(() -> send.result.completeExceptionally(new SendException(code, message)));
    }

    /** At most one such telling waits, however long the application takes. */
    private void tellState() {
        if (!stateTold) {
            stateTold = true;
            tell(() -> {
                ClientState now = read(() -> {
                    stateTold = false;
                    return phase.shown();
                });
                if (now != lastState) {
                    lastState = now;
                    listener.onState(now);
                }
            });
        }
    }

    ClientState state() {
        return read(() -> phase.shown());
    }
}

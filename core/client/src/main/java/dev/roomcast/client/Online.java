package dev.roomcast.client;

import dev.roomcast.message.Content;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The server knows the user. Rooms are joined and left first, a few at a time; sends go out only while no such question waits
 * for its answer, since the server puts aside what comes meanwhile, and not much of it.
 *
 * <p>A refusal for too many messages names none of them: the server has not read what it refused. So everything stops for as
 * long as the server says, then a {@code ping} goes out alone. The server answers in order, so when the {@code pong} is there,
 * whatever question has no answer was refused, and is asked again. Sends are repeated too, which their ids make harmless.
 */
final class Online extends Phase {

    static final String PING = "{\"type\":\"ping\"}";

    private static final int MOST_QUESTIONS = 8;

    /** Also keeps the pings between two pauses within what the server allows. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

    private final long since;
    private final ServerFrame welcome;
    private final RoomFrames rooms;

    /** Rooms that were asked for, or to be let out of, in the order of the questions. */
    private final Deque<RoomState> asked = new ArrayDeque<>();

    /** A token that was shown and not welcomed yet. */
    private @Nullable String refreshing;

    private Time.@Nullable Timer pause;
    private boolean isPaused;
    private boolean isProbing;

    Online(Session session, ServerFrame welcome) {
        super(session);
        this.welcome = welcome;
        this.since = session.time.nanos();
        this.rooms = new RoomFrames(session);
    }

    @Override
    ClientState shown() {
        return ClientState.ONLINE;
    }

    @Override
    void enter() {
        session.welcomed(welcome.text("userId"));
        Runnable giveUp = () -> session.comeBack(1006, "the server is silent");
        new Silence(this, welcome.number("heartbeat", 30_000), () -> session.write(PING), giveUp).watch();
        refreshBefore(welcome.number("expires", 0));
        pump();
    }

    @Override
    void frame(ServerFrame frame) {
        switch (frame.type()) {
            case "welcome" -> {
                refreshing = null;
                refreshBefore(frame.number("expires", 0));
            }
            case "joined" -> joined(frame);
            case "left" -> left(frame);
            case "ack" -> session.sending.acknowledged(frame);
            case "error" -> refused(frame);
            case "pong" -> pong();
            case "reconnect" -> session.slotIn(frame.number("after", 0));
            case "status" -> {
                String state = frame.text("state", "");
                session.tell(() -> session.listener.onStatus(state));
            }
            default -> rooms.take(frame);
        }
        pump();
    }

    @Override
    void close() {
        session.become(new Ended(session, NORMAL, BY_APPLICATION, false));
    }

    @Override
    void lost(int code, String reason) {
        if (session.time.nanos() - since >= session.backoff.settled().toNanos()) {
            session.backoff.succeeded();
        }
        session.comeBack(code, reason);
    }

    @Override
    void pump() {
        if (isPaused) {
            return;
        }
        for (RoomState next = question(); next != null; next = question()) {
            asked.add(next);
            session.write(next.ask());
        }
        if (asked.isEmpty()) {
            session.sending.write();
        }
    }

    /** Whether something may go out that nobody waits for. */
    boolean isQuiet() {
        return !isPaused && asked.isEmpty();
    }

    private @Nullable RoomState question() {
        return asked.size() < MOST_QUESTIONS ? session.rooms.nextQuestion() : null;
    }

    /** The room that an answer is about. Where the server calls it by another name, it is the one that was asked for first. */
    private @Nullable RoomState answered(ServerFrame frame) {
        String name = frame.text("room");
        RoomState known = name == null ? null : session.rooms.known(name);
        RoomState room = known != null && asked.contains(known) ? known : asked.peek();
        if (room == null) {
            return known;
        }
        asked.remove(room);
        room.wireName = name == null ? room.wireName : name;
        return room;
    }

    private void joined(ServerFrame frame) {
        RoomState room = answered(frame);
        if (room != null) {
            room.stage = RoomState.Stage.IN;
            rooms.joined(room, frame);
        }
    }

    private void left(ServerFrame frame) {
        RoomState room = session.rooms.known(frame.text("room", ""));
        if (room != null) {
            asked.remove(room);
            session.rooms.drop(room, "left");
        }
    }

    private void refused(ServerFrame frame) {
        String code = frame.text("code", "error");
        String about = frame.text("re", "");
        String id = frame.text("id");
        long retryAfter = frame.number("retryAfter", 0);
        if (id != null) {
            sendRefused(id, code, frame.text("message", ""), retryAfter);
        } else if (about.equals("join") || about.equals("leave")) {
            questionRefused(frame, code, retryAfter);
        } else if (about.isEmpty() && code.equals("rate_limited")) {
            pause(retryAfter);
        } else if (!about.isEmpty()
                || !code.equals("bad_request")
                || !session.sending.blame(code, frame.text("message", ""))) {
            session.error(session.rooms.known(frame.text("room", "")), code, frame.text("message", ""));
        }
    }

    private void sendRefused(String id, String code, String message, long retryAfter) {
        if (!isForTheMoment(code)) {
            session.sending.refused(id, code, message);
            return;
        }
        // Whether the backend has it all the same is not known.
        Send held = session.sending.hold(id, code.equals("unavailable"));
        if (held != null) {
            after(pauseOf(retryAfter, 1000), () -> {
                session.sending.release(held);
                pump();
            });
        }
    }

    private void questionRefused(ServerFrame frame, String code, long retryAfter) {
        RoomState room = answered(frame);
        if (room == null) {
            return;
        }
        boolean again = isForTheMoment(code) || code.equals("internal");
        if (room.stage == RoomState.Stage.LEAVING || !room.wanted || !again) {
            session.rooms.drop(room, code);
            return;
        }
        room.stage = RoomState.Stage.HELD;
        session.error(room, code, frame.text("message", ""));
        after(pauseOf(retryAfter, code.equals("internal") ? 5000 : 1000), () -> {
            if (room.stage == RoomState.Stage.HELD) {
                room.stage = RoomState.Stage.OUT;
                pump();
            }
        });
    }

    private static boolean isForTheMoment(String code) {
        return code.equals("rate_limited") || code.equals("unavailable");
    }

    private static Duration pauseOf(long retryAfter, long otherwise) {
        return Duration.ofMillis(retryAfter > 0 ? retryAfter : otherwise);
    }

    private void pause(long retryAfter) {
        isPaused = true;
        isProbing = false;
        if (pause != null) {
            pause.cancel();
        }
        Duration asLongAs = Duration.ofMillis(retryAfter);
        pause = after(asLongAs.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : asLongAs, () -> {
            isProbing = true;
            session.write(PING);
        });
    }

    private void pong() {
        if (!isProbing) {
            return;
        }
        isProbing = false;
        isPaused = false;
        asked.forEach(RoomState::unasked);
        asked.clear();
        session.sending.slowDown();
        if (refreshing != null) {
            session.authenticate(refreshing);
        }
    }

    /** Asks for a new token when three quarters of the time of the old one have passed. */
    private void refreshBefore(long expires) {
        if (expires > 0 && session.settings.hasTokens()) {
            long left = expires - session.time.millis();
            after(Duration.ofMillis(Math.max(1000, left / 4 * 3)), session::askToken);
        }
    }

    @Override
    void token(@Nullable String token, @Nullable Throwable failure) {
        if (token == null) {
            String why = failure == null ? "there is none" : failure.getClass().getName();
            session.error(null, "token", "no new token: " + why);
            after(Duration.ofSeconds(5), session::askToken);
        } else if (session.isShown(token)) {
            after(Duration.ofSeconds(5), session::askToken);
        } else {
            refreshing = token;
            session.authenticate(token);
        }
    }

    /** What a client says first, or again. */
    static String auth(String token) {
        return "{\"type\":\"auth\",\"token\":" + Content.of(token).json() + "}";
    }
}

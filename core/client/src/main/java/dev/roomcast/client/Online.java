package dev.roomcast.client;

import dev.roomcast.client.RoomState.Stage;
import dev.roomcast.message.Content;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
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

    /** A lifetime that is not told. */
    private static final long NEVER = -1;

    /** Also keeps the pings between two pauses within what the server allows. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

    /** Longer than a server takes that can answer: a backend that is away is given up after ten seconds. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final long since;
    private final ServerFrame welcome;
    private final RoomFrames rooms;

    /** Rooms that were asked for, or to be let out of, in the order of the questions. */
    private final Deque<RoomState> asked = new ArrayDeque<>();

    /** What was lost in rooms whose {@code joined} is still to come, by the name that the server gives them. */
    private final Map<String, ServerFrame> earlyGaps = new HashMap<>();

    /** A token that was shown and not welcomed yet. */
    private @Nullable String refreshing;

    /** For the next token: when to ask for it, or until when its answer is waited for. */
    private Time.@Nullable Timer refresh;

    private Time.@Nullable Timer pause;
    private boolean isPaused;
    private boolean isProbing;
    private boolean isAwaitingAnswer;

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
        Runnable giveUp = () -> lost(1006, "the server is silent");
        new Silence(this, welcome.millis("heartbeat", 30_000), () -> session.write(PING), giveUp).watch();
        refreshBefore(welcome.millis("expiresIn", NEVER));
        pump();
    }

    @Override
    void frame(ServerFrame frame) {
        switch (frame.type()) {
            case "welcome" -> {
                refreshing = null;
                refreshBefore(frame.millis("expiresIn", NEVER));
            }
            case "joined" -> joined(frame);
            case "left" -> left(frame);
            case "ack" -> session.sending.acknowledged(frame);
            case "error" -> refused(frame);
            case "pong" -> pong();
            case "reconnect" -> session.slotIn(frame.millis("after", 0));
            case "gap" -> gap(frame);
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
        if (refreshing != null) {
            session.tokens.unjudged();
        }
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
            next.askedAt = session.time.nanos();
            session.write(next.ask());
        }
        awaitAnswer();
        if (isQuiet()) {
            session.sending.write();
        }
    }

    /** Whether something may go out that nobody waits for. */
    boolean isQuiet() {
        return !isPaused && asked.isEmpty() && refreshing == null;
    }

    /** A question that is never answered would keep everything else from being said. */
    private void awaitAnswer() {
        RoomState first = asked.peek();
        if (first != null && !isAwaitingAnswer) {
            isAwaitingAnswer = true;
            after(Duration.ofNanos(first.askedAt + ANSWER_WITHIN.toNanos() - session.time.nanos()), this::judgeAnswer);
        }
    }

    private void judgeAnswer() {
        isAwaitingAnswer = false;
        RoomState first = asked.peek();
        if (first == null || session.time.nanos() - first.askedAt < ANSWER_WITHIN.toNanos()) {
            awaitAnswer();
        } else if (isPaused || session.isBusy()) {
            isAwaitingAnswer = true;
            after(ANSWER_WITHIN, this::judgeAnswer);
        } else {
            lost(1006, "the server has not answered about " + first.name);
        }
    }

    private @Nullable RoomState question() {
        return asked.size() < MOST_QUESTIONS ? session.rooms.nextQuestion() : null;
    }

    /**
     * The room that an answer is about. Where the server makes names safe to show, it calls some by other names: then it is the
     * one that was asked for first. Null if it answers nothing: the server may join and leave rooms of its own.
     */
    private @Nullable RoomState answered(ServerFrame frame, Stage question) {
        String name = frame.text("room", "");
        RoomState known = session.rooms.known(name);
        for (RoomState room : asked) {
            if (room.stage == question && (room == known || (known == null && room.mayBeShownOtherwise()))) {
                asked.remove(room);
                room.wireName = name.isEmpty() ? room.wireName : name;
                return room;
            }
        }
        return null;
    }

    private void joined(ServerFrame frame) {
        String name = frame.text("room", "");
        ServerFrame gap = earlyGaps.remove(name);
        RoomState room = answered(frame, Stage.ASKED);
        RoomState other = session.rooms.known(name);
        if (room == null && other == null) {
            room = session.joinedByServer(name);
        }
        if (room != null) {
            room.stage = Stage.IN;
            rooms.joined(room, frame, gap);
        } else if (other != null && other.stage == Stage.IN) {
            rooms.joinedOnceMore(other, frame);
        }
    }

    /** A server that drops its oldest frames may tell the loss before the {@code joined} that it follows. */
    private void gap(ServerFrame frame) {
        String name = frame.text("room", "");
        RoomState room = session.rooms.known(name);
        if (room != null && (room.stage == Stage.IN || room.stage == Stage.LEAVING)) {
            rooms.take(frame);
        } else if (earlyGaps.size() < RoomTable.MOST) {
            earlyGaps.merge(name, frame, ServerFrame::gapUpTo);
        } else {
            lost(1006, "gaps in rooms that are not joined");
        }
    }

    private void left(ServerFrame frame) {
        earlyGaps.remove(frame.text("room", ""));
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
        long retryAfter = frame.millis("retryAfter", 0);
        if (id != null) {
            sendRefused(id, code, frame.text("message", ""), retryAfter);
        } else if (about.equals("join")) {
            questionRefused(answered(frame, Stage.ASKED), frame, code, retryAfter);
        } else if (about.equals("leave")) {
            questionRefused(answered(frame, Stage.LEAVING), frame, code, retryAfter);
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

    private void questionRefused(@Nullable RoomState room, ServerFrame frame, String code, long retryAfter) {
        if (room == null) {
            return;
        }
        boolean again = isForTheMoment(code) || code.equals("internal");
        if (room.stage == Stage.LEAVING || !room.wanted || !again) {
            session.rooms.drop(room, code);
            return;
        }
        room.stage = Stage.HELD;
        // A comeback with many rooms is refused many of them at first, which is nothing that the application could
        // mend.
        if (code.equals("internal")) {
            session.error(room, code, frame.text("message", ""));
        }
        after(pauseOf(retryAfter, code.equals("internal") ? 5000 : 1000), () -> {
            if (room.stage == Stage.HELD) {
                room.stage = Stage.OUT;
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

    /** Asks for a new token when three quarters of the time of the old one have passed, by a clock that nobody sets. */
    private void refreshBefore(long lifetime) {
        if (lifetime != NEVER && session.settings.hasTokens()) {
            refreshIn(Duration.ofMillis(Math.max(1000, lifetime / 4 * 3)));
        }
    }

    private void refreshIn(Duration delay) {
        refresh(delay, () -> {
            session.askToken();
            refresh(Asking.DEADLINE, () -> token(null, new TimeoutException()));
        });
    }

    /** In place of the timer that runs. */
    private void refresh(Duration delay, Runnable step) {
        if (refresh != null) {
            cancel(refresh);
        }
        refresh = after(delay, step);
    }

    @Override
    void token(@Nullable String token, @Nullable Throwable failure) {
        if (token == null) {
            String why = failure == null ? "there is none" : failure.getClass().getName();
            session.error(null, "token", "no new token: " + why);
            refreshIn(Duration.ofSeconds(5));
        } else if (session.tokens.isShown(token)) {
            refreshIn(Duration.ofSeconds(5));
        } else {
            if (refresh != null) {
                cancel(refresh);
            }
            refreshing = token;
            session.authenticate(token);
        }
    }

    /** What a client says first, or again. */
    static String auth(String token) {
        return "{\"type\":\"auth\",\"token\":" + Content.of(token).json() + "}";
    }
}

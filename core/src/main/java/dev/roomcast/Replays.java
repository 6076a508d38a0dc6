package dev.roomcast;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings members of one room up to its lane: those who came back with a position, and those whose connection was slow. Owned
 * by the room's lane.
 *
 * <p>History is read once for all who ask in the same moment, and what was read is kept for {@value #KEPT_SECONDS} s after
 * its last use and extended by what the lane delivers. So all clients that come back after a network fault cost one reading,
 * or two if someone stands further back than the first who asked (the second reaches back {@value #FAR_BACK} messages, for
 * whoever stands there and has not come yet), whatever is said meanwhile. And since the stretch always
 * ends where the lane stands, a member that has been handed its last page is at the lane: the seam between replay and live
 * traffic is one step of one thread.
 *
 * <p>While a reading is under way the lane goes on; what it delivers is put aside and joined on when the reading is there. If
 * the two together do not reach to where the lane stands (a hole between them, too much to put aside, another epoch, messages
 * that are lost for all) the reading is worth nothing, and those who wait are told that they cannot be brought up.
 */
final class Replays {

    private static final int KEPT_SECONDS = 2;
    private static final Duration KEPT = Duration.ofSeconds(KEPT_SECONDS);

    /** What one member is handed at a time; the next page follows when its connection has taken this one. */
    private static final int PAGE_BYTES = 128 * 1024;

    /** Most that is kept; a stretch that has grown beyond is read anew. Less when the hub is short of memory. */
    private static final long MOST_BYTES = 4L * 1024 * 1024;

    /** As much is kept always: with less, each page would need a reading of its own. */
    private static final long LEAST_BYTES = 2L * PAGE_BYTES;

    /** Messages that are put aside during a reading, and their bytes; when more come, it is worth nothing. */
    private static final int MOST_MEANWHILE = 65_536;

    /** Messages of one reading. A longer history is read in several. */
    private static final int MOST_READ = 1024;

    /** How far behind the lane a reading begins at least if an earlier one was not enough. */
    private static final int FAR_BACK = MOST_READ / 2;

    /** Whether everything behind a position can be had. */
    enum Found {
        YES,
        NO,
        /** The bridge's backend is away, so nobody can know. */
        LATER,
        /** History is in another epoch than the lane, which the bridge has yet to move there. */
        NOT_YET
    }

    private record Question(Position from, Consumer<Found> answer) {}

    private record Heard(Message message, TextFrame frame) {}

    private final LiveRoom room;
    private final Hub hub;
    private final List<Question> waiting = new ArrayList<>(0);
    private final List<Question> asked = new ArrayList<>(0);
    private final List<Heard> meanwhile = new ArrayList<>(0);
    private @Nullable Recent recent;
    private @Nullable Position readFrom;

    /** Where the lane stood when the reading that is under way began. */
    private String readUnder = "";

    /** Whether messages of its epoch were lost for all since then. */
    private boolean isWorthless;

    /** Whether the stretch ends where the lane stands. One that does not is the beginning of a long history. */
    private boolean reachesLane;

    private long meanwhileBytes;

    /** Bytes that are counted in the hub's budget. */
    private long counted;

    private long usedAt;

    /** Whether a timer is running that looks whether the stretch is still needed. */
    private boolean looksLater;

    Replays(LiveRoom room, Hub hub) {
        this.room = room;
        this.hub = hub;
    }

    /** Finds out whether everything behind a position can be had. Answers at once if that is known, else when it is. */
    void find(Position from, Consumer<Found> answer) {
        if (recent != null && isOfUse(recent, from)) {
            answer.accept(Found.YES);
        } else {
            waiting.add(new Question(from, answer));
            readNext();
        }
    }

    /** Hands a member the next page. To be called in the step in which {@link #find} has answered with YES. */
    void supply(Membership member) {
        Outbox outbox = member.connection.outbox;
        Position from = outbox.behind(member);
        Recent stretch = recent;
        if (from == null || stretch == null || !stretch.reaches(from)) {
            return;
        }
        usedAt = hub.time.nanos();
        Recent.Page page = stretch.page(from, member.connection.userId(), PAGE_BYTES);
        boolean last = reachesLane && page.end().equals(stretch.top());
        if (last) {
            room.standAt(member, Math.max(member.since, page.end().offset()));
        }
        outbox.replay(member, page.batches(), page.end(), last);
    }

    /** Whether there is something for a member at a position: the messages behind it, or the certainty that it has all. */
    private boolean isOfUse(Recent stretch, Position from) {
        return stretch.reaches(from)
                && (reachesLane || from.offset() < stretch.top().offset());
    }

    /** Whether what is delivered is of interest here. */
    boolean isListening() {
        return recent != null || readFrom != null;
    }

    /** Takes note of what the lane delivers. */
    void heard(List<Message> messages, List<TextFrame> frames) {
        for (int i = 0; i < messages.size() && isListening(); i++) {
            if (readFrom != null && meanwhile.size() < MOST_MEANWHILE && meanwhileBytes < most()) {
                meanwhile.add(new Heard(messages.get(i), frames.get(i)));
                meanwhileBytes += frames.get(i).size();
            }
            if (recent != null
                    && reachesLane
                    && (!recent.add(messages.get(i), frames.get(i)) || recent.bytes() > most())) {
                recent = null;
            }
        }
        count();
    }

    private long most() {
        return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, hub.memory.share()));
    }

    /** Counts what is kept. Each byte counts twice: in its frame, and in the pages that are made of the frames. */
    private void count() {
        long now = 2 * (meanwhileBytes + (recent == null ? 0 : recent.bytes()));
        hub.memory.add(now - counted);
        counted = now;
    }

    /** A reading has ended; null if it failed, {@code later} if another one may not. */
    void read(@Nullable HistorySlice read, boolean later) {
        HistorySlice slice = isWorthless ? null : read;
        isWorthless = false;
        List<Question> answers = List.copyOf(asked);
        recent = null;
        Workers.guarded(() -> recent = slice == null ? null : joined(slice));
        asked.clear();
        meanwhile.clear();
        meanwhileBytes = 0;
        readFrom = null;
        count();
        if (recent != null) {
            usedAt = hub.time.nanos();
            lookLater();
        }
        Recent stretch = recent;
        Found unreached = later ? Found.LATER : isAhead(slice) ? Found.NOT_YET : Found.NO;
        for (Question question : answers) {
            if (stretch != null && !reachesLane && stretch.endsBefore(question.from)) {
                waiting.add(question);
            } else {
                boolean reached = stretch != null && stretch.reaches(question.from);
                Workers.guarded(() -> question.answer.accept(reached ? Found.YES : unreached));
            }
        }
        answerThoseWhoCameMeanwhile();
        readNext();
    }

    private void answerThoseWhoCameMeanwhile() {
        List<Question> others = List.copyOf(waiting);
        waiting.clear();
        for (Question question : others) {
            if (recent != null && isOfUse(recent, question.from)) {
                Workers.guarded(() -> question.answer.accept(Found.YES));
            } else {
                waiting.add(question);
            }
        }
    }

    /**
     * Drops what was read: messages are lost for all. What is being read is worth nothing either, unless the epoch is a new one:
     * then its own epoch tells whether it is from before or from after.
     */
    void forget(boolean isNewEpoch) {
        recent = null;
        count();
        isWorthless |= readFrom != null && !isNewEpoch;
    }

    /** The room has gone. */
    void end() {
        recent = null;
        meanwhile.clear();
        meanwhileBytes = 0;
        count();
    }

    /** Drops what was read, unless it was used a moment ago. */
    void forgetUnused() {
        looksLater = false;
        if (recent != null && hub.time.nanos() - usedAt < KEPT.toNanos()) {
            lookLater();
        } else {
            recent = null;
            count();
        }
    }

    private void readNext() {
        if (readFrom != null || waiting.isEmpty()) {
            return;
        }
        asked.addAll(waiting);
        waiting.clear();
        Position from = farEnough(oldest());
        readFrom = from;
        readUnder = room.epoch();
        hub.bridge.broadcaster().history(room.name, from, MOST_READ).whenComplete((slice, failure) -> {
            room.append(new LaneEntry.History(failure == null ? slice : null, isForLater(failure)));
            hub.resume(room);
        });
    }

    private static boolean isForLater(@Nullable Throwable failure) {
        return failure != null
                && Hub.rootOf(failure) instanceof BridgeException refusal
                && refusal.reason() == BridgeException.Reason.UNAVAILABLE;
    }

    /** Whether a reading knows of an epoch that the lane has not heard of; the other way round it is the reading that is old. */
    private boolean isAhead(@Nullable HistorySlice slice) {
        return slice != null
                && !readUnder.isEmpty()
                && readUnder.equals(room.epoch())
                && !readUnder.equals(start(slice).epoch());
    }

    /** The position in front of the first message of a reading. */
    private static Position start(HistorySlice slice) {
        if (slice.messages().isEmpty()) {
            return slice.top();
        }
        Position first = slice.messages().get(0).position();
        return first == null ? slice.top() : new Position(first.epoch(), first.offset() - 1);
    }

    /** The position from which a reading serves all who ask and can be served. */
    private Position oldest() {
        Position oldest = asked.get(0).from;
        for (Question question : asked) {
            boolean here = question.from.epoch().equals(room.epoch());
            boolean older = question.from.comparableTo(oldest) && question.from.offset() < oldest.offset();
            boolean better = here && !oldest.comparableTo(question.from);
            oldest = older || better ? question.from : oldest;
        }
        return oldest;
    }

    /** Whom the last reading did not reach may not be the last of its kind: the next one is for all who still come from there. */
    private Position farEnough(Position from) {
        if (recent == null || !reachesLane || !from.comparableTo(recent.top())) {
            return from;
        }
        return new Position(
                from.epoch(), Math.max(0, Math.min(from.offset(), recent.top().offset() - FAR_BACK)));
    }

    /** The reading, and behind it what was delivered meanwhile; null if that leaves a hole. */
    private @Nullable Recent joined(HistorySlice slice) {
        List<Message> messages = slice.messages();
        Position after = start(slice);
        if (!room.epoch().isEmpty() && !room.epoch().equals(after.epoch())) {
            return null;
        }
        Recent stretch =
                new Recent(slice.complete() && readFrom != null && readFrom.comparableTo(after) ? readFrom : after);
        for (Message message : messages) {
            if (!stretch.add(message, Frames.message(message))) {
                return null;
            }
        }
        reachesLane = messages.isEmpty() || stretch.top().equals(slice.top());
        if (!reachesLane) {
            return stretch;
        }
        for (Heard heard : meanwhile) {
            if (!stretch.add(heard.message, heard.frame)) {
                return null;
            }
        }
        return room.isBeyond(stretch.top()) ? null : stretch;
    }

    private void lookLater() {
        if (looksLater) {
            return;
        }
        looksLater = true;
        hub.time.after(KEPT, () -> {
            room.append(new LaneEntry.ForgetHistory());
            hub.drainElsewhere(room);
        });
    }
}

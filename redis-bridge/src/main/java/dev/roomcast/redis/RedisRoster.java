package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.message.Content;
import dev.roomcast.redis.OwnConnections.Own;
import dev.roomcast.redis.RosterCall.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who is where, in Redis. This instance remembers which of its own connections are in which rooms; whenever a session
 * begins, and whenever Redis may know something else, it sends the room's whole list, and the script puts back what is
 * missing and takes out what is too much. Each call may be repeated, so a lost answer does no harm.
 *
 * <p>Putting back announces nobody. It makes a hole in the room's revisions, so each instance reads the roster and tells its
 * members the differences.
 */
final class RedisRoster implements Roster {

    /** A member and the revision at which it came. */
    private record Came(Member member, long revision) {}

    /**
     * What came of bringing Redis in line.
     *
     * @param missing how many users Redis had forgotten
     * @param failure why Redis did not take all of it; what it did not is to be tried again
     */
    record Synced(long missing, @Nullable Throwable failure) {}

    private static final Duration GRACE_SLACK = Duration.ofMillis(20);

    /** In a room where someone always comes or goes the check has to find what may still be wrong then. */
    private static final int MOST_LISTS = 3;

    private final RosterCalls calls;
    private final Feeds feeds;
    private final Stripes stripes;
    private final Graces graces;
    private final OwnConnections own = new OwnConnections();
    private final RosterLoss loss;

    /** Under which name, and in which Redis, all was brought in line last. */
    private volatile @Nullable String synced;

    RedisRoster(RosterCalls calls, Feeds feeds, Stripes stripes, Graces graces) {
        this.calls = calls;
        this.feeds = feeds;
        this.stripes = stripes;
        this.graces = graces;
        this.loss = new RosterLoss(calls);
    }

    @Override
    public CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta) {
        if (own.add(room, connectionId, userId, meta)) {
            calls.enter(room);
        }
        Words task = new Words().text("join").text(connectionId).text(userId).text(text(meta));
        return told(room, calls.untilDeadline(room, task)).handle((answer, failure) -> {
            if (failure == null) {
                return answer.revision();
            }
            boolean isAway = failure instanceof RosterCalls.Away;
            if (!isAway) {
                own.remove(room, connectionId);
            }
            leaveOpen(room);
            if (isAway) {
                // Put back with the others when a session begins: that looks only after there is one.
                return LATER;
            }
            throw unavailable();
        });
    }

    @Override
    public CompletionStage<@Nullable Void> leave(
            String room, String userId, String connectionId, Cause cause, Duration grace) {
        if (!grace.isZero()) {
            return lose(room, new Own(connectionId, userId, null), cause, grace);
        }
        own.remove(room, connectionId);
        Words task = leaving(userId, connectionId, cause, Duration.ZERO);
        return told(room, calls.untilDeadline(room, task)).handle((answer, failure) -> {
            if (failure == null) {
                forgetIfLeft(room);
            } else {
                // It has left all the same; Redis is told when it is back.
                leaveOpen(room);
            }
            return null;
        });
    }

    /** A connection was lost. Where Redis cannot be told of the grace, it counts as there until that is over. */
    private CompletionStage<@Nullable Void> lose(String room, Own lost, Cause cause, Duration grace) {
        long since = graces.now();
        if (calls.isAway()) {
            endGrace(room, lost, cause, grace, since);
            return CompletableFuture.completedFuture(null);
        }
        // Before Redis is told: a list that is sent behind that must not put it back.
        Own known = own.remove(room, lost.connection());
        Words task = leaving(lost.user(), lost.connection(), cause, grace);
        CompletionStage<Answer> call = calls.atOnce(room, task).whenComplete((answer, failure) -> {
            if (failure != null) {
                if (known != null) {
                    putBack(room, known);
                    endGrace(room, lost, cause, grace, since);
                }
                leaveOpen(room);
            }
        });
        return told(room, call).handle((answer, failure) -> {
            if (failure == null) {
                forgetIfLeft(room);
                completeGraces(room, answer);
            }
            return null;
        });
    }

    /** A call has failed, so Redis may know something else. A session that has begun meanwhile may have looked before. */
    private void leaveOpen(String room) {
        own.doubt(room);
        if (!own.isIn(room)) {
            loss.forget(room);
        }
        if (!calls.isAway()) {
            sync(room);
        }
    }

    private void putBack(String room, Own known) {
        if (own.add(room, known.connection(), known.user(), known.meta())) {
            calls.enter(room);
        }
    }

    private void endGrace(String room, Own lost, Cause cause, Duration grace, long since) {
        graces.after(grace, since, () -> leave(room, lost.user(), lost.connection(), cause, Duration.ZERO));
    }

    private static Words leaving(String userId, String connectionId, Cause cause, Duration grace) {
        return new Words()
                .text("leave")
                .text(connectionId)
                .text(userId)
                .number(Envelope.number(cause))
                .number(PublishCall.millis(grace));
    }

    /** Redis has nothing of this instance in a room: then nothing need be known of it, nor noted for others. */
    private void forgetIfLeft(String room) {
        if (!own.isIn(room)) {
            loss.forget(room);
            calls.exit(room);
            if (own.isIn(room)) {
                // Someone came in between, and may have been noted before the note was taken back.
                calls.enter(room);
            }
        }
    }

    @Override
    public CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta) {
        Words task = new Words().text("update").text(userId).text(text(meta));
        return orUnavailable(told(room, calls.untilDeadline(room, task))).thenApply(answer -> {
            boolean isMember = answer.result().equals(1L);
            if (isMember) {
                own.update(room, userId, meta);
            }
            return isMember;
        });
    }

    @Override
    public CompletionStage<RosterSnapshot> read(String room) {
        return loss.whenSettled(room)
                .thenCompose(settled -> orUnavailable(told(room, calls.untilDeadline(room, new Words().text("read")))))
                // It may have been this very reading that found the loss.
                .thenCompose(answer ->
                        loss.isSettled(room) ? CompletableFuture.completedStage(snapshot(answer)) : read(room));
    }

    /**
     * Compares what was heard of a room with Redis's revision; whoever missed something is made to look. Where nothing was
     * heard, something may have been missed all the same: a user's second connection is no news to anyone.
     */
    void check(String room, long heard) {
        if (heard < 0 && !own.isIn(room)) {
            // Nobody here was told anything; who comes reads the roster behind its own joining.
            return;
        }
        isInLine(room, heard).whenComplete((inLine, failure) -> {
            if (failure == null && inLine) {
                calls.enter(room);
            } else if (failure == null) {
                look(room, heard);
            }
        });
    }

    /** Whether nothing was left open in the room, and Redis has all that it should have of it. */
    private CompletionStage<Boolean> isInLine(String room, long heard) {
        String generation = loss.generation(room);
        int here = own.in(room).size();
        return heard < 0 || generation == null || here == 0 || own.isDoubtful(room)
                ? CompletableFuture.completedStage(false)
                : calls.isUnchanged(room, heard, generation, here);
    }

    private void look(String room, long heard) {
        Words task = new Words().text("check").text(heard < 0 ? "" : Long.toString(heard));
        calls.once(room, task).whenComplete((answer, failure) -> {
            if (failure == null) {
                feeds.changed(room, answer.changes());
                feeds.moved(room, answer.revision());
                int here = own.in(room).size();
                if (here > 0) {
                    calls.enter(room);
                }
                long there = (Long) answer.result();
                if (there < 0) {
                    feeds.forged();
                    there = -1 - there;
                }
                if (!noticed(room, answer) && (there != here || own.isDoubtful(room))) {
                    // Redis has forgotten some, or a call is on its way; either way this does no harm.
                    calls.enter(room);
                    sync(room);
                }
            }
        });
    }

    /**
     * Brings Redis in line with this instance, room by room. When it is the same Redis as before, and the same name, that is
     * left to the check that each room gets behind its subscription, unless something was left open in it. To be called
     * again as long as Redis does not take all of it.
     */
    CompletionStage<Synced> sync() {
        List<CompletableFuture<Long>> all = new ArrayList<>();
        List<String> rooms = own.rooms();
        String name = calls.entries();
        boolean isSame = name.equals(synced);
        calls.enter(rooms);
        for (String room : rooms) {
            if (!isSame || own.isDoubtful(room) || !feeds.isChecked(room)) {
                all.add(sync(room).toCompletableFuture());
            }
        }
        if (own.takeForgotten()) {
            all.add(syncNoted(Set.copyOf(rooms)).toCompletableFuture());
        }
        return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).handle((done, failure) -> {
            // Rooms that Redis did not take are doubtful from now on.
            synced = name;
            long missing = all.stream()
                    .filter(one -> !one.isCompletedExceptionally())
                    .mapToLong(CompletableFuture::join)
                    .sum();
            return new Synced(missing, failure);
        });
    }

    private CompletionStage<Long> sync(String room) {
        return sync(room, MOST_LISTS);
    }

    /** The same for all rooms that Redis has noted of this instance, but these. */
    private CompletionStage<Long> syncNoted(Set<String> but) {
        return calls.noted()
                .thenCompose(rooms -> CompletableFuture.allOf(rooms.stream()
                        .filter(room -> !but.contains(room))
                        .map(room -> sync(room).toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new)))
                .handle((done, failure) -> {
                    if (failure != null) {
                        own.forgot();
                        throw new CompletionException(failure);
                    }
                    return 0L;
                });
    }

    private CompletionStage<Long> sync(String room, int most) {
        List<Own> sent = own.in(room);
        Words task = new Words().text("sync");
        // What was said last comes first: it counts if Redis has forgotten the user, and the rest stands behind it.
        for (int i = sent.size() - 1; i >= 0; i--) {
            Own one = sent.get(i);
            task.text(one.connection()).text(one.user()).text(text(one.meta()));
        }
        CompletionStage<Answer> call = calls.once(room, task).whenComplete((answer, failure) -> {
            if (failure != null) {
                own.doubt(room);
            }
        });
        return call.thenCompose(answer -> {
            Long missing = (Long) answer.result();
            feeds.changed(room, answer.changes());
            feeds.moved(room, answer.revision());
            if (own.isIn(room)) {
                loss.found(room, answer.generation());
            } else if (sent.isEmpty()) {
                forgetIfLeft(room);
            }
            // Who came or went meanwhile may have got to Redis before the list that knew nothing of it.
            return own.trust(room, sent) || most == 1
                    ? CompletableFuture.completedStage(missing)
                    : sync(room, most - 1).thenApply(more -> missing);
        });
    }

    /** Rooms in which this instance has, or may have, something in Redis. */
    List<String> rooms() {
        return own.rooms();
    }

    /** Whether nobody of this instance is anywhere. */
    boolean isEmpty() {
        return own.isEmpty();
    }

    private static BridgeException unavailable() {
        return new BridgeException(BridgeException.Reason.UNAVAILABLE, "Redis is away", Duration.ofSeconds(1));
    }

    private static CompletionStage<Answer> orUnavailable(CompletionStage<Answer> call) {
        return call.exceptionally(failure -> {
            throw unavailable();
        });
    }

    /** Completes when what a call changed has been appended to the delivery; fails as the call did. */
    private CompletionStage<Answer> told(String room, CompletionStage<Answer> call) {
        CompletableFuture<Answer> told = new CompletableFuture<>();
        call.whenComplete((answer, failure) -> {
            if (failure != null) {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                stripes.execute(room, () -> told.completeExceptionally(cause));
                return;
            }
            noticed(room, answer);
            feeds.changed(room, answer.changes())
                    .whenComplete((appended, never) -> stripes.execute(room, () -> told.complete(answer)));
        });
        return told;
    }

    /** Whether Redis has lost the room's roster; then this instance puts back what it knows. */
    private boolean noticed(String room, Answer answer) {
        boolean lost = own.isIn(room) && loss.found(room, answer.generation());
        if (lost) {
            calls.enter(room);
            sync(room);
        }
        return lost;
    }

    private void completeGraces(String room, Answer answer) {
        if (answer.nextGraceMillis() >= 0) {
            graces.look(
                    room,
                    Duration.ofMillis(answer.nextGraceMillis()).plus(GRACE_SLACK),
                    () -> calls.once(room, new Words().text("check").text("")).whenComplete((next, failure) -> {
                        if (failure == null) {
                            feeds.changed(room, next.changes());
                            completeGraces(room, next);
                        }
                    }));
        }
    }

    private static RosterSnapshot snapshot(Answer answer) {
        List<Came> members = new ArrayList<>();
        for (Object entry : (List<?>) answer.result()) {
            List<?> user = (List<?>) entry;
            String meta = utf8(user.get(2));
            Content content = meta.isEmpty() ? null : Content.ofCheckedJson(meta);
            Member member = new Member(utf8(user.get(0)), ((Long) user.get(1)).intValue(), content);
            members.add(new Came(member, (Long) user.get(3)));
        }
        members.sort(Comparator.comparingLong(Came::revision));
        return new RosterSnapshot(
                answer.revision(), members.stream().map(Came::member).toList());
    }

    private static String text(@Nullable Content meta) {
        return meta == null ? "" : meta.json();
    }

    private static String utf8(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}

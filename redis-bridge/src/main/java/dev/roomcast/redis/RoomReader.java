package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads rooms' orders from Redis. Stages complete on a thread of the connection. */
final class RoomReader implements RoomFeed.Source {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");

    /** For the limits of a reading that has none. */
    private static final String NONE = "";

    private static final byte[] EPOCH = {'e'};
    private static final byte[] OFFSET = {'o'};
    private static final byte[] RUN_ID = {'r'};

    /** At a check every 30 s that is about twice an hour; what is kept alive so lasts a day. */
    private static final int SCRIPT_ONE_IN = 64;

    /** How many messages one healing read brings at most; more are fetched by the next. */
    private static final int RANGE = 1024;

    /**
     * What a reading found.
     *
     * @param top the newest position
     * @param began the offset behind which its epoch began
     * @param total bytes of content published so far
     * @param millis Redis's time
     * @param batches ascending; the first may begin before what was asked for
     * @param more whether others follow them
     */
    record Range(Position top, long began, long total, long millis, List<Batch> batches, boolean more) {}

    private final Supplier<@Nullable Session> session;
    private final Keys keys;
    private final Producer producer;
    private final Clock clock;

    RoomReader(Supplier<@Nullable Session> session, Keys keys, Producer producer, Clock clock) {
        this.session = session;
        this.keys = keys;
        this.producer = producer;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Range> top(String room) {
        return read(
                room,
                new Words()
                        .text(NONE)
                        .number(0)
                        .text(NONE)
                        .text(NONE)
                        .text(NONE)
                        .number(0));
    }

    @Override
    public CompletionStage<Range> after(String room, long offset) {
        return read(
                room,
                new Words()
                        .number(offset)
                        .number(RANGE)
                        .text(NONE)
                        .text(NONE)
                        .text(NONE)
                        .number(0));
    }

    @Override
    public CompletionStage<Range> check(String room, Position position) {
        Session now = session.get();
        if (now == null || ThreadLocalRandom.current().nextInt(SCRIPT_ONE_IN) == 0) {
            return after(room, position.offset());
        }
        return now.fields(keys.meta(room), EPOCH, OFFSET, RUN_ID)
                // A key of another type, perhaps: the script heals it.
                .exceptionally(failure -> Refusal.instead(failure, List.of()))
                .thenCompose(meta -> {
                    boolean unchanged = !meta.isEmpty()
                            && position.epoch().equals(meta.get(0))
                            && Long.toString(position.offset()).equals(meta.get(1))
                            && now.runId().equals(meta.get(2));
                    return unchanged
                            ? CompletableFuture.completedStage(new Range(position, 0, 0, 0, List.of(), false))
                            : after(room, position.offset());
                });
    }

    /** History as a client may see it. What is much comes in several readings. */
    CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit, HistoryLimits limits) {
        return history(room, after == null ? NONE : Long.toString(after.offset()), limit, limits, List.of())
                .thenApply(range -> slice(range, after, limit, limits));
    }

    private CompletionStage<Range> history(
            String room, String after, int limit, HistoryLimits limits, List<Batch> before) {
        Words question = new Words()
                .text(after)
                .number(limit)
                .number(limits.messages())
                .number(PublishCall.millis(limits.age()))
                .number(limits.bytes())
                .number(1);
        return read(room, question).thenCompose(range -> {
            List<Batch> batches = new ArrayList<>(before);
            batches.addAll(range.batches());
            long found =
                    batches.stream().mapToLong(batch -> batch.messages().size()).sum();
            if (range.more() && found < limit && !range.batches().isEmpty()) {
                String last = Long.toString(batches.get(batches.size() - 1).last());
                return history(room, last, limit, limits, batches);
            }
            return CompletableFuture.completedStage(
                    new Range(range.top(), range.began(), range.total(), range.millis(), batches, range.more()));
        });
    }

    static HistorySlice slice(Range range, @Nullable Position after, int limit, HistoryLimits limits) {
        Position top = range.top();
        if (after != null && (!after.comparableTo(top) || after.offset() > top.offset())) {
            return new HistorySlice(List.of(), top, false);
        }
        List<Message> kept = new ArrayList<>();
        Position next = null;
        for (Batch batch : range.batches()) {
            for (Message message : keptOf(batch, range, limits)) {
                Position position = message.position();
                if (position == null
                        || !position.comparableTo(top)
                        || (after != null && position.offset() <= after.offset())) {
                    continue;
                }
                // What was trimmed between two readings leaves a hole; what is behind it counts.
                if (next != null && !position.equals(next)) {
                    kept.clear();
                }
                next = position.next();
                if (kept.size() < limit) {
                    kept.add(message);
                }
            }
        }
        Position first = kept.isEmpty() ? null : kept.get(0).position();
        boolean complete = after == null
                || after.offset() == top.offset()
                || (first != null && first.offset() == after.offset() + 1);
        return new HistorySlice(kept, top, complete);
    }

    /** The messages of a batch that are within the limits: by number, and by bytes counted from the newest. */
    private static Deque<Message> keptOf(Batch batch, Range range, HistoryLimits limits) {
        Deque<Message> kept = new ArrayDeque<>();
        long bytes = range.total() - batch.total();
        for (int i = batch.messages().size() - 1; i >= 0; i--) {
            Message message = batch.messages().get(i);
            bytes += message.content().size();
            boolean newEnough = batch.first() + i > range.top().offset() - limits.messages();
            if (!newEnough || bytes > limits.bytes()) {
                break;
            }
            kept.addFirst(message);
        }
        return kept;
    }

    private CompletionStage<Range> read(String room, Words question) {
        Session now = session.get();
        if (now == null) {
            return CompletableFuture.failedStage(
                    new BridgeException(BridgeException.Reason.UNAVAILABLE, "Redis is away", Duration.ofSeconds(1)));
        }
        Words arguments = new Words().text(clock.now()).text(now.runId()).text(producer.nextEpoch());
        for (byte[] word : question.toArray()) {
            arguments.bytes(word);
        }
        Words names =
                new Words().bytes(keys.meta(room)).bytes(keys.stream(room)).bytes(keys.users(room));
        return now.call(Script.READ, names.toArray(), arguments.toArray()).thenApply(answer -> range(answer, room));
    }

    private static Range range(List<Object> answer, String room) {
        String epoch = new String((byte[]) answer.get(0), StandardCharsets.US_ASCII);
        List<Batch> batches = new ArrayList<>();
        for (Object entry : (List<?>) answer.get(6)) {
            try {
                if (Envelope.parse((byte[]) entry, room) instanceof Batch batch) {
                    batches.add(batch);
                }
            } catch (RuntimeException notOurs) {
                // Of a later version, perhaps: it is missing, and that shows.
                LOG.log(System.Logger.Level.DEBUG, "An entry of a room''s stream cannot be read", notOurs);
            }
        }
        return new Range(
                new Position(epoch, (Long) answer.get(1)),
                (Long) answer.get(2),
                (Long) answer.get(3),
                (Long) answer.get(4),
                batches,
                (Long) answer.get(5) == 1);
    }
}

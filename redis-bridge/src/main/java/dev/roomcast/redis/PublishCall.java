package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One call of the publish script: a batch of one room with its number. It may be sent again, on another session, until its
 * outcome is known: the script carries it out once.
 */
final class PublishCall {

    /** Number of its user, number among that one's ids, bytes of its content, its own bytes. */
    private static final int BYTES_OF_EACH = 2 * Short.BYTES + 2 * Integer.BYTES;

    private static final Duration LONGEST_AGE = Duration.ofDays(3650);

    final long sequence;
    final List<Waiting> batch;

    private final String room;
    private final Keys keys;
    private final Producer producer;
    private final Clock clock;
    private final HistoryLimits limits;
    private final boolean hasIds;

    PublishCall(String room, List<Waiting> batch, Keys keys, Producer producer, Clock clock, HistoryLimits limits) {
        this.room = room;
        this.batch = List.copyOf(batch);
        this.keys = keys;
        this.producer = producer;
        this.clock = clock;
        this.limits = limits;
        this.sequence = producer.nextSequence();
        boolean ids = false;
        for (Waiting waiting : batch) {
            ids |= waiting.message().id() != null;
        }
        this.hasIds = ids;
    }

    /** Whether a message has the id of one in this batch, by the same user. */
    boolean names(Message message) {
        return message.id() != null
                && batch.stream()
                        .map(Waiting::message)
                        .anyMatch(
                                one -> message.id().equals(one.id()) && Objects.equals(message.userId(), one.userId()));
    }

    CompletionStage<List<Object>> send(Session session) {
        Words keys = new Words().bytes(this.keys.meta(room)).bytes(this.keys.stream(room));
        Words arguments = new Words()
                .text(clock.now())
                .text(session.runId())
                .text(producer.nextEpoch())
                .bytes(this.keys.channel(room))
                .bytes(producer.bytes())
                .number(sequence)
                .number(limits.messages())
                .number(millis(limits.age()))
                .number(limits.bytes())
                .number(batch.size());
        long content = 0;
        int size = 0;
        for (Waiting waiting : batch) {
            content += waiting.contentSize();
            size += waiting.encoded().length;
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        batch.forEach(waiting -> all.put(waiting.encoded()));
        arguments.number(content).bytes(all.array());
        if (hasIds) {
            addIds(keys, arguments);
        }
        return session.call(Script.PUBLISH, keys.toArray(), arguments.toArray());
    }

    /** Tells everyone in the batch what became of it. */
    void answered(List<Object> answer) {
        if (answer.isEmpty()) {
            refuse("the instance published something newer meanwhile");
            return;
        }
        try {
            String epoch = text(answer.get(0));
            long first = (Long) answer.get(1);
            for (int i = 0; i < batch.size(); i++) {
                Object verdict = answer.size() > 2 ? answer.get(2 + i) : Long.valueOf(first + i);
                answered(batch.get(i), epoch, verdict);
            }
        } catch (ClassCastException | IndexOutOfBoundsException | IllegalArgumentException e) {
            refuse("Redis gave an answer of another kind");
        }
    }

    /** Tells everyone that the whole batch was seen in the order. */
    void seen(Envelope.Batch seen) {
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).outcome().complete(new Position(seen.epoch(), seen.first() + i));
        }
    }

    void refuse(String why) {
        batch.forEach(waiting -> waiting.refuse(why));
    }

    /** What one user names in this batch. */
    private static final class Named {
        final int number;
        final List<byte[]> ids = new ArrayList<>();
        final List<byte[]> places = new ArrayList<>();

        Named(int number) {
            this.number = number;
        }
    }

    private void addIds(Words keys, Words arguments) {
        Map<@Nullable String, Named> users = new LinkedHashMap<>();
        Set<List<@Nullable String>> seen = new HashSet<>();
        boolean twice = false;
        ByteBuffer each = ByteBuffer.allocate(batch.size() * BYTES_OF_EACH);
        for (int i = 0; i < batch.size(); i++) {
            Waiting waiting = batch.get(i);
            Message message = waiting.message();
            String id = message.id();
            if (id == null) {
                each.putShort((short) 0).putShort((short) 0);
            } else {
                Named named = users.computeIfAbsent(message.userId(), user -> new Named(users.size() + 1));
                named.ids.add(("i" + id).getBytes(StandardCharsets.UTF_8));
                named.places.add(ByteBuffer.allocate(Waiting.DIGEST_BYTES + Short.BYTES)
                        .put(waiting.digest())
                        .putShort((short) i)
                        .array());
                twice |= !seen.add(Arrays.asList(message.userId(), id));
                each.putShort((short) named.number).putShort((short) named.ids.size());
            }
            each.putInt(waiting.contentSize()).putInt(waiting.encoded().length);
        }
        arguments.bytes(each.array()).number(twice ? 1 : 0);
        users.forEach((user, named) -> {
            keys.bytes(this.keys.ids(room, user));
            arguments.number(named.ids.size()).text("s");
            named.ids.forEach(arguments::bytes);
            named.places.forEach(arguments::bytes);
        });
    }

    private static void answered(Waiting waiting, String epoch, Object verdict) {
        if (verdict instanceof Long offset) {
            waiting.outcome().complete(new Position(epoch, offset));
        } else if (verdict instanceof List<?> first) {
            waiting.outcome().complete(new Position(text(first.get(0)), (Long) first.get(1)));
        } else if (text(verdict).equals("c")) {
            waiting.outcome()
                    .completeExceptionally(new BridgeException(
                            BridgeException.Reason.ID_CONFLICT, "the id was used with other content", Duration.ZERO));
        } else {
            waiting.outcome()
                    .completeExceptionally(new BridgeException(
                            BridgeException.Reason.TOO_MANY_IDS,
                            "too many ids of one user in one room",
                            Duration.ofMillis(Long.parseLong(text(verdict)))));
        }
    }

    /** Who keeps history for ever keeps it for ten years: Redis counts no further. */
    static long millis(Duration age) {
        return age.compareTo(LONGEST_AGE) > 0 ? LONGEST_AGE.toMillis() : age.toMillis();
    }

    private static String text(Object answer) {
        return new String((byte[]) answer, StandardCharsets.US_ASCII);
    }
}

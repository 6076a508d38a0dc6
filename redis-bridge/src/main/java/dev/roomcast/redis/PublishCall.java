package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Position;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One call of the publish script: a batch of one room with its number. It may be sent again, on another session, until its
 * outcome is known: the script carries it out once.
 */
final class PublishCall {

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
        this.hasIds = batch.stream().anyMatch(waiting -> waiting.message().id() != null);
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
        if (hasIds) {
            withIds(keys, arguments);
        } else {
            withoutIds(arguments);
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
                Object verdict = hasIds ? answer.get(2 + i) : Long.valueOf(first + i);
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

    private void withoutIds(Words arguments) {
        int size = batch.stream().mapToInt(waiting -> waiting.encoded().length).sum();
        byte[] all = new byte[size];
        int at = 0;
        long content = 0;
        for (Waiting waiting : batch) {
            System.arraycopy(waiting.encoded(), 0, all, at, waiting.encoded().length);
            at += waiting.encoded().length;
            content += waiting.contentSize();
        }
        arguments.number(content).bytes(all);
    }

    private void withIds(Words keys, Words arguments) {
        Map<@Nullable String, Integer> users = new HashMap<>();
        arguments.text("");
        for (Waiting waiting : batch) {
            String id = waiting.message().id();
            if (id == null) {
                arguments.text("").text("").text("");
            } else {
                String user = waiting.message().userId();
                Integer index = users.get(user);
                if (index == null) {
                    keys.bytes(this.keys.ids(room, user));
                    index = 3 + users.size();
                    users.put(user, index);
                }
                arguments.number(index).text(id).bytes(waiting.digest());
            }
            arguments.number(waiting.contentSize()).bytes(waiting.encoded());
        }
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

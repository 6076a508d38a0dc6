package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Those who want to know where a room stands. Each is answered by a reading that began behind the question. Guarded by the
 * room's feed; what is given out is to be answered with no lock held.
 */
final class Questions {

    /** Someone who has asked. */
    record Question(CompletableFuture<Position> answer, long since) {

        void refuse() {
            answer.completeExceptionally(
                    new BridgeException(BridgeException.Reason.UNAVAILABLE, "Redis is away", Duration.ofSeconds(1)));
        }
    }

    private List<Question> waiting = new ArrayList<>(1);

    /** By the reading under way. */
    private List<Question> beingAnswered = List.of();

    CompletableFuture<Position> ask(long now) {
        Question question = new Question(new CompletableFuture<>(), now);
        waiting.add(question);
        return question.answer;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** All that no reading is under way for. */
    List<Question> take() {
        List<Question> all = waiting;
        waiting = new ArrayList<>(1);
        return all;
    }

    /** A reading begins. */
    void read() {
        beingAnswered = take();
    }

    /** The reading under way has ended. */
    List<Question> answered() {
        List<Question> all = beingAnswered;
        beingAnswered = List.of();
        return all;
    }

    /** The reading under way was worth nothing. */
    void failed() {
        waiting.addAll(0, answered());
    }

    /** Those who have waited for longer than this. */
    List<Question> late(long now, long longest) {
        List<Question> late = new ArrayList<>(0);
        waiting.removeIf(question -> {
            boolean isLate = now - question.since > longest;
            if (isLate) {
                late.add(question);
            }
            return isLate;
        });
        return late;
    }
}

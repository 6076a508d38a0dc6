package dev.roomcast;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the wait for an answer of code that is not the hub's, {@link Limit#ANSWER_DEADLINE}: a stage that never completes
 * would hold up a connection, or a room, for ever. An answer that is there at once costs nothing.
 */
final class AnswerDeadline {

    /** When what was not answered may be tried again. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Time time;
    private final Duration deadline;
    private final Runnable missed;

    /** {@code missed} is called for each answer that did not come in time; must not block. */
    AnswerDeadline(Time time, Duration deadline, Runnable missed) {
        this.time = time;
        this.deadline = deadline;
        this.missed = missed;
    }

    /** Ends as the stage does, or in time as one that failed. {@code who} names the asked. */
    <T extends @Nullable Object> CompletableFuture<T> of(String who, CompletionStage<T> stage) {
        CompletableFuture<T> asked = stage.toCompletableFuture();
        if (asked.isDone()) {
            return asked;
        }
        CompletableFuture<T> bounded = new CompletableFuture<>();
        Time.Timer timer = time.after(deadline, () -> {
            if (bounded.completeExceptionally(
                    new BridgeException(BridgeException.Reason.UNAVAILABLE, who + " has not answered in time", SOON))) {
                missed.run();
            }
        });
        stage.whenComplete((result, failure) -> {
            timer.cancel();
            if (failure == null) {
                bounded.complete(result);
            } else {
                bounded.completeExceptionally(failure);
            }
        });
        return bounded;
    }
}

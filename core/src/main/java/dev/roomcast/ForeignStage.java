package dev.roomcast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What code that is not ours answers to a question, made to keep the promise of a stage: it is one, and it ends as ours do.
 * An exception of any kind becomes a failed stage, and so does null in the place of a stage.
 */
final class ForeignStage {

    private ForeignStage() {}

    /** Asks, and never throws. {@code who} names the asked in the failure of one that answers with null. */
    static <T extends @Nullable Object> CompletableFuture<T> of(
            String who, Supplier<? extends @Nullable CompletionStage<T>> question) {
        try {
            CompletionStage<T> stage = question.get();
            if (stage == null) {
                return CompletableFuture.failedFuture(new IllegalStateException(who + " returned null for a stage"));
            }
            return stage instanceof CompletableFuture<T> ours ? ours : copy(stage);
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** For stages of other libraries, which need not know {@code toCompletableFuture}. */
    private static <T extends @Nullable Object> CompletableFuture<T> copy(CompletionStage<T> stage) {
        CompletableFuture<T> copy = new CompletableFuture<>();
        stage.whenComplete((result, failure) -> {
            if (failure == null) {
                copy.complete(result);
            } else {
                copy.completeExceptionally(failure);
            }
        });
        return copy;
    }
}

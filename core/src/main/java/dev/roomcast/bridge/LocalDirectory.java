package dev.roomcast.bridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** There is no other instance. */
final class LocalDirectory implements Directory {

    private static final Integer NONE = 0;

    @Override
    public CompletionStage<Boolean> enter(String userId, String connectionId, int most, boolean evictsOldest) {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<@Nullable Void> leave(String userId, String connectionId) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Integer> signal(Signal signal) {
        return CompletableFuture.completedFuture(NONE);
    }
}

package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Position;
import org.jspecify.annotations.Nullable;

/** What became of a message that was said on this instance alone: a position, or a refusal. */
record Said(
        Waiting waiting,
        @Nullable Position position,
        @Nullable BridgeException refusal) {

    void tell() {
        if (refusal == null) {
            waiting.outcome().complete(position);
        } else {
            waiting.outcome().completeExceptionally(refusal);
        }
    }
}

package dev.roomcast.redis;

import dev.roomcast.bridge.BridgeException;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A message on its way into the order. */
final class Waiting {

    static final int DIGEST_BYTES = 16;

    private final Message message;
    private final byte[] encoded;
    private final int contentSize;
    private final long since;
    private final CompletableFuture<@Nullable Position> outcome = new CompletableFuture<>();

    Waiting(Message message, long since) {
        this.message = message;
        byte[] content = MessageCodec.content(message);
        this.encoded = MessageCodec.encode(message, content, 0);
        this.contentSize = content.length;
        this.since = since;
    }

    Message message() {
        return message;
    }

    /** Its bytes; not to be changed. */
    byte[] encoded() {
        return encoded;
    }

    /** Bytes of its content. */
    int contentSize() {
        return contentSize;
    }

    /** When it began to wait, in ns. */
    long since() {
        return since;
    }

    /** Where it stands in the end, or why not. */
    CompletableFuture<@Nullable Position> outcome() {
        return outcome;
    }

    void refuse(String why) {
        outcome.completeExceptionally(
                new BridgeException(BridgeException.Reason.UNAVAILABLE, why, Duration.ofSeconds(1)));
    }

    /** Two messages under one id are the same when this is: half a SHA-256 of type and content. */
    byte[] digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(message.type().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(message.content().json().getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(sha.digest(), DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

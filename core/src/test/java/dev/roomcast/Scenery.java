package dev.roomcast;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What a {@link Transcript} says of the server it speaks with: the lines that begin with an exclamation mark. */
final class Scenery {

    private final ManualTime time;
    private final RoomsBuilder builder;
    private @Nullable AwayBridge bridge;

    Scenery(ManualTime time) {
        this.time = time;
        this.builder = Rooms.builder().time(time).limit(Limit.SHUTDOWN_DEADLINE, 1_000);
    }

    Rooms build() {
        return builder.build();
    }

    /** What a server that shares its rooms loses and finds. */
    AwayBridge bridge() {
        return Objects.requireNonNull(bridge, "a server has others only if it shares its rooms with them");
    }

    void set(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "limit" -> builder.limit(Limit.valueOf(words[1]), Long.parseLong(words[2]));
            case "quiet" -> builder.limit(Limit.PRESENCE_MEMBERS, 0).limit(Limit.PRESENCE_SAMPLE, 0);
            case "history" ->
                builder.history(new HistoryLimits(Integer.parseInt(words[1]), Duration.ofMinutes(5), 1 << 20));
            case "rate" -> builder.rate(Rate.parse(words[1]));
            case "overflow" -> builder.overflow(Overflow.valueOf(words[1]));
            case "tokens" -> builder.authenticator(Authenticator.token(this::owner));
            case "closed" -> builder.access(new Closed(words[1], words[2]));
            case "handler" ->
                builder.handler((sender, room, message, relay) -> {
                    throw new IllegalStateException("as the page says");
                });
            case "shared" -> {
                bridge = new AwayBridge();
                builder.bridge(bridge);
            }
            case "busy" ->
                builder.executor(task -> {
                    throw new RejectedExecutionException("as the page says");
                });
            default -> throw new IllegalArgumentException("a server is not set up like that");
        }
    }

    /** Of {@code pass-ann-60} ann, for so many seconds; {@code slow} is never judged, and for {@code broken} that fails. */
    private CompletionStage<@Nullable Identity> owner(String token) {
        if (token.equals("slow")) {
            return new CompletableFuture<>();
        }
        if (token.equals("broken")) {
            return CompletableFuture.failedFuture(new IllegalStateException("as the page says"));
        }
        String[] parts = token.split("-", -1);
        return CompletableFuture.completedFuture(
                parts.length != 3 || !parts[0].equals("pass")
                        ? null
                        : Identity.of(parts[1])
                                .until(Instant.ofEpochMilli(time.millis()).plusSeconds(Long.parseLong(parts[2]))));
    }

    /** A room that nobody may enter, and a type that nobody may say. */
    private record Closed(String room, String type) implements Access {

        @Override
        public CompletionStage<Boolean> mayJoin(Identity who, String asked) {
            return CompletableFuture.completedFuture(!asked.equals(room));
        }

        @Override
        public CompletionStage<Boolean> mayPublish(Identity who, String there, String asked) {
            return CompletableFuture.completedFuture(!asked.equals(type));
        }
    }
}

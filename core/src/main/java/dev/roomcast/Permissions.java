package dev.roomcast;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Asks the host's {@link Access}, and takes back what was granted. A failed question is a no. Answers about publishing are
 * kept with the connection; answers about joining are kept as the membership itself.
 *
 * <p>A join that was allowed just before a recheck must not slip in behind it: each recheck raises the connection's
 * generation, and a join that finds another generation than the one it asked under is asked again.
 */
final class Permissions {

    private static final CompletionStage<Boolean> YES = CompletableFuture.completedFuture(true);

    private final Hub hub;
    private final @Nullable Access access;

    Permissions(Hub hub) {
        this.hub = hub;
        this.access = hub.settings.access;
    }

    CompletionStage<Boolean> mayJoin(LiveConnection connection, String room) {
        return ask(connection, (asked, who) -> asked.mayJoin(who, room));
    }

    CompletionStage<Boolean> mayPublish(LiveConnection connection, String room, String type) {
        if (access == null) {
            return YES;
        }
        String key = room + '\n' + type;
        Boolean known = connection.seldom().grants().get(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        int generation = connection.grantGeneration();
        return ask(connection, (asked, who) -> asked.mayPublish(who, room, type))
                .thenApply(granted -> {
                    connection.seldom().grants().put(key, granted, generation);
                    return granted;
                });
    }

    /** The same as {@link #recheck}, for a thread that must not ask the host's code: the one that delivers, for one. */
    CompletionStage<@Nullable Void> recheckElsewhere(LiveConnection connection) {
        return CompletableFuture.completedFuture(connection)
                .thenComposeAsync(this::recheck, hub.workers::executeSurely);
    }

    /** Asks again about every room of a connection, and takes it out where the answer is no. */
    CompletionStage<@Nullable Void> recheck(LiveConnection connection) {
        connection.seldom().grants().forget();
        if (access == null) {
            return CompletableFuture.completedFuture(null);
        }
        List<CompletableFuture<?>> answers = connection.rooms().stream()
                .map(room -> mayJoin(connection, room)
                        .thenCompose(granted -> granted ? YES : hub.joining.leave(connection, room, Cause.REMOVED))
                        .toCompletableFuture())
                .<CompletableFuture<?>>map(answer -> answer)
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    }

    private CompletionStage<Boolean> ask(
            LiveConnection connection, BiFunction<Access, Identity, CompletionStage<Boolean>> question) {
        Identity who = connection.identity().orElse(null);
        if (access == null) {
            return YES;
        }
        if (who == null) {
            return CompletableFuture.completedFuture(false);
        }
        CompletionStage<Boolean> asked =
                hub.hostThreads.ask("the access check", hub.hostThreads.access, () -> question.apply(access, who));
        return asked.handle((granted, failure) -> {
            if (failure != null) {
                hub.settings.faults.hostFault(
                        System.Logger.Level.ERROR, "The access check failed", connection, failure);
            }
            return failure == null && Boolean.TRUE.equals(granted);
        });
    }
}

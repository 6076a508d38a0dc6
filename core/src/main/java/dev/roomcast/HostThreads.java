package dev.roomcast;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where code of the host runs that may block, if it cannot run on the thread that brought a message. Each kind has threads of
 * its own, as many as cores, started when needed: a listener that blocks holds up no handler, and none of them holds up the
 * hub, whose own steps run on its {@link Workers}.
 */
final class HostThreads implements AutoCloseable {

    /** What tasks of the host get to end when the hub is closed; for all kinds together. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    final Workers authenticator;
    final Workers access;
    final Workers handler;
    final Workers listener;

    /** Complete the stages that a host has been given, and so run what it has chained to them. */
    final Workers stages;

    private final AnswerDeadline deadline;

    HostThreads(String name, int cores, AnswerDeadline deadline) {
        this.deadline = deadline;
        authenticator = new Workers(name + "-authenticator", cores);
        access = new Workers(name + "-access", cores);
        handler = new Workers(name + "-handler", cores);
        listener = new Workers(name + "-listener", cores);
        stages = new Workers(name + "-stages", cores);
    }

    /** Asks code of the host: on this thread if it is not one of a hub, else on one of {@code kind}. */
    <T extends @Nullable Object> CompletableFuture<T> ask(
            String who, Workers kind, Supplier<? extends @Nullable CompletionStage<T>> question) {
        if (mayRun(kind)) {
            return deadline.of(who, ForeignStage.of(who, question));
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        kind.executeSurely(() -> pass(ForeignStage.of(who, question), answer));
        return deadline.of(who, answer);
    }

    /** Whether code of a kind may run on this thread: one of the host or of the container, or one that is there for it. */
    boolean mayRun(Workers kind) {
        return !Workers.isWorker() || kind.isMine();
    }

    /** A stage for the host. Unless it is complete already, it is completed by a thread on which the host may block. */
    <T extends @Nullable Object> CompletionStage<T> told(CompletionStage<T> stage) {
        if (stage.toCompletableFuture().isDone()) {
            return stage;
        }
        CompletableFuture<T> told = new CompletableFuture<>();
        stage.whenComplete((result, failure) -> stages.executeSurely(() -> pass(stage, told)));
        return told;
    }

    /** Ends one stage as another ends. */
    private static <T extends @Nullable Object> void pass(CompletionStage<T> from, CompletableFuture<T> to) {
        from.whenComplete((result, failure) -> {
            if (failure == null) {
                to.complete(result);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    @Override
    public void close() {
        List<Workers> all = List.of(authenticator, access, handler, listener, stages);
        all.forEach(Workers::shutdown);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        all.forEach(each -> each.awaitEnd(Math.max(0, deadline - System.nanoTime())));
    }
}

package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Roster;
import dev.roomcast.message.Position;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The local bridge on a stage: a test holds what a method is asked or what it answers, lets a method fail that was carried
 * out, and counts the questions. Methods go by their names: {@code top}, {@code history}, {@code join}, {@code leave},
 * {@code read}; those of the directory have that word before them. Safe for use by any thread.
 */
public final class StagedBridge implements Bridge {

    private final Bridge bridge = Bridge.local();
    private @Nullable Context context;

    // Guarded by this; nothing is called while it is held.
    private final Map<String, Integer> asked = new HashMap<>();
    private final Set<String> heldCalls = new HashSet<>();
    private final Set<String> heldAnswers = new HashSet<>();
    private final Map<String, RuntimeException> failing = new HashMap<>();
    private final Map<String, Deque<Runnable>> waiting = new HashMap<>();
    private final Map<String, Runnable> before = new HashMap<>();
    private @Nullable Position newEpoch;

    /** What a method is asked from now on is carried out when it is let go. */
    public synchronized void holdsCalls(String method) {
        heldCalls.add(method);
    }

    /** What a method is asked from now on is carried out at once and answered when it is let go. */
    public synchronized void holdsAnswers(String method) {
        heldAnswers.add(method);
    }

    /** A method does what it is asked from now on, and says that it could not. */
    public synchronized void failsAfterwards(String method) {
        failsAfterwards(method, new IllegalStateException("on purpose"));
    }

    /** The same, and what it says. */
    public synchronized void failsAfterwards(String method, RuntimeException failure) {
        failing.put(method, failure);
    }

    /** All is as usual with a method again; what was held goes on, in order. */
    public void letsGo(String method) {
        List<Runnable> held;
        synchronized (this) {
            heldCalls.remove(method);
            heldAnswers.remove(method);
            failing.remove(method);
            held = new ArrayList<>(waiting.getOrDefault(method, new ArrayDeque<>()));
            waiting.remove(method);
        }
        held.forEach(Runnable::run);
    }

    /** Lets the oldest go that is held. */
    public void letsGoOne(String method) {
        Runnable held;
        synchronized (this) {
            held = Objects.requireNonNull(waiting.get(method)).remove();
        }
        held.run();
    }

    /** Does something, once, right before a method is carried out. */
    public synchronized void before(String method, Runnable task) {
        before.put(method, task);
    }

    /** Messages of a room are lost, and its history begins anew. The hub is told so. */
    public void loses(String room, Position after, Position upTo) {
        synchronized (this) {
            newEpoch = upTo;
        }
        delivery().lost(room, after, upTo);
        delivery().release(room);
    }

    /** How often a method was asked. */
    public synchronized int asked(String method) {
        return asked.getOrDefault(method, 0);
    }

    /** How much of a method is held. */
    public synchronized int held(String method) {
        return waiting.getOrDefault(method, new ArrayDeque<>()).size();
    }

    /** The hub's end, to bring it what another instance would. */
    public Delivery delivery() {
        return Objects.requireNonNull(context, "not started").delivery();
    }

    @Override
    public void start(Context given) {
        context = given;
        bridge.start(given);
    }

    @Override
    public Broadcaster broadcaster() {
        return around("", Broadcaster.class, bridge.broadcaster());
    }

    @Override
    public Roster roster() {
        return around("", Roster.class, bridge.roster());
    }

    @Override
    public Directory directory() {
        return around("directory ", Directory.class, bridge.directory());
    }

    @Override
    public void close() {
        bridge.close();
    }

    private <T> T around(String part, Class<T> type, T whole) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (!CompletionStage.class.isAssignableFrom(method.getReturnType())) {
                Object result = call(whole, method, arguments);
                return result instanceof Broadcaster.Subscription subscription
                        ? around(part, Broadcaster.Subscription.class, subscription)
                        : result;
            }
            return staged(part + method.getName(), whole, method, arguments);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private CompletionStage<?> staged(String name, Object whole, Method method, Object @Nullable [] arguments)
            throws Throwable {
        CompletableFuture<Object> later = new CompletableFuture<>();
        Runnable task;
        RuntimeException failure;
        synchronized (this) {
            asked.merge(name, 1, Integer::sum);
            task = before.remove(name);
            failure = failing.get(name);
            if (heldCalls.contains(name)) {
                waiting.computeIfAbsent(name, key -> new ArrayDeque<>()).add(() -> {
                    try {
                        pass(stage(whole, method, arguments), later);
                    } catch (Throwable e) {
                        later.completeExceptionally(e);
                    }
                });
                return later;
            }
        }
        if (task != null) {
            task.run();
        }
        CompletionStage<?> answer = stage(whole, method, arguments);
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        synchronized (this) {
            if (heldAnswers.contains(name)) {
                waiting.computeIfAbsent(name, key -> new ArrayDeque<>()).add(() -> pass(answer, later));
                return later;
            }
        }
        return answer;
    }

    private static void pass(CompletionStage<?> from, CompletableFuture<Object> to) {
        from.whenComplete((value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    private CompletionStage<?> stage(Object whole, Method method, Object @Nullable [] arguments) throws Throwable {
        Position begins;
        synchronized (this) {
            begins = newEpoch;
        }
        if (begins != null && method.getName().equals("history")) {
            return CompletableFuture.completedFuture(new HistorySlice(List.of(), begins, false));
        }
        return (CompletionStage<?>) Objects.requireNonNull(call(whole, method, arguments));
    }

    private static @Nullable Object call(Object whole, Method method, Object @Nullable [] arguments) throws Throwable {
        method.setAccessible(true);
        try {
            return method.invoke(whole, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}

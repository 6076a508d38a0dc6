package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.Roster;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The local bridge, some methods of which throw, or return null, from a moment on that a test chooses. */
final class BrokenBridge implements Bridge {

    private final Bridge bridge = Bridge.local();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Throwable thrown;

    /** From now on these methods throw; with null they return null. */
    void breaks(@Nullable Throwable with, String... methods) {
        thrown = with;
        broken.addAll(Set.of(methods));
    }

    void mends() {
        broken.clear();
    }

    @Override
    public void start(Context context) {
        bridge.start(context);
        if (broken.contains("start")) {
            throw new IllegalStateException("on purpose");
        }
    }

    @Override
    public Broadcaster broadcaster() {
        return around(Broadcaster.class, bridge.broadcaster());
    }

    @Override
    public Roster roster() {
        return around(Roster.class, bridge.roster());
    }

    @Override
    public Directory directory() {
        return around(Directory.class, bridge.directory());
    }

    @Override
    public void close() {
        bridge.close();
        if (broken.contains("close")) {
            throw new IllegalStateException("on purpose");
        }
    }

    private <T> T around(Class<T> type, T whole) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (broken.contains(method.getName())) {
                if (thrown != null) {
                    throw thrown;
                }
                return null;
            }
            Object result = call(whole, method, arguments);
            return result instanceof Broadcaster.Subscription subscription
                    ? around(Broadcaster.Subscription.class, subscription)
                    : result;
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
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

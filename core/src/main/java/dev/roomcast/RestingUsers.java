package dev.roomcast;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Users whose last connection has gone, until they may send a whole burst again: who reconnects goes on with what was left and
 * gets no new burst.
 *
 * <p>Bounded by {@link Limit#RESTING_USERS}. Those whose allowance is full are dropped first, a few with each addition; beyond
 * the bound the one who has been away longest starts anew. Safe for use by any thread; guarded by {@code this}.
 */
final class RestingUsers {

    /** Entries looked at per addition: more than one, so that full ones go faster than others come. */
    private static final int LOOKS = 4;

    private final int most;
    private final Runnable forgotten;

    /** In the order in which the users left. */
    private final Map<String, Users.Entry> users = new LinkedHashMap<>();

    /** {@code forgotten} is called when a user starts anew because of the bound; must not block. */
    RestingUsers(int most, Runnable forgotten) {
        this.most = most;
        this.forgotten = forgotten;
    }

    /** Keeps a user without a connection, unless its allowance is full. */
    void put(String userId, Users.Entry user, long now) {
        synchronized (this) {
            dropFull(now);
            if (user.isRested(now)) {
                return;
            }
            users.put(userId, user);
            if (users.size() <= most) {
                return;
            }
            Iterator<String> eldest = users.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
        forgotten.run();
    }

    /** Takes a user who is back; null if nothing is known of one. */
    synchronized Users.@Nullable Entry take(String userId) {
        return users.remove(userId);
    }

    synchronized Users.@Nullable Entry get(String userId) {
        return users.get(userId);
    }

    synchronized int size() {
        return users.size();
    }

    private void dropFull(long now) {
        Iterator<Users.Entry> eldest = users.values().iterator();
        for (int i = 0; i < LOOKS && eldest.hasNext(); i++) {
            if (eldest.next().isRested(now)) {
                eldest.remove();
            }
        }
    }
}

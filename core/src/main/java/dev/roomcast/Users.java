package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The users with connections on this instance, what they share among their connections, and how many they may have. */
final class Users {

    /** One user, from the first connection to the last. */
    static final class User {

        /** In the order in which they came; mostly one. Guarded by the map's entry. */
        private Set<LiveConnection> connections = Set.of();

        /** From the first message on: most say nothing. Guarded by this. */
        private Rate.@Nullable Bucket messages;

        /** Takes a token of the user's; zero, or how long until there is one. */
        Duration take(Rate rate, long now) {
            synchronized (this) {
                messages = messages == null ? rate.bucket(now) : messages;
                return messages.take(now);
            }
        }

        private void add(LiveConnection connection) {
            if (connections.isEmpty()) {
                connections = Set.of(connection);
                return;
            }
            if (!(connections instanceof LinkedHashSet)) {
                connections = new LinkedHashSet<>(connections);
            }
            connections.add(connection);
        }

        private void remove(LiveConnection connection) {
            if (connections.size() > 1) {
                connections.remove(connection);
            } else if (connections.contains(connection)) {
                connections = Set.of();
            }
        }
    }

    private final ConcurrentMap<String, User> users = new ConcurrentHashMap<>();
    private final Hub hub;

    Users(Hub hub) {
        this.hub = hub;
    }

    /**
     * Adds a connection to its user. Null if the user has too many and the newest loses; otherwise the oldest one too many is
     * closed.
     */
    @Nullable
    User enter(LiveConnection connection, String userId) {
        LiveConnection[] surplus = new LiveConnection[1];
        User entered = users.compute(userId, (id, known) -> {
            User user = known == null ? new User() : known;
            if (user.connections.size() >= hub.settings.limit(Limit.CONNECTIONS_PER_USER)) {
                surplus[0] =
                        hub.settings.evictOldest ? user.connections.iterator().next() : connection;
                user.remove(surplus[0]);
            }
            if (surplus[0] != connection) {
                user.add(connection);
            }
            return user;
        });
        if (surplus[0] != null) {
            hub.hit(Limit.CONNECTIONS_PER_USER, surplus[0]);
            surplus[0].close(CloseCode.CONNECTION_LIMIT, "too many connections of one user");
        }
        return surplus[0] == connection ? null : entered;
    }

    void leave(LiveConnection connection, String userId) {
        users.computeIfPresent(userId, (id, user) -> {
            user.remove(connection);
            return user.connections.isEmpty() ? null : user;
        });
    }

    List<LiveConnection> connections(String userId) {
        List<LiveConnection> copy = new java.util.ArrayList<>();
        users.computeIfPresent(userId, (id, user) -> {
            copy.addAll(user.connections);
            return user;
        });
        return copy;
    }
}

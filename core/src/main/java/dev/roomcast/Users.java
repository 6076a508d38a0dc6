package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The users with connections on this instance, what they share among their connections, and how many they may have. */
final class Users {

    /** One user, from the first connection to the last, and then until its allowance is full, see {@link RestingUsers}. */
    static final class Entry {

        // Both guarded by the map's entry. The oldest, and the others in the order in which they came: mostly one.
        private @Nullable LiveConnection oldest;
        private Set<LiveConnection> others = Set.of();

        /** From the first message on: most say nothing. Guarded by this. */
        private @Nullable Allowance allowance;

        /**
         * What was left to a connection that has ended, for the next one; of several, the one with the least. The connections
         * of a user are bounded together by the allowance, so one is enough. Guarded by the map's entry; by the
         * {@link RestingUsers} while there is none.
         */
        private Rate.@Nullable Bucket left;

        private void leave(Rate.@Nullable Bucket ended, long now) {
            if (ended != null && (left == null || ended.untilFull(now).compareTo(left.untilFull(now)) > 0)) {
                left = ended;
            }
        }

        /** Whether nothing is gained by forgetting the user. */
        boolean isRested(long now) {
            Allowance known;
            synchronized (this) {
                known = allowance;
            }
            return (known == null || known.isFull(now))
                    && (left == null || left.untilFull(now).isZero());
        }

        Allowance allowance(Rate rate, long now) {
            synchronized (this) {
                allowance = allowance == null ? new Allowance(rate, now) : allowance;
                return allowance;
            }
        }

        private void add(LiveConnection connection) {
            if (oldest == null) {
                oldest = connection;
            } else {
                others = others.isEmpty() ? new LinkedHashSet<>(4) : others;
                others.add(connection);
            }
        }

        private void remove(LiveConnection connection) {
            if (connection != oldest) {
                if (!others.isEmpty()) {
                    others.remove(connection);
                }
                return;
            }
            Iterator<LiveConnection> next = others.iterator();
            oldest = next.hasNext() ? next.next() : null;
            if (oldest != null) {
                next.remove();
            }
        }

        private int count() {
            return others.size() + (oldest == null ? 0 : 1);
        }
    }

    private final ConcurrentMap<String, Entry> users = new ConcurrentHashMap<>();
    private final RestingUsers resting;
    private final Hub hub;

    Users(Hub hub) {
        this.hub = hub;
        this.resting =
                new RestingUsers(hub.settings.count(Limit.RESTING_USERS), () -> hub.hit(Limit.RESTING_USERS, null));
    }

    /**
     * Adds a connection to its user. Null if the user has too many and the newest loses; otherwise the oldest one too many is
     * closed.
     */
    @Nullable
    Entry enter(LiveConnection connection, String userId) {
        LiveConnection[] surplus = new LiveConnection[1];
        Entry entered = users.compute(userId, (id, known) -> {
            Entry user = known == null ? resting.take(id) : known;
            user = user == null ? new Entry() : user;
            if (user.count() >= hub.settings.limit(Limit.CONNECTIONS_PER_USER)) {
                surplus[0] = hub.settings.evictOldest ? user.oldest : connection;
                user.remove(surplus[0]);
            }
            if (surplus[0] != connection) {
                user.add(connection);
                if (user.left != null) {
                    connection.guards.goOnWith(user.left);
                    user.left = null;
                }
            }
            return user;
        });
        if (surplus[0] == null) {
            return entered;
        }
        evict(surplus[0]);
        return surplus[0] == connection ? null : entered;
    }

    /**
     * Makes the connection known to other instances, which may not want it: false if the user has too many there and the
     * newest loses. Where they cannot be asked this instance goes by its own count.
     */
    CompletionStage<Boolean> announce(LiveConnection connection, String userId) {
        return hub.bridge
                .directory()
                .enter(
                        userId,
                        connection.id(),
                        hub.settings.count(Limit.CONNECTIONS_PER_USER),
                        hub.settings.evictOldest)
                .exceptionally(away -> true);
    }

    /** The other instances do not want it. */
    void refused(LiveConnection connection, String userId) {
        remove(connection, userId);
        evict(connection);
    }

    /** Closes a connection for the sake of others. */
    void evict(LiveConnection connection) {
        hub.hit(Limit.CONNECTIONS_PER_USER, connection);
        connection.close(CloseCode.CONNECTION_LIMIT, "too many connections of one user");
    }

    /**
     * Takes a connection out that has ended. Without a user it was not announced, or is about to be: whoever waits for the
     * answer finds it ended and comes here then. May be called again.
     */
    void leave(LiveConnection connection, String userId) {
        if (!userId.isEmpty()) {
            remove(connection, userId);
            hub.bridge.directory().leave(userId, connection.id());
        }
    }

    private void remove(LiveConnection connection, String userId) {
        users.computeIfPresent(userId, (id, user) -> {
            user.remove(connection);
            long now = hub.time.nanos();
            user.leave(connection.guards.end(), now);
            if (user.count() > 0) {
                return user;
            }
            resting.put(id, user, now);
            return null;
        });
    }

    /** Takes a token of the user's; zero, or how long until there is one. Tells other instances what they must know of it. */
    Duration take(Entry user, String userId, long now) {
        Allowance allowance = user.allowance(hub.settings.userRate, now);
        Duration wait = allowance.take(now);
        int due = allowance.due();
        if (due > 0) {
            hub.signals.spent(userId, due);
        }
        return wait;
    }

    /** The user has sent messages on another instance. */
    void spent(String userId, int messages) {
        Entry user = users.get(userId);
        user = user == null ? resting.get(userId) : user;
        if (user != null) {
            long now = hub.time.nanos();
            user.allowance(hub.settings.userRate, now).pay(messages, now);
        }
    }

    List<LiveConnection> connections(String userId) {
        List<LiveConnection> copy = new ArrayList<>();
        users.computeIfPresent(userId, (id, user) -> {
            if (user.oldest != null) {
                copy.add(user.oldest);
            }
            copy.addAll(user.others);
            return user;
        });
        return copy;
    }
}

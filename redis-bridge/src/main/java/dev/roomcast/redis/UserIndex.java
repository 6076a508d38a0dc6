package dev.roomcast.redis;

import dev.roomcast.redis.OwnUsers.Own;
import io.lettuce.core.RedisException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Of each user the connections, with the names of their instances, in Redis; and for each instance the list of its users, by
 * which {@link Leases} finds what a dead one has left.
 *
 * <p>This instance remembers its own users, and puts them into the index again whenever it begins to listen, whenever a call
 * has failed, and once in twenty minutes; entries live for an hour. So what Redis forgot comes back, and what is too much
 * goes. What another instance has there is its own affair, until it is dead.
 *
 * <p>Lock: what is read of {@link OwnUsers} is sent to Redis before anyone can change it. Sending does not block.
 */
final class UserIndex {

    private static final Duration ROUND = Duration.ofMinutes(20);

    private final Keys keys;
    private final Inbox inbox;
    private final int callsPerRound;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final OwnUsers own = new OwnUsers();
    private @Nullable Session session;
    private String instance;

    UserIndex(Keys keys, Inbox inbox, Timing timing, String instance) {
        this.keys = keys;
        this.inbox = inbox;
        this.callsPerRound = (int)
                Math.max(1, ROUND.toMillis() / Math.max(1, timing.leaseBeat().toMillis()));
        this.instance = instance;
        inbox.onListening(this::putAll);
    }

    // What the directory calls.

    /** Notes a connection of this instance, before Redis is asked about it. */
    void add(String userId, String connectionId, long now) {
        lock.lock();
        try {
            if (own.add(userId, connectionId, now)) {
                list(userId);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Redis has said whether a connection may be; or it could not be asked, and the connection is put there later. */
    void asked(String userId, String connectionId, boolean isIn, boolean isSure) {
        lock.lock();
        try {
            if (isIn) {
                own.settle(userId, connectionId);
            } else {
                own.remove(userId, connectionId);
                unlistIfGone(userId);
            }
            if (!isSure) {
                own.doubt(userId);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a connection of this instance out; null if it is not known. */
    @Nullable
    CompletionStage<?> remove(String userId, String connectionId) {
        CompletionStage<?> left;
        lock.lock();
        try {
            if (!own.remove(userId, connectionId)) {
                return null;
            }
            left = call(userId, "leave", new Words().text(connectionId));
            unlistIfGone(userId);
        } finally {
            lock.unlock();
        }
        return left.whenComplete((answer, failure) -> doubtIf(failure, userId));
    }

    /** Asks the script about a user. */
    CompletionStage<List<Object>> call(String userId, String what, Words task) {
        lock.lock();
        try {
            return session == null
                    ? CompletableFuture.failedStage(new RedisException("Redis is away"))
                    : call(session, userId, what, instance, task);
        } finally {
            lock.unlock();
        }
    }

    String instance() {
        lock.lock();
        try {
            return instance;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Session session() {
        lock.lock();
        try {
            return session;
        } finally {
            lock.unlock();
        }
    }

    // What the engine and the leases call.

    void up(Session fresh) {
        lock.lock();
        try {
            session = fresh;
        } finally {
            lock.unlock();
        }
        if (inbox.isListening()) {
            putAll();
        }
    }

    void down() {
        lock.lock();
        try {
            session = null;
        } finally {
            lock.unlock();
        }
    }

    /** The instance has another name; it is in the index under that one as soon as it listens to it. */
    void use(String fresh) {
        lock.lock();
        try {
            instance = fresh;
        } finally {
            lock.unlock();
        }
        inbox.use(fresh);
    }

    /**
     * The instance lives. Redis knows so many users of it, which are far too few if it has forgotten them. Who cannot be
     * reached is not put there: all are when it listens again.
     */
    void beat(long known) {
        lock.lock();
        try {
            if (own.size() > 0 && !inbox.isListening()) {
                return;
            }
            List<String> due = known < own.size() / 2.0 ? own.all() : own.takeTurn(callsPerRound);
            due.forEach(this::put);
            own.takeDoubtful().forEach(this::put);
        } finally {
            lock.unlock();
        }
    }

    /** Users of this instance. */
    List<String> users() {
        lock.lock();
        try {
            return own.all();
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return own.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what an instance that is no more has left with some users. */
    CompletionStage<Void> reap(String dead, List<String> users, Session on) {
        return CompletableFuture.allOf(users.stream()
                .map(user -> call(on, user, "put", dead, new Words()).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    private void putAll() {
        lock.lock();
        try {
            own.all().forEach(this::put);
            own.takeDoubtful().forEach(this::put);
        } finally {
            lock.unlock();
        }
    }

    /** Brings Redis in line with what is true of a user. With the lock held. */
    private void put(String userId) {
        Words task = new Words();
        for (Own one : own.of(userId)) {
            task.text(one.connection()).text(one.pending() ? "" : Long.toString(one.since()));
        }
        if (own.has(userId)) {
            list(userId);
        }
        call(userId, "put", task).whenComplete((answer, failure) -> doubtIf(failure, userId));
        unlistIfGone(userId);
    }

    /** With the lock held. Before the user is in the index, so that nothing is left there that nobody finds. */
    private void list(String userId) {
        if (session != null) {
            session.add(keys.usersOf(instance), userId.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** With the lock held. */
    private void unlistIfGone(String userId) {
        if (session != null && !own.has(userId)) {
            session.remove(keys.usersOf(instance), userId.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void doubtIf(@Nullable Throwable failure, String userId) {
        if (failure != null) {
            lock.lock();
            try {
                own.doubt(userId);
            } finally {
                lock.unlock();
            }
        }
    }

    private CompletionStage<List<Object>> call(Session on, String userId, String what, String who, Words task) {
        Words arguments = new Words().text(what).text(who).bytes(keys.inbox(""));
        for (byte[] word : task.toArray()) {
            arguments.bytes(word);
        }
        return on.call(Script.DIRECTORY, new Words().bytes(keys.places(userId)).toArray(), arguments.toArray());
    }
}

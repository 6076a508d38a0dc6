package dev.roomcast.bridge;

import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.message.Content;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is in one room. Every change raises {@code rev} and is appended to the delivery under the same lock, so delivery sees
 * the changes in the order of their {@code rev}.
 *
 * <p>A user without connections is here only while a grace runs; a join within it cancels the grace and nobody is told
 * anything.
 */
final class RoomRoster {

    /** One user in the room. */
    private static final class Entry {
        /** The first, and the others if there are any: mostly one. */
        private @Nullable String one;

        private Set<String> others = Set.of();

        private final Metadata meta = new Metadata();
        private Time.@Nullable Timer grace;

        /** Counts the graces: a timer that could not be taken back in time must not end a later one. */
        private int graces;

        private void add(String connectionId) {
            if (connectionId.equals(one) || others.contains(connectionId)) {
                return;
            }
            if (one == null) {
                one = connectionId;
            } else {
                others = others.isEmpty() ? new HashSet<>(4) : others;
                others.add(connectionId);
            }
        }

        /** False if it was not there. */
        private boolean remove(String connectionId) {
            if (connectionId.equals(one)) {
                one = null;
                return true;
            }
            boolean was = !others.isEmpty() && others.remove(connectionId);
            others = others.isEmpty() ? Set.of() : others;
            return was;
        }

        private int connections() {
            return others.size() + (one == null ? 0 : 1);
        }

        private Member member(String userId) {
            return new Member(userId, connections(), meta.now());
        }

        private void cancelGrace() {
            if (grace != null) {
                grace.cancel();
                grace = null;
            }
        }
    }

    private final String room;
    private final Delivery delivery;
    private final Time time;
    private final Consumer<RoomRoster> onRetired;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private long rev;
    private boolean retired;

    RoomRoster(String room, Delivery delivery, Time time, long rev, Consumer<RoomRoster> onRetired) {
        this.room = room;
        this.delivery = delivery;
        this.time = time;
        this.rev = rev;
        this.onRetired = onRetired;
    }

    /** Adds a connection and tells the rev; null if this roster has retired and the caller must take the next one. */
    @Nullable
    Long join(String userId, String connectionId, @Nullable Content meta) {
        lock.lock();
        try {
            if (retired) {
                return null;
            }
            Entry entry = entries.get(userId);
            boolean isNew = entry == null;
            if (entry == null) {
                entry = new Entry();
                entries.put(userId, entry);
            }
            entry.cancelGrace();
            if (entry.connections() == 0) {
                entry.meta.back(connectionId);
            }
            entry.add(connectionId);
            Content before = entry.meta.now();
            if (meta != null) {
                entry.meta.said(connectionId, meta);
            }
            if (isNew) {
                tell(Kind.JOINED, entry.member(userId), Cause.NONE);
            } else if (!Objects.equals(before, entry.meta.now())) {
                tell(Kind.UPDATED, entry.member(userId), Cause.NONE);
            }
            return rev;
        } finally {
            lock.unlock();
        }
    }

    void leave(String userId, String connectionId, Cause cause, Duration grace) {
        lock.lock();
        try {
            Entry entry = entries.get(userId);
            if (entry == null || !entry.remove(connectionId)) {
                return;
            }
            if (entry.connections() > 0) {
                Content before = entry.meta.now();
                entry.meta.gone(connectionId);
                if (!Objects.equals(before, entry.meta.now())) {
                    tell(Kind.UPDATED, entry.member(userId), Cause.NONE);
                }
            } else if (grace.isZero()) {
                remove(userId, entry, cause);
            } else {
                int mine = ++entry.graces;
                entry.grace = time.after(grace, () -> endGrace(userId, entry, mine, cause));
            }
        } finally {
            lock.unlock();
        }
    }

    boolean update(String userId, @Nullable Content meta) {
        lock.lock();
        try {
            Entry entry = entries.get(userId);
            if (entry == null) {
                return false;
            }
            Content before = entry.meta.now();
            entry.meta.set(meta);
            if (!Objects.equals(before, meta)) {
                tell(Kind.UPDATED, entry.member(userId), Cause.NONE);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The members; null if this roster has retired. */
    @Nullable
    RosterSnapshot read() {
        lock.lock();
        try {
            return retired
                    ? null
                    : new RosterSnapshot(
                            rev,
                            entries.entrySet().stream()
                                    .map(e -> e.getValue().member(e.getKey()))
                                    .toList());
        } finally {
            lock.unlock();
        }
    }

    /** Ends the roster without telling anyone. */
    void forget() {
        lock.lock();
        try {
            retired = true;
            entries.values().forEach(Entry::cancelGrace);
            entries.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The rev at which it retired; called with the lock held, by {@code onRetired}. */
    long lastRev() {
        return rev;
    }

    private void endGrace(String userId, Entry entry, int grace, Cause cause) {
        lock.lock();
        try {
            boolean stillAway = entries.get(userId) == entry && entry.connections() == 0;
            if (!stillAway || entry.graces != grace) {
                return;
            }
            remove(userId, entry, cause);
        } finally {
            lock.unlock();
        }
        delivery.releaseElsewhere(room);
    }

    private void remove(String userId, Entry entry, Cause cause) {
        entries.remove(userId);
        tell(Kind.LEFT, entry.member(userId), cause);
        if (entries.isEmpty()) {
            retired = true;
            onRetired.accept(this);
        }
    }

    private void tell(Kind kind, Member member, Cause cause) {
        delivery.append(new RosterChange(room, ++rev, kind, member, cause, time.millis()));
    }
}

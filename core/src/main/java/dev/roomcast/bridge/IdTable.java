package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids that users gave to their messages in one room, with the position each got, so that a repeat is recognised. An id
 * is remembered for five minutes, longer than a client repeats a send, and is never dropped earlier: beyond the bound new
 * ids are refused, since an id that is forgotten too soon would let a retry double a message. Not thread-safe.
 */
final class IdTable {

    static final Duration AGE = Duration.ofMinutes(5);
    static final int PER_USER = 4096;
    /** An id within a room. */
    private record Key(@Nullable String userId, String id) {}

    /** What became of the message that first used an id. */
    record Entry(Position position, long digest, long moreDigest, long nanos) {

        private boolean isOf(byte[] sha256) {
            ByteBuffer bytes = ByteBuffer.wrap(sha256);
            return bytes.getLong() == digest && bytes.getLong() == moreDigest;
        }
    }

    private static final Duration SOON = Duration.ofSeconds(1);

    private final LocalMemory memory;
    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /** The same entries by user, the oldest first. */
    private final Map<@Nullable String, Deque<Entry>> byUser = new HashMap<>();

    private long newest;

    /** {@code memory} bounds the ids of all rooms. */
    IdTable(LocalMemory memory) {
        this.memory = memory;
    }

    /**
     * The entry of an earlier message with the same id; null if the id is free. Then it is taken, and to be
     * {@linkplain #remember remembered}.
     *
     * @throws BridgeException if the id belongs to another content, or the user has no ids left
     */
    @Nullable
    Entry claim(Message message, long now) {
        Entry known = known(message, now);
        if (known != null) {
            return known;
        }
        Deque<Entry> used = byUser.get(message.userId());
        if (used != null && used.size() >= PER_USER) {
            Duration untilOldest = AGE.minusNanos(now - used.element().nanos);
            throw new BridgeException(
                    BridgeException.Reason.TOO_MANY_IDS, "too many ids of one user in one room", untilOldest);
        }
        if (!memory.takeId(message.userId())) {
            throw new BridgeException(
                    BridgeException.Reason.TOO_MANY_IDS, "too many ids of one user, or of all, in all rooms", SOON);
        }
        return null;
    }

    /**
     * The entry of an earlier message with the same id; null if there is none.
     *
     * @throws BridgeException if the id belongs to another content
     */
    @Nullable
    Entry known(Message message, long now) {
        forgetOld(now);
        Entry known = entries.get(key(message));
        if (known != null && !known.isOf(digest(message))) {
            throw new BridgeException(
                    BridgeException.Reason.ID_CONFLICT, "the id was used with other content", Duration.ZERO);
        }
        return known;
    }

    void remember(Message message, Position position, long now) {
        ByteBuffer digest = ByteBuffer.wrap(digest(message));
        Entry entry = new Entry(position, digest.getLong(), digest.getLong(), now);
        entries.put(key(message), entry);
        newest = now;
        byUser.computeIfAbsent(message.userId(), user -> new ArrayDeque<>(2)).add(entry);
    }

    /** Drops what has expired; true if nothing is left. */
    boolean forgetOld(long now) {
        Iterator<Map.Entry<Key, Entry>> oldest = entries.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<Key, Entry> entry = oldest.next();
            if (now - entry.getValue().nanos < AGE.toNanos()) {
                return false;
            }
            oldest.remove();
            memory.returnId(entry.getKey().userId);
            byUser.computeIfPresent(entry.getKey().userId, (user, used) -> {
                used.remove();
                return used.isEmpty() ? null : used;
            });
        }
        return true;
    }

    /** Nanoseconds until the newest has expired, if none comes behind it. */
    long untilExpired(long now) {
        return AGE.toNanos() - (now - newest);
    }

    /** Drops everything. */
    void clear() {
        entries.keySet().forEach(key -> memory.returnId(key.userId));
        entries.clear();
        byUser.clear();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    private static Key key(Message message) {
        return new Key(message.userId(), String.valueOf(message.id()));
    }

    /** SHA-256 of type and content. Half of it is kept, which is enough for accidents. */
    private static byte[] digest(Message message) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(message.type().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return sha.digest(message.content().json().getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

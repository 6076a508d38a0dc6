package dev.roomcast.bridge;

import dev.roomcast.message.Content;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member's metadata: what one of its connections, or the host, said last. A connection that goes takes along what it said,
 * and what was said before holds again. What the host says voids all that was said before, and stays.
 *
 * <p>Not thread-safe: it belongs to the room's roster.
 */
final class Metadata {

    /** How many connections' words are remembered. Beyond, the oldest are forgotten before their connections go. */
    static final int MOST = 16;

    /** Who said something: a connection, or null for the host. */
    private record Word(
            @Nullable String connection, @Nullable Content meta) {}

    /** The newest last. Most members have none. */
    private List<Word> words = List.of();

    @Nullable
    Content now() {
        return words.isEmpty() ? null : words.get(words.size() - 1).meta;
    }

    /** A connection says something. */
    void said(String connection, Content meta) {
        List<Word> next = new ArrayList<>(words);
        next.removeIf(word -> connection.equals(word.connection));
        next.add(new Word(connection, meta));
        words = List.copyOf(next.subList(Math.max(0, next.size() - MOST), next.size()));
    }

    /** The host says something; null takes away what there is. */
    void set(@Nullable Content meta) {
        words = meta == null ? List.of() : List.of(new Word(null, meta));
    }

    /** A connection has gone, and others are there. */
    void gone(String connection) {
        if (!words.isEmpty()) {
            words = words.stream()
                    .filter(word -> !connection.equals(word.connection))
                    .toList();
        }
    }

    /** The user is back, with this connection, and no other is there: what the lost one said is its own now. */
    void back(String connection) {
        if (!words.isEmpty()) {
            words = words.stream()
                    .map(word -> word.connection == null ? word : new Word(connection, word.meta))
                    .toList();
        }
    }
}

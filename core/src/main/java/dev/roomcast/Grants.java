package dev.roomcast;

import dev.roomcast.guard.Access;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Remembered answers of {@link Access} for one connection: bounded, the longest unused go first. Thread-safe. */
final class Grants {

    // Guarded by this.
    private @Nullable Map<String, Boolean> answers;
    private int generation;

    synchronized @Nullable Boolean get(String key) {
        return answers == null ? null : answers.get(key);
    }

    /** Remembers an answer, unless it was asked for before the last {@link #forget}. */
    synchronized void put(String key, boolean granted, int asked) {
        if (asked != generation) {
            return;
        }
        if (answers == null) {
            answers = new LinkedHashMap<>(4, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > Access.REMEMBERED;
                }
            };
        }
        answers.put(key, granted);
    }

    synchronized void forget() {
        answers = null;
        generation++;
    }

    /** How often everything was forgotten. */
    synchronized int generation() {
        return generation;
    }
}

package dev.roomcast.redis;

import java.util.HashSet;
import java.util.Set;

/** What was said already of why Redis cannot be used, so that a reason is said once and not at each try. Thread-safe. */
final class FailureLog {

    /** Reasons that come in turns are few; beyond it something in them differs each time. */
    static final int MOST_REASONS = 16;

    private final Set<String> said = new HashSet<>();

    /** Whether a reason is to be said. Numbers make no other reason: they are ports, times and positions. */
    synchronized boolean isNew(String reason) {
        return said.size() < MOST_REASONS && said.add(reason.replaceAll("[0-9]+", "#"));
    }

    /** Redis can be used: should it fail again, that is said again. */
    synchronized void clear() {
        said.clear();
    }
}

package dev.roomcast.redis;

/** What the scripts take for the time. There is one clock for all instances, Redis's own; a test may turn another. */
@FunctionalInterface
interface Clock {

    /** Redis's own clock. */
    Clock REDIS = () -> "";

    /** Milliseconds since 1970-01-01T00:00Z; empty for Redis's own clock. */
    String now();
}

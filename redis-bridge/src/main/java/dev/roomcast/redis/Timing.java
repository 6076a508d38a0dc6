package dev.roomcast.redis;

import java.time.Duration;

/**
 * How long the bridge waits for what.
 *
 * @param patience for an answer of Redis, connecting included; then the connection is cut
 * @param beat how often connections are pinged and what waits is looked at
 * @param deadline for a message, or a question, that waits for Redis; then it is refused
 * @param linger how long a room stays subscribed that nobody here is interested in
 * @param check how often a room's position and roster are compared with Redis's
 * @param leaseBeat how often an instance says that it lives
 * @param lease how long an instance counts as living that says nothing
 * @param settle how long rosters are not read after they had to be put back, so that other instances can do so too
 */
record Timing(
        Duration patience,
        Duration beat,
        Duration deadline,
        Duration linger,
        Duration check,
        Duration leaseBeat,
        Duration lease,
        Duration settle) {

    static final Timing DEFAULT = new Timing(
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2));
}

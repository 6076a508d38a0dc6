package dev.roomcast.client;

import java.time.Duration;

/**
 * What a session is told once.
 *
 * @param hasTokens whether the first message is an {@code auth}
 * @param shortestPause before another try
 * @param longestPause the same
 * @param mostSends that wait for their answer
 * @param mostSendBytes the same, in bytes
 * @param messageBytes largest message
 */
record ClientSettings(
        boolean hasTokens,
        Duration shortestPause,
        Duration longestPause,
        int mostSends,
        long mostSendBytes,
        int messageBytes) {

    static final ClientSettings DEFAULT =
            new ClientSettings(false, Duration.ofMillis(500), Duration.ofSeconds(20), 1000, 4 << 20, 64 << 10);
}

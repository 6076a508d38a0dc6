package dev.roomcast.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The token that the server was shown last, and what it said to it. Guarded by the session's lock. */
final class ShownTokens {

    /** In a row, the same token offered again counted, too. Before the fourth at least two seconds have passed. */
    private static final int MOST_REFUSALS = 3;

    /** Before a token is asked for again that was refused more than once: a cache is renewed in about this time. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private @Nullable String latest;
    private @Nullable String refused;
    private int refusals;

    void show(String token) {
        latest = token;
    }

    boolean isShown(String token) {
        return token.equals(latest);
    }

    boolean isRefused(String token) {
        return token.equals(refused);
    }

    void accepted() {
        refusals = 0;
        refused = null;
    }

    /** It was shown, and the connection has ended before the server said yes or no. */
    void unjudged() {
        latest = null;
    }

    /** The server wants another one, or there is none but the one it has refused; false if that is settled. */
    boolean refused() {
        refusals++;
        refused = latest;
        return refusals <= MOST_REFUSALS;
    }

    /** How long to wait before the next is asked for. */
    Duration pause(Duration usual) {
        return refusals > 1 && usual.compareTo(PATIENCE) < 0 ? PATIENCE : usual;
    }
}

package dev.roomcast.client;

import org.jspecify.annotations.Nullable;

/** The token that the server was shown last, and what it said to it. Guarded by the session's lock. */
final class ShownTokens {

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

    /**
     * The server wants another one; false if that is settled. Once more, if what was refused was good until now; a new one that
     * is refused, too, settles it.
     */
    boolean refused() {
        refusals++;
        refused = latest;
        return refusals < 2;
    }
}

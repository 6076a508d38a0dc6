package dev.roomcast.guard;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who someone is, as an {@link Authenticator} vouches for it. Immutable if the claims are.
 *
 * @param userId the user; a name as {@link Names} allows it
 * @param expiresAt until when this holds; null for as long as the connection lives. A client may refresh it before, with an
 *     {@code auth} message; if it does not, its connection is closed
 * @param claims what else is known of the user, for {@link Access} and the host's handler; never sent to anyone
 */
public record Identity(String userId, @Nullable Instant expiresAt, Map<String, Object> claims) {

    /**
     * Copies the claims.
     *
     * @param userId the user
     * @param expiresAt until when this holds, or null
     * @param claims what else is known, without nulls
     */
    public Identity {
        claims = Map.copyOf(claims);
    }

    /**
     * A user, without expiry and claims.
     *
     * @param userId the user
     * @return the identity
     */
    public static Identity of(String userId) {
        return new Identity(userId, null, Map.of());
    }

    /**
     * The same with an expiry.
     *
     * @param instant until when it holds
     * @return a copy
     */
    public Identity until(@Nullable Instant instant) {
        return new Identity(userId, instant, claims);
    }

    /**
     * The same with claims.
     *
     * @param known what else is known of the user
     * @return a copy
     */
    public Identity with(Map<String, Object> known) {
        return new Identity(userId, expiresAt, known);
    }

    /** Names the user only: claims may be private. */
    @Override
    public String toString() {
        return "Identity[" + userId + "]";
    }
}

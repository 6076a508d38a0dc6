package com.example.chat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.roomcast.guard.Identity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Tokens that say who someone is: JSON Web Tokens with the user as {@code sub}, signed with a secret that only servers know.
 * An application that logs its users in issues such tokens itself, and keeps {@link #verify} alone.
 */
final class Tokens {

    /** RFC 7518 section 3.2: the key of HS256 is at least as long as its hash. Whoever guesses it is anyone they like. */
    static final int SHORTEST_SECRET = 32;

    private final Algorithm algorithm;
    private final JWTVerifier verifier;

    Tokens(String secret) {
        byte[] key = secret.getBytes(StandardCharsets.UTF_8);
        if (key.length < SHORTEST_SECRET) {
            throw new IllegalArgumentException("the secret has " + key.length + " bytes, and HS256 needs at least "
                    + SHORTEST_SECRET + " (RFC 7518, section 3.2)");
        }
        algorithm = Algorithm.HMAC256(key);
        // Pins the algorithm: what the token's own header asks for counts for nothing, or "none" would do.
        verifier = JWT.require(algorithm).build();
    }

    String issue(String user, Duration lifetime) {
        return JWT.create()
                .withSubject(user)
                .withExpiresAt(Instant.now().plus(lifetime))
                .sign(algorithm);
    }

    /** Who the bearer of a token is, until the token expires; null if it proves nothing, or for ever. */
    CompletionStage<Identity> verify(String token) {
        return CompletableFuture.completedFuture(identityOf(token));
    }

    private Identity identityOf(String token) {
        try {
            DecodedJWT verified = verifier.verify(token);
            Instant expiry = verified.getExpiresAtAsInstant();
            // RFC 7515 section 4.1.11: "crit" names what must be understood, and nothing of it is understood here.
            boolean isUsable = expiry != null && verified.getHeaderClaim("crit").isMissing();
            // Not getSubject(), which makes a text of a number.
            return isUsable && verified.getClaim("sub").as(Object.class) instanceof String user
                    ? Identity.of(user).until(expiry)
                    : null;
        } catch (JWTVerificationException refused) {
            // Not logged: its message can quote parts of the token.
            return null;
        }
    }
}

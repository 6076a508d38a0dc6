package dev.roomcast.guard;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who someone is. With an authenticator the {@code user} of the URL is never believed.
 *
 * <p>Asked first with the handshake alone. Who is known by it (a session cookie, a header, the container's principal) is in
 * at once. If the answer is null the client has to send {@code {"type":"auth","token":"…"}} as its first message, within
 * ten seconds from opening ({@code Limit.AUTH_DEADLINE}) whatever else it sends; then the authenticator is asked again,
 * with the token, and null means no.
 *
 * <p>Called on the thread of the container or of the hub: it must not block, and answers through the stage, on any thread.
 * A failed stage, an exception, and no answer within the deadline mean that it cannot be found out now: the connection is
 * closed with 4503, and its client comes back later. What failed is logged by its class alone, since a message might quote the
 * token.
 */
@FunctionalInterface
public interface Authenticator {

    /**
     * Finds out who someone is.
     *
     * @param credentials what was shown
     * @return completes with who it is; with null if this does not say. One that fails, or is not there because of an exception,
     *     says that it cannot be found out now: the connection is closed with 4503, and its client comes back later
     */
    CompletionStage<@Nullable Identity> authenticate(Credentials credentials);

    /**
     * An authenticator that looks at the token of the first message, and at nothing else.
     *
     * @param verify from token to identity. Null is a no, and so is an exception that it throws right away, as libraries do for
     *     a wrong token; it is logged by the name of its class. A stage that fails is an outage, see {@link #authenticate}
     * @return the authenticator
     */
    static Authenticator token(Function<String, ? extends CompletionStage<@Nullable Identity>> verify) {
        return credentials -> {
            String token = credentials.token();
            if (token == null) {
                return CompletableFuture.completedFuture(null);
            }
            try {
                return verify.apply(token);
            } catch (RuntimeException wrong) {
                // What it says may quote the token.
                System.getLogger("dev.roomcast")
                        .log(
                                System.Logger.Level.WARNING,
                                "A token was refused by {0}",
                                wrong.getClass().getName());
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /**
     * An authenticator that believes the container: whom it has authenticated is in, anyone else is not.
     *
     * @return the authenticator
     */
    static Authenticator principal() {
        return credentials -> CompletableFuture.completedFuture(credentials
                .handshake()
                .principal()
                .map(principal -> Identity.of(principal.getName()))
                .orElse(null));
    }
}
